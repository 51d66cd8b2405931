//! Items in an SQLite file.

use std::{fmt, path::PathBuf, time::Duration};

use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool, query, query_as,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use time::OffsetDateTime;
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    error::Error,
    listing::{Listing, PAGE},
};
use crate::item::{Item, ItemText};

/// The most connections for requests. Only one of them can write at a time.
const CONNECTIONS: u32 = 4;
/// How long a request waits for a connection, and for others to finish writing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Items in a file. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Sqlite {
    file: PathBuf,
    pool: SqlitePool,
}

impl fmt::Display for Sqlite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SQLite in the file {}", self.file.display())
    }
}

impl Sqlite {
    pub(super) fn new(file: PathBuf) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options(&file));
        Self { file, pool }
    }

    pub(super) async fn connect(&self) -> Result<SqliteConnection, Error> {
        Ok(options(&self.file).connect().await?)
    }

    pub(super) async fn add(&self, id: Uuid, text: &ItemText) -> Result<bool, Error> {
        let done = query("INSERT INTO items (id, text) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(id.hyphenated())
            .bind(text.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn set_completed(&self, id: Uuid, completed: bool) -> Result<bool, Error> {
        let done = query(
            "UPDATE items SET completed_at = \
             CASE WHEN $2 THEN coalesce(completed_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END WHERE id = $1",
        )
        .bind(id.hyphenated())
        .bind(completed)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn delete(&self, id: Uuid) -> Result<bool, Error> {
        let done = query("DELETE FROM items WHERE id = $1")
            .bind(id.hyphenated())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn list(&self, page: u32) -> Result<Listing, Error> {
        let (open, completed) =
            query_as("SELECT count(*) - count(completed_at), count(completed_at) FROM items")
                .fetch_one(&self.pool)
                .await?;
        let mut listing = Listing::of(open, completed, page);
        let rows: Vec<(Hyphenated, String, OffsetDateTime, Option<OffsetDateTime>)> = query_as(
            "SELECT id, text, created_at, completed_at FROM items \
             ORDER BY completed_at IS NOT NULL, coalesce(completed_at, created_at) DESC, id LIMIT $1 OFFSET $2",
        )
        .bind(PAGE)
        .bind(listing.offset())
        .fetch_all(&self.pool)
        .await?;
        listing.items = rows
            .into_iter()
            .map(|(id, text, created_at, completed_at)| Item {
                id: id.into_uuid(),
                text,
                created_at,
                completed_at,
            })
            .collect();
        Ok(listing)
    }
}

fn options(file: &PathBuf) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        // Readers do not wait for writers, and each commit reaches the disk before it is confirmed.
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .disable_statement_logging()
}
