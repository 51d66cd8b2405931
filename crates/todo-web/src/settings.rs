//! The flags and environment variables of todo-web.

use std::{ffi::OsString, path::PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, Parser};

use crate::{
    host::host,
    store::{Password, Server, Store},
};

/// A to-do list, on Postgres or in a file.
///
/// Without settings the list is in the file todo.db in the current folder. With PGHOST it is on that Postgres server; the
/// password comes from the variable PGPASSWORD or from a file.
#[derive(Clone, Debug, Parser)]
// An item of 500 characters has 6,000 bytes in a form at most. What may be sent at once is memory that clients can claim.
#[command(version, mut_arg("max_body_bytes", |arg| arg.default_value("8192")))]
pub struct Settings {
    /// The database for the items.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// The settings that all services share.
    #[command(flatten)]
    pub service: service::Settings,
}

/// The database for the items, in libpq's names.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where the items are kept")]
pub struct DatabaseSettings {
    /// Postgres server: a name, an address, or the folder of its Unix socket. Without it the items are in a file.
    #[arg(long, env = "PGHOST", value_parser = host, allow_negative_numbers = true)]
    pub pg_host: Option<String>,
    /// Port of the server (1 to 65535) [default: 5432].
    #[arg(long, env = "PGPORT", value_parser = service::whole(1..=u16::MAX), allow_negative_numbers = true)]
    pub pg_port: Option<u16>,
    /// Database on the server [default: todo].
    #[arg(long, env = "PGDATABASE")]
    pub pg_database: Option<String>,
    /// User of the database [default: todo].
    #[arg(long, env = "PGUSER")]
    pub pg_user: Option<String>,
    /// File whose first line is the user's password.
    #[arg(long, env = "PGPASSWORD_FILE")]
    pub pg_password_file: Option<PathBuf>,
    /// Whether the connection has to be encrypted, in libpq's words. It never is, so that only disable, allow and prefer are
    /// possible [default: prefer].
    #[arg(long, env = "PGSSLMODE", value_parser = ssl_mode)]
    pub pg_ssl_mode: Option<String>,
    /// File with the items if no server is named; it is created if it is missing.
    #[arg(long, env = "SQLITE_FILE", default_value = "todo.db")]
    pub sqlite_file: PathBuf,
}

/// What names a server to libpq as well, and is not read here.
const UNREAD: [&str; 2] = ["PGHOSTADDR", "PGSERVICE"];

impl DatabaseSettings {
    /// The database that the settings and PGPASSWORD name. It is not connected to yet.
    ///
    /// # Errors
    /// A misconfiguration that retrying cannot fix: a file or folder that does not exist, two passwords, or a part of what
    /// names a server without PGHOST.
    pub fn store(self, variable: impl Fn(&str) -> Option<OsString>) -> anyhow::Result<Store> {
        // An empty value counts as unset, as it does for libpq.
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let set = |value: Option<String>| value.filter(|value| !value.is_empty());
        let (host, database, user) = (set(self.pg_host), set(self.pg_database), set(self.pg_user));
        let password_file = self.pg_password_file;
        let pgpassword = variable("PGPASSWORD");
        let Some(host) = host else {
            let of_server = [
                ("PGPORT", self.pg_port.is_some()),
                ("PGDATABASE", database.is_some()),
                ("PGUSER", user.is_some()),
                ("PGPASSWORD", pgpassword.is_some()),
                ("PGPASSWORD_FILE", password_file.is_some()),
                ("PGSSLMODE", set(self.pg_ssl_mode).is_some()),
            ];
            let of_server = of_server
                .into_iter()
                .filter_map(|(name, set)| set.then_some(name));
            let unread = UNREAD.into_iter().filter(|name| variable(name).is_some());
            return match of_server.chain(unread).next() {
                // Whoever has named a part of a server would look for the items there.
                Some(name) => bail!(
                    "{name} is set, and PGHOST is not: set PGHOST too for a Postgres server, or unset {name} for the file \
                     {}",
                    self.sqlite_file.display()
                ),
                None => sqlite(self.sqlite_file),
            };
        };
        let password = match (password_file, pgpassword) {
            (Some(_), Some(_)) => bail!("both PGPASSWORD and PGPASSWORD_FILE are set: set only one of them"),
            (Some(file), None) => Password::File(file),
            (None, Some(text)) => {
                let text = text
                    .into_string()
                    .ok()
                    .context("PGPASSWORD is not UTF-8: use PGPASSWORD_FILE")?;
                Password::Text(text)
            }
            (None, None) => Password::None,
        };
        Ok(Store::postgres(Server {
            host,
            port: self.pg_port.unwrap_or(5432),
            database: database.unwrap_or_else(|| "todo".into()),
            user: user.unwrap_or_else(|| "todo".into()),
            password,
        })?)
    }
}

