//! Where items are kept. It knows nothing of HTTP.

mod postgres;
mod sqlite;

use std::{fmt, io, path::PathBuf};

use sqlx::{Connection as _, migrate::MigrateError};
use uuid::Uuid;

use crate::item::{Item, ItemText};
pub use postgres::{Password, Server};

/// How many items are listed at once.
pub const PAGE: i64 = 50;

/// A database. Clones share its connections.
///
/// Nothing here connects before it is asked to do something, and nothing sets a deadline: whoever asks does, and may
/// drop what takes too long.
#[derive(Clone, Debug)]
pub enum Store {
    /// On a server.
    Postgres(postgres::Postgres),
    /// In a file.
    Sqlite(sqlite::Sqlite),
}

/// Some of the items: one page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Open ones first; in each part the newest first.
    pub items: Vec<Item>,
    /// How many are open, on all pages.
    pub open: i64,
    /// How many are done.
    pub completed: i64,
    /// Which page this is, from 1.
    pub page: i64,
    /// How many there are, at least 1.
    pub pages: i64,
}

/// What a database answered in place of an answer. No message has the password in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be reached, or refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Its tables could not be made.
    #[error("the tables could not be made: {0}")]
    Migrate(#[from] MigrateError),
    /// The file with the password could not be read.
    #[error("the password could not be read from {}: {source}; PGPASSWORD_FILE is to name a file with nothing else in it", file.display())]
    Password {
        /// The file.
        file: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

impl Store {
    /// A server, of which nothing is asked yet.
    ///
    /// # Errors
    /// The file with the password cannot be read.
    pub fn postgres(server: Server) -> Result<Self, Error> {
        postgres::Postgres::new(server).map(Self::Postgres)
    }

    /// A file, which is made when it is first needed.
    #[must_use]
    pub fn sqlite(file: PathBuf) -> Self {
        Self::Sqlite(sqlite::Sqlite::new(file))
    }

    /// Opens a connection of its own, whose error says more than that of a pool would.
    ///
    /// # Errors
    /// The database cannot be reached, or refuses.
    pub async fn connect(&self) -> Result<Connection, Error> {
        match self {
            Self::Postgres(store) => store.connect().await.map(Connection::Postgres),
            Self::Sqlite(store) => store.connect().await.map(Connection::Sqlite),
        }
    }

    /// Looks whether items could be listed now.
    ///
    /// # Errors
    /// They could not.
    pub async fn check(&self) -> Result<(), Error> {
        match self {
            Self::Postgres(store) => store.check().await,
            Self::Sqlite(store) => store.check().await,
        }
    }

    /// Adds an item, and says whether it was new. Safe to repeat: the same id is added once.
    ///
    /// # Errors
    /// It may not have been added.
    pub async fn add(&self, id: Uuid, text: &ItemText) -> Result<bool, Error> {
        match self {
            Self::Postgres(store) => store.add(id, text).await,
            Self::Sqlite(store) => store.add(id, text).await,
        }
    }

    /// Marks an item as done, or as open again, and says whether there is such an item. Safe to repeat.
    ///
    /// # Errors
    /// It may not have been marked.
    pub async fn set_completed(&self, id: Uuid, completed: bool) -> Result<bool, Error> {
        match self {
            Self::Postgres(store) => store.set_completed(id, completed).await,
            Self::Sqlite(store) => store.set_completed(id, completed).await,
        }
    }

    /// Deletes an item, and says whether there was one. Safe to repeat.
    ///
    /// # Errors
    /// It may not have been deleted.
    pub async fn delete(&self, id: Uuid) -> Result<bool, Error> {
        match self {
            Self::Postgres(store) => store.delete(id).await,
            Self::Sqlite(store) => store.delete(id).await,
        }
    }

    /// The items of a page, from 1; of the last one if there are not so many.
    ///
    /// # Errors
    /// They could not be read.
    pub async fn list(&self, page: u32) -> Result<Listing, Error> {
        match self {
            Self::Postgres(store) => store.list(page).await,
            Self::Sqlite(store) => store.list(page).await,
        }
    }
}

impl fmt::Display for Store {
    /// Where the items are, for people.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(store) => store.fmt(formatter),
            Self::Sqlite(store) => store.fmt(formatter),
        }
    }
}

/// A connection of its own, for the migrations.
#[derive(Debug)]
pub enum Connection {
    /// To a server.
    Postgres(sqlx::PgConnection),
    /// To a file.
    Sqlite(sqlx::SqliteConnection),
}

impl Connection {
    /// Makes the tables, or what they lack, and closes the connection. It does nothing where nothing is lacking.
    ///
    /// Replicas that start together wait for each other at an advisory lock on Postgres; it belongs to the connection, and
    /// so it is never in the pool, where a connection would keep it. SQLite has no such lock: there, one of two that
    /// meet fails, and succeeds when it tries again.
    ///
    /// # Errors
    /// The tables are not as they should be.
    pub async fn migrate(self) -> Result<(), Error> {
        match self {
            // `run` does the same, but its future cannot be sent to another thread (rust-lang/rust#64552).
            Self::Postgres(mut connection) => {
                postgres::migrations()
                    .run_direct(None, &mut connection, false)
                    .await?;
                connection.close().await?;
            }
            Self::Sqlite(mut connection) => {
                sqlite::migrations()
                    .run_direct(None, &mut connection, false)
                    .await?;
                connection.close().await?;
            }
        }
        Ok(())
    }
}

impl Listing {
    /// The page without its items, of so many items in all.
    fn of(open: i64, completed: i64, page: u32) -> Self {
        let pages = ((open + completed + PAGE - 1) / PAGE).max(1);
        Self {
            items: Vec::new(),
            open,
            completed,
            page: i64::from(page).clamp(1, pages),
            pages,
        }
    }

    /// How many items come before it.
    fn offset(&self) -> i64 {
        (self.page - 1) * PAGE
    }
}

#[cfg(test)]
mod tests {
    use super::Listing;

    #[test]
    fn there_is_always_a_page_and_none_after_the_last() {
        for (items, page, expected) in [
            (0, 1, (1, 1, 0)),
            (50, 2, (1, 1, 0)),
            (51, 2, (2, 2, 50)),
            (10_000, 0, (1, 200, 0)),
            (10_000, u32::MAX, (200, 200, 9950)),
        ] {
            let listing = Listing::of(items, 0, page);
            assert_eq!(
                (listing.page, listing.pages, listing.offset()),
                expected,
                "{items} {page}"
            );
        }
    }
}
