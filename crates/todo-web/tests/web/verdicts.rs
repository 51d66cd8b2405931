//! What the program thinks of its database, and what it logs of that.

use std::{fs, thread};

use testkit::{DEADLINE, Signal, eventually_async};
use todo_web::{Connection, Password, Store};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::{
    client::Client,
    postgres::{PASSWORD, Postgres},
    program::{add, start},
};

const USABLE: &str = "the database can be used";
const UNUSABLE: &str = "the database can't be used";

fn environment(database: &Postgres) -> [(&str, &str); 3] {
    [
        ("PGHOST", database.host()),
        ("PGDATABASE", "postgres"),
        ("PGPASSWORD", PASSWORD),
    ]
}

#[tokio::test]
async fn requests_that_wait_for_a_lock_do_not_make_the_database_unusable() {
    let database = Postgres::start().await;
    let mut program = start(&environment(&database));
    program.wait_for_log(USABLE);
    let Connection::Postgres(mut other) = database.store().connect().await.unwrap() else {
        unreachable!("the store is one of Postgres")
    };
    let lock = "BEGIN; LOCK TABLE items IN EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
    let log = spawn_blocking(move || {
        thread::scope(|scope| {
            // More than there are connections for requests, each until it is given up, for longer than a look takes.
            let clients: Vec<_> = (0..8)
                .map(|client| {
                    let address = program.address;
                    scope.spawn(move || {
                        for round in 0..2 {
                            let status = add(address, Uuid::from_u128(client * 2 + round), "milk");
                            assert_eq!(status.unwrap(), 503);
                        }
                    })
                })
                .collect();
            while !clients.iter().all(thread::ScopedJoinHandle::is_finished) {
                assert_eq!(program.get("/readyz").status, 200);
            }
        });
        program.signal(Signal::TERM);
        program.signal(Signal::TERM);
        program.log_to_the_end()
    });
    let verdicts: Vec<_> = log
        .await
        .unwrap()
        .into_iter()
        .filter(|line| line.to_string().contains("the database can"))
        .collect();
    assert!(verdicts.is_empty(), "{verdicts:#?}");
}

#[tokio::test]
async fn why_a_look_failed_is_logged_before_the_database_can_be_used_again() {
    let database = Postgres::start().await;
    let program = start(&environment(&database));
    program.wait_for_log(USABLE);
    database.run("DROP TABLE items, _sqlx_migrations").await;
    let (program, cause) = spawn_blocking(move || {
        let line = program.wait_for_log(UNUSABLE);
        program.wait_for_log(USABLE);
        (program, line["cause"].to_string())
    })
    .await
    .unwrap();
    assert!(cause.contains("relation \\\"items\\\" does not exist"), "{cause}");
    assert_eq!(add(program.address, Uuid::from_u128(1), "milk").unwrap(), 303);
}

/// The look's own connection goes on working; those of the requests would not, were the new password not read.
#[tokio::test]
async fn a_password_that_changes_under_a_running_program_is_used() {
    let database = Postgres::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, PASSWORD).unwrap();
    let mut server = database.server();
    server.password = Password::File(file.clone());
    let client = Client::of(Store::postgres(server).unwrap());
    client.until_ready().await;
    database.run("ALTER USER todo PASSWORD 'anders'").await;
    fs::write(&file, "anders").unwrap();
    eventually_async("the list", DEADLINE, || async {
        let status = client.get("/").await.status;
        (status == 200).then_some(()).ok_or(status)
    })
    .await;
}
