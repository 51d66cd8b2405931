//! What makes a database's tables, in order.
//!
//! Listed by hand: the macro of sqlx that reads a folder compiles sqlx, and SQLite with it, a second time.

use sqlx::{
    SqlStr,
    migrate::{Migration, MigrationType::Simple, Migrator},
};

/// A file of `migrations/postgres` for each: its number, its description and what is in it.
const POSTGRES: [(i64, &str, &str); 1] = [(
    1,
    "items",
    include_str!("../../migrations/postgres/0001_items.sql"),
)];

/// The same of `migrations/sqlite`.
const SQLITE: [(i64, &str, &str); 1] = [(1, "items", include_str!("../../migrations/sqlite/0001_items.sql"))];

/// For a Postgres server.
pub(super) fn postgres() -> Migrator {
    migrator(&POSTGRES)
}

/// For an SQLite file.
pub(super) fn sqlite() -> Migrator {
    migrator(&SQLITE)
}

fn migrator(files: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |&(version, description, sql): &(i64, &'static str, &'static str)| {
        Migration::new(
            version,
            description.into(),
            Simple,
            SqlStr::from_static(sql),
            false,
        )
    };
    let mut migrator = Migrator::with_migrations(files.iter().map(migration).collect());
    // Those of a newer program.
    migrator.set_ignore_missing(true);
    migrator
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_file_is_listed_under_its_name() {
        for (folder, listed) in [("postgres", &POSTGRES), ("sqlite", &SQLITE)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(folder);
            let mut files: Vec<_> = fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let names: Vec<_> = listed
                .iter()
                .map(|(version, description, _)| format!("{version:04}_{description}.sql"))
                .collect();
            assert_eq!(files, names, "{}", folder.display());
        }
    }
}
