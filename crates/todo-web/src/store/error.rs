//! Why a database could not answer.

use std::{io, path::PathBuf};

use sqlx::{error::DatabaseError, migrate::MigrateError};

/// Why the database could not answer. No message contains the password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, or refuses.
    #[error("{error}{advice}", error = .0, advice = advice(.0))]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the tables could not be made: {0}")]
    Migrate(#[from] MigrateError),
    /// The server takes no changes.
    #[error(
        "the database is read-only, as a standby is; PGHOST has to lead to the server that takes changes (and \
         default_transaction_read_only has to be off there)"
    )]
    ReadOnly,
    /// The password file cannot be read.
    #[error("the password could not be read from {}: {cause}; PGPASSWORD_FILE is to name a file whose first line it is", file.display())]
    Password {
        /// The path that PGPASSWORD_FILE names.
        file: PathBuf,
        /// The cause. It is a part of the message, and no source, which would be told once more.
        cause: io::Error,
    },
}

impl Error {
    /// Whether the database works but for changes.
    pub(crate) fn is_read_only(&self) -> bool {
        match self {
            Self::ReadOnly => true,
            Self::Database(error) => has_code(error, READ_ONLY_TRANSACTION),
            Self::Migrate(_) | Self::Password { .. } => false,
        }
    }
}

/// Postgres' codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const READ_ONLY_TRANSACTION: &str = "25006";
const INVALID_PASSWORD: &str = "28P01";

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(DatabaseError::code).as_deref() == Some(code)
}

/// What helps, where the server's own words do not say it.
fn advice(error: &sqlx::Error) -> &'static str {
    if has_code(error, INVALID_PASSWORD) {
        "; a database keeps the password that it was made with: if the Secret or file was changed since, give it the old \
         one again, or change the database's with ALTER ROLE … PASSWORD"
    } else {
        ""
    }
}
