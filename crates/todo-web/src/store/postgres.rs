//! Items on a Postgres server.

use std::{
    fmt, fs, io,
    ops::{Deref, DerefMut},
    path::PathBuf,
    time::Duration,
};

use sqlx::{
    ConnectOptions, PgConnection, PgPool,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    query, query_as,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    error::Error,
    listing::{Listing, PAGE},
};
use crate::item::{Item, ItemText};

/// The most connections for the requests of one replica; the watcher has one more. By default a server accepts 97.
const CONNECTIONS: u32 = 5;
/// How long a request waits for a connection. By default sqlx would retry a refused connection for 30 s.
const ACQUIRE: Duration = Duration::from_secs(1);
/// How long an unused connection stays open. After the loss of a machine, each of them costs a failed attempt.
const IDLE: Duration = Duration::from_secs(60);
/// How long the server works on a statement: as long as a request waits.
const REQUEST_TIME: &str = "SET statement_timeout = '1500ms'";
/// The same for migrations, including the wait for another replica's.
const MIGRATION_TIME: &str = "SET statement_timeout = '10s'";

/// A server, and the user to log in as.
#[derive(Clone, Debug)]
pub struct Server {
    /// A name, an address, or the folder of a Unix socket.
    pub host: String,
    /// The TCP port, also a part of the name of a Unix socket.
    pub port: u16,
    /// The name of the database.
    pub database: String,
    /// The name of the user.
    pub user: String,
    /// The password of the user.
    pub password: Password,
}

/// A password, which no message shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// The server asks for no password.
    None,
    /// The password itself.
    Text(String),
    /// A file with the password. It is read again after each failure, because a Secret that changes changes the file.
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
        let unusable = |cause| Error::Password {
            file: file.clone(),
            cause,
        };
        let text = fs::read_to_string(file).map_err(unusable)?;
        // The first line, without the end that Windows gives it: the database's image reads it so, too.
        let text = text.lines().next().unwrap_or_default().trim_end_matches('\r');
        if text.is_empty() {
            return Err(unusable(io::Error::other("its first line is empty")));
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
            // A part of the start of a connection that PgBouncer refuses, as it does `options`. No number here needs it.
            .extra_float_digits(None)
            // sqlx would log each statement at the level debug.
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
        // The pool would show the password.
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

impl Postgres {
    pub(super) fn new(server: Server) -> Result<Self, Error> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(IDLE)
            .after_connect(|connection, _| {
                Box::pin(async move { query(REQUEST_TIME).execute(connection).await.map(|_| ()) })
            })
            .connect_lazy_with(server.options()?);
        Ok(Self { server, pool })
    }

    pub(super) async fn connect(&self) -> Result<PgConnection, Error> {
        let options = self.server.options()?;
        let mut connection = options.connect().await?;
        query(MIGRATION_TIME).execute(&mut connection).await?;
        // The server has just accepted this password.
        self.pool.set_connect_options(options);
        Ok(connection)
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

/// A connection that goes back to the pool only after its work is done, and is closed otherwise.
///
/// A request that is given up drops its connection in the middle of an exchange. The pool would wait for the end of that
/// exchange without a bound, and keep the place: after some minutes without a network it would have none left.
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
    fn the_password_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let read = |content: &str| {
            std::fs::write(&file, content).unwrap();
            Password::File(file.clone())
                .read()
                .map_err(|error| error.to_string())
        };
        for content in [
            "pass word",
            "pass word\n",
            "pass word\r\n",
            "pass word\r",
            "pass word\nsecond\n",
        ] {
            assert_eq!(read(content), Ok(Some("pass word".into())), "{content:?}");
        }
        for empty in ["", "\n", "\r\n", "\nsecond"] {
            assert!(read(empty).unwrap_err().contains("line is empty"), "{empty:?}");
        }
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
