//! Databases of other versions of the program. The recorded ones have the checksums of the migrations as they were
//! published, so that no later edit of those files goes unnoticed: sqlx would refuse every database that is in use.

use sqlx::{ConnectOptions, raw_sql, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use crate::{client::Client, postgres::Postgres};

/// What a newer program would have noted in a database, in the words of both.
const OF_A_NEWER_PROGRAM: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
     VALUES (9999, 'to come', true, '', 1)";

async fn the_list_goes_on(client: Client, id: u128) {
    client.until_ready().await;
    assert!(client.texts().await.contains(&"from before".to_owned()));
    assert_eq!(client.add(Uuid::from_u128(id), "new").await, 303);
}

#[tokio::test]
async fn a_server_of_another_version_is_used_as_it_is() {
    let database = Postgres::start().await;
    database.run(include_str!("old/postgres.sql")).await;
    the_list_goes_on(Client::of(database.store()), 1).await;
    database.run(OF_A_NEWER_PROGRAM).await;
    the_list_goes_on(Client::of(database.store()), 2).await;
}

#[tokio::test]
async fn a_file_of_another_version_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("todo.db"))
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    for (statements, id) in [(include_str!("old/sqlite.sql"), 1), (OF_A_NEWER_PROGRAM, 2)] {
        raw_sql(statements).execute(&mut connection).await.unwrap();
        the_list_goes_on(Client::with_file(folder.path()).await, id).await;
    }
}
