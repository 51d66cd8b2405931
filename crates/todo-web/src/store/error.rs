//! Why a database could not answer.

use std::{io, path::PathBuf};

use sqlx::migrate::MigrateError;

/// Why the database could not answer. No message contains the password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, or refuses.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the tables could not be made: {0}")]
    Migrate(#[from] MigrateError),
    /// The password file cannot be read.
    #[error("the password could not be read from {}: {source}; PGPASSWORD_FILE is to name a file with nothing else in it", file.display())]
    Password {
        /// The path that PGPASSWORD_FILE names.
        file: PathBuf,
        /// The cause.
        source: io::Error,
    },
}
