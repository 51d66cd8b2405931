//! Items on a Postgres server.

use std::{
    fmt, fs, io,
    ops::{Deref, DerefMut},
    path::PathBuf,
    time::Duration,
};

use sqlx::{
    ConnectOptions, PgConnection, PgPool, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    query, query_as,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Error, Listing, PAGE};
use crate::item::{Item, ItemText};

/// Most connections of one replica, beside the one that migrates. A server has room for 97 unless it is told otherwise.
const CONNECTIONS: u32 = 5;
/// How long to wait for one of them; sqlx goes on trying where a connection is refused, for 30 s unless it is told.
const ACQUIRE: Duration = Duration::from_secs(1);
/// When one that nobody uses is closed. After the loss of a machine, each idle one costs a failed attempt.
const IDLE: Duration = Duration::from_secs(60);
/// When the server gives up a statement, in milliseconds: later than any client waits.
const STATEMENT_MS: &str = "1500";
/// The same for migrations, and for the wait until another replica is done with them.
const MIGRATION_MS: &str = "10000";

/// A server and who one is there.
#[derive(Clone, Debug)]
pub struct Server {
    /// A name, an address, or the folder of a Unix socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database on it.
    pub database: String,
    /// The user.
    pub user: String,
    /// Their password.
    pub password: Password,
}

/// A password, which no message shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// The server asks for none.
    None,
    /// This one.
    Text(String),
    /// The content of a file, read anew after each failure: a Secret that changes reaches the file by itself.
    File(PathBuf),
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Text(_) => formatter.write_str("(not shown)"),
            Self::File(file) => write!(formatter, "in {}", file.display()),
        }
    }
}

impl Password {
    fn read(&self) -> Result<Option<String>, Error> {
        let file = match self {
            Self::None => return Ok(None),
            Self::Text(text) => return Ok(Some(text.clone())),
            Self::File(file) => file,
        };
        let unusable = |source| Error::Password {
            file: file.clone(),
            source,
        };
        let text = fs::read_to_string(file).map_err(unusable)?;
        // Editors end a file with a line break, which nobody means to be part of a password.
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(unusable(io::Error::other("it is empty")));
        }
        Ok(Some(text.to_owned()))
    }
}

impl Server {
    fn options(&self) -> Result<PgConnectOptions, Error> {
        let options = PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .username(&self.user)
            .ssl_mode(PgSslMode::Disable)
            .application_name("todo-web")
            // At the level debug each statement would be logged, with nobody asking for it.
            .disable_statement_logging();
        Ok(match self.password.read()? {
            Some(password) => options.password(&password),
            None => options.password(""),
        })
    }
}

/// Items on a server. Clones share their connections.
#[derive(Clone)]
pub struct Postgres {
    server: Server,
    pool: PgPool,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool would show what it connects with.
        formatter
            .debug_struct("Postgres")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Postgres {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Server {
            host, port, database, ..
        } = &self.server;
        write!(formatter, "Postgres at {host}:{port}, database {database}")
    }
}

/// What the server has to have. Versions that this program does not know are those of a newer one, beside or before it:
/// whoever goes back to an older program wants it to start.
pub(super) fn migrations() -> Migrator {
    let mut migrations = Migrator::with_migrations(vec![Migration::new(
        1,
        "items".into(),
        MigrationType::Simple,
        include_str!("../../migrations/postgres/0001_items.sql").into_sql_str(),
        false,
    )]);
    migrations.set_ignore_missing(true);
    migrations
}

