//! Keeps the items, on a Postgres server or in an SQLite file. It knows nothing of HTTP.

mod error;
mod listing;
mod migrations;
mod postgres;
mod sqlite;

use std::{fmt, path::PathBuf};

use sqlx::{query, query_scalar};
use uuid::Uuid;

use crate::item::ItemText;
pub use error::Error;
pub(crate) use listing::Listing;
pub use postgres::{Password, Server};

/// A database. Clones share its connections.
///
/// It connects when it is first asked for something, and sets no deadline: the caller does, by dropping the future.
#[derive(Clone, Debug)]
pub enum Store {
    /// A Postgres server.
    Postgres(postgres::Postgres),
    /// An SQLite file.
    Sqlite(sqlite::Sqlite),
}

impl Store {
    /// Items on a server.
    ///
    /// # Errors
    /// The password file cannot be read.
    pub fn postgres(server: Server) -> Result<Self, Error> {
        postgres::Postgres::new(server).map(Self::Postgres)
    }

    /// Items in a file, which is created with the first connection.
    #[must_use]
    pub fn sqlite(file: PathBuf) -> Self {
        Self::Sqlite(sqlite::Sqlite::new(file))
    }

    /// Opens a connection outside the pool, with the password file read anew. Its error says more than a pool's would.
    ///
    /// # Errors
    /// The database cannot be reached, or refuses; the password file cannot be read.
    pub async fn connect(&self) -> Result<Connection, Error> {
        match self {
            Self::Postgres(store) => store.connect().await.map(Connection::Postgres),
            Self::Sqlite(store) => store.connect().await.map(Connection::Sqlite),
        }
    }

    /// Adds an item unless there is one with this id, and returns whether it did. Safe to repeat.
    ///
    /// # Errors
    /// The item may have been added or not.
    pub(crate) async fn add(&self, id: Uuid, text: &ItemText) -> Result<bool, Error> {
        match self {
            Self::Postgres(store) => store.add(id, text).await,
            Self::Sqlite(store) => store.add(id, text).await,
        }
    }

    /// Marks an item as completed or open, and returns whether there is such an item. Safe to repeat.
    ///
    /// # Errors
    /// The item may have been marked or not.
    pub(crate) async fn set_completed(&self, id: Uuid, completed: bool) -> Result<bool, Error> {
        match self {
            Self::Postgres(store) => store.set_completed(id, completed).await,
            Self::Sqlite(store) => store.set_completed(id, completed).await,
        }
    }

    /// Deletes an item, and returns whether there was one. Safe to repeat.
    ///
    /// # Errors
    /// The item may have been deleted or not.
    pub(crate) async fn delete(&self, id: Uuid) -> Result<bool, Error> {
        match self {
            Self::Postgres(store) => store.delete(id).await,
            Self::Sqlite(store) => store.delete(id).await,
        }
    }

    /// The page of this number, from 1; the last page if there are fewer.
    ///
    /// # Errors
    /// The items cannot be read.
    pub(crate) async fn list(&self, page: u32) -> Result<Listing, Error> {
        match self {
            Self::Postgres(store) => store.list(page).await,
            Self::Sqlite(store) => store.list(page).await,
        }
    }
}

impl fmt::Display for Store {
    /// The place of the items in words, as the page and the log show it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(store) => store.fmt(formatter),
            Self::Sqlite(store) => store.fmt(formatter),
        }
    }
}

/// A connection of its own, which no request uses.
#[derive(Debug)]
pub enum Connection {
    /// To a server.
    Postgres(sqlx::PgConnection),
    /// To a file.
    Sqlite(sqlx::SqliteConnection),
}

impl Connection {
    /// Applies the migrations that the database lacks. Those that it has and this program does not know are a newer
    /// program's; they are left alone, so that an older program can take its place again.
    ///
    /// Replicas that start together wait for each other at an advisory lock on Postgres. The lock ends with the connection:
    /// when a migration fails or is given up, drop it. SQLite has no such lock: one of two that meet fails, and succeeds
    /// when it tries again.
    ///
    /// # Errors
    /// The database cannot be reached, or a migration that it has is not the one of that number here.
    pub(crate) async fn migrate(&mut self) -> Result<(), Error> {
        // `run` does the same as `run_direct`, but its future cannot be sent to another thread (rust-lang/rust#64552).
        match self {
            Self::Postgres(connection) => migrations::postgres().run_direct(None, connection, false).await?,
            Self::Sqlite(connection) => migrations::sqlite().run_direct(None, connection, false).await?,
        }
        Ok(())
    }

    /// Succeeds if items could be listed and changed now.
    ///
    /// # Errors
    /// They could not.
    pub(crate) async fn check(&mut self) -> Result<(), Error> {
        const AN_ITEM: &str = "SELECT id FROM items LIMIT 1";
        match self {
            Self::Postgres(connection) => {
                query(AN_ITEM).execute(&mut *connection).await?;
                let read_only = query_scalar("SELECT current_setting('transaction_read_only') = 'on'");
                if read_only.fetch_one(connection).await? {
                    return Err(Error::ReadOnly);
                }
            }
            Self::Sqlite(connection) => {
                query(AN_ITEM).execute(connection).await?;
            }
        }
        Ok(())
    }
}