/// Refuses what would otherwise be passed over: a connection in clear, to somebody who asked for an encrypted one.
fn ssl_mode(text: &str) -> Result<String, String> {
    match text {
        "" | "disable" | "allow" | "prefer" => Ok(text.to_owned()),
        "require" | "verify-ca" | "verify-full" => Err(
            "this program cannot encrypt its connection to Postgres; give disable, allow or prefer, and put a proxy that \
             encrypts beside it (such as PgBouncer or stunnel) where the network is not trusted"
                .to_owned(),
        ),
        _ => Err("give disable, allow or prefer".to_owned()),
    }
}

fn sqlite(file: PathBuf) -> anyhow::Result<Store> {
    let advice = "set SQLITE_FILE to a file in an existing folder, or PGHOST to a Postgres server";
    ensure!(!file.is_dir(), "{} is a folder: {advice}", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        ensure!(
            folder.is_dir(),
            "there is no folder {}: {advice}",
            folder.display()
        );
    }
    Ok(Store::sqlite(file))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Settings;

    /// The database that flags and a password name, or the error.
    fn place(flags: &[&str], pgpassword: Option<&str>) -> Result<String, String> {
        let flags = ["todo-web"].iter().chain(flags);
        let settings = Settings::try_parse_from(flags).map_err(|error| error.to_string())?;
        let variable = |name: &str| {
            let password = pgpassword.filter(|_| name == "PGPASSWORD");
            password.map(Into::into)
        };
        let store = settings.database.store(variable);
        store
            .map(|store| store.to_string())
            .map_err(|error| format!("{error:#}"))
    }

    #[tokio::test]
    async fn a_host_means_postgres_and_none_a_file() {
        assert_eq!(place(&[], None).unwrap(), "SQLite in the file todo.db");
        assert_eq!(
            place(&["--pg-host="], Some("")).unwrap(),
            "SQLite in the file todo.db"
        );
        assert_eq!(
            place(&["--pg-host=todo-db", "--pg-port=15432"], Some("secret")).unwrap(),
            "Postgres at todo-db:15432, database todo"
        );
    }

    #[tokio::test]
    async fn a_part_of_a_server_is_no_file() {
        for (flag, name) in [
            ("--pg-port=5432", "PGPORT"),
            ("--pg-database=todo", "PGDATABASE"),
            ("--pg-user=todo", "PGUSER"),
            ("--pg-password-file=/no/such", "PGPASSWORD_FILE"),
            ("--pg-ssl-mode=prefer", "PGSSLMODE"),
        ] {
            for flags in [&[flag][..], &[flag, "--pg-host="]] {
                let error = place(flags, None).unwrap_err();
                let both =
                    format!("set PGHOST too for a Postgres server, or unset {name} for the file todo.db");
                assert!(error.contains(&both), "{error}");
            }
        }
        assert!(
            place(&[], Some("geheim"))
                .unwrap_err()
                .contains("PGPASSWORD is set")
        );
        let settings = Settings::parse_from(["todo-web"]);
        let other = |name: &str| (name == "PGHOSTADDR").then(|| "10.0.0.1".into());
        assert!(settings.database.store(other).is_err());
        for unset in ["--pg-database=", "--pg-user=", "--pg-ssl-mode="] {
            assert_eq!(place(&[unset], None).unwrap(), "SQLite in the file todo.db");
        }
        assert!(
            place(&["--pg-host=-1"], None)
                .unwrap_err()
                .contains("the name of a host")
        );
    }

    #[tokio::test]
    async fn a_misconfiguration_is_refused_with_advice() {
        for (flags, expected) in [
            (
                ["--pg-host=x", "--pg-password-file=/no/such"],
                "both PGPASSWORD and PGPASSWORD_FILE",
            ),
            (
                ["--pg-host=x", "--pg-port=0"],
                "give a whole number from 1 to 65535",
            ),
            (
                ["--pg-host=x", "--pg-port=-1"],
                "give a whole number from 1 to 65535",
            ),
        ] {
            let error = place(&flags, Some("geheim")).unwrap_err();
            assert!(error.contains(expected) && !error.contains("geheim"), "{error}");
        }
        let absent = place(&["--sqlite-file=/no/such/folder/todo.db"], None).unwrap_err();
        assert!(absent.contains("there is no folder /no/such/folder"), "{absent}");
        let folder = place(&["--sqlite-file=/"], None).unwrap_err();
        assert!(folder.contains("is a folder"), "{folder}");
        let missing = place(&["--pg-host=x", "--pg-password-file=/no/such"], None).unwrap_err();
        assert!(missing.contains("could not be read from /no/such"), "{missing}");
        let empty = place(&["--pg-host=x", "--pg-password-file=/dev/null"], None).unwrap_err();
        assert_eq!(empty.matches("empty").count(), 1, "{empty}");
        for (mode, possible) in [
            ("disable", true),
            ("prefer", true),
            ("", true),
            ("require", false),
            ("verify-full", false),
            ("on", false),
        ] {
            let place = place(&["--pg-host=x", &format!("--pg-ssl-mode={mode}")], None);
            assert_eq!(place.is_ok(), possible, "{mode}: {place:?}");
        }
    }
}