impl Postgres {
    pub(super) fn new(server: Server) -> Result<Self, Error> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(IDLE)
            .connect_lazy_with(server.options()?.options([("statement_timeout", STATEMENT_MS)]));
        Ok(Self { server, pool })
    }

    pub(super) async fn connect(&self) -> Result<PgConnection, Error> {
        let options = self.server.options()?;
        let connection = options
            .clone()
            .options([("statement_timeout", MIGRATION_MS)])
            .connect()
            .await?;
        // The password that has just been accepted.
        self.pool
            .set_connect_options(options.options([("statement_timeout", STATEMENT_MS)]));
        Ok(connection)
    }

    pub(super) async fn check(&self) -> Result<(), Error> {
        let mut lent = self.lend().await?;
        query("SELECT id FROM items LIMIT 1").execute(&mut **lent).await?;
        lent.give_back();
        Ok(())
    }

    pub(super) async fn add(&self, id: Uuid, text: &ItemText) -> Result<bool, Error> {
        let mut lent = self.lend().await?;
        let done = query("INSERT INTO items (id, text) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(text.as_str())
            .execute(&mut **lent)
            .await?;
        lent.give_back();
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn set_completed(&self, id: Uuid, completed: bool) -> Result<bool, Error> {
        let mut lent = self.lend().await?;
        let done = query("UPDATE items SET completed_at = CASE WHEN $2 THEN coalesce(completed_at, now()) END WHERE id = $1")
            .bind(id)
            .bind(completed)
            .execute(&mut **lent)
            .await?;
        lent.give_back();
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn delete(&self, id: Uuid) -> Result<bool, Error> {
        let mut lent = self.lend().await?;
        let done = query("DELETE FROM items WHERE id = $1")
            .bind(id)
            .execute(&mut **lent)
            .await?;
        lent.give_back();
        Ok(done.rows_affected() > 0)
    }

    pub(super) async fn list(&self, page: u32) -> Result<Listing, Error> {
        let mut lent = self.lend().await?;
        let (open, completed) =
            query_as("SELECT count(*) - count(completed_at), count(completed_at) FROM items")
                .fetch_one(&mut **lent)
                .await?;
        let mut listing = Listing::of(open, completed, page);
        let rows: Vec<(Uuid, String, OffsetDateTime, Option<OffsetDateTime>)> = query_as(
            "SELECT id, text, created_at, completed_at FROM items \
             ORDER BY completed_at IS NOT NULL, coalesce(completed_at, created_at) DESC, id LIMIT $1 OFFSET $2",
        )
        .bind(PAGE)
        .bind(listing.offset())
        .fetch_all(&mut **lent)
        .await?;
        lent.give_back();
        let items = rows.into_iter().map(|(id, text, created_at, completed_at)| Item {
            id,
            text,
            created_at,
            completed_at,
        });
        listing.items = items.collect();
        Ok(listing)
    }

    async fn lend(&self) -> Result<Lent, Error> {
        Ok(Lent {
            connection: self.pool.acquire().await?,
            usable: false,
        })
    }
}

/// A connection that goes back to the pool only if its work was done, and is closed otherwise.
///
/// A request that is given up drops it in the middle of a conversation. The pool would wait for the end of that, without
/// a bound, and one of its places with it: after some minutes without a network none would be left.
struct Lent {
    connection: PoolConnection<sqlx::Postgres>,
    usable: bool,
}

impl Lent {
    fn give_back(mut self) {
        self.usable = true;
    }
}

impl Deref for Lent {
    type Target = PoolConnection<sqlx::Postgres>;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.usable {
            self.connection.close_on_drop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Password, Postgres, Server};

    fn server(password: Password) -> Server {
        Server {
            host: "todo-db".into(),
            port: 5432,
            database: "todo".into(),
            user: "todo".into(),
            password,
        }
    }

    #[tokio::test]
    async fn no_message_shows_the_password() {
        let store = Postgres::new(server(Password::Text("geheim".into()))).unwrap();
        let shown = format!("{store:?} {store} {:?}", store.server);
        assert!(shown.contains("todo-db") && !shown.contains("geheim"), "{shown}");
    }

    #[test]
    fn a_password_file_holds_the_password_and_perhaps_a_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let read = |content: &str| {
            std::fs::write(&file, content).unwrap();
            Password::File(file.clone())
                .read()
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("pass word\n"), Ok(Some("pass word".into())));
        assert!(read("\n").unwrap_err().contains("it is empty"));
        let missing = Password::File(Path::new("/no/such/file").into())
            .read()
            .unwrap_err()
            .to_string();
        assert!(
            missing.contains("/no/such/file") && missing.contains("PGPASSWORD_FILE"),
            "{missing}"
        );
    }
}
