//! The program is killed, and says why it cannot begin.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use testkit::{DEADLINE, eventually};
use uuid::Uuid;

use crate::{
    client::Client,
    postgres::{PASSWORD, Postgres},
    program::{add, start},
};

const KILLS: usize = 10;
const CLIENTS: usize = 8;
const EACH: usize = 40;

/// Clients add items, each of which is sent until it is confirmed, while the program is killed ten times.
fn add_while_it_is_killed(environment: &[(&str, &str)]) {
    let confirmed = AtomicUsize::new(0);
    let mut program = start(environment);
    let address = Mutex::new(program.address);
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let (confirmed, address) = (&confirmed, &address);
            scope.spawn(move || {
                for item in 0..EACH {
                    let form = Uuid::from_u128((number * EACH + item) as u128);
                    let text = format!("item {number}/{item}");
                    eventually(&text, DEADLINE, || {
                        let answer = add(*address.lock().unwrap(), form, &text);
                        matches!(answer, Ok(303))
                            .then_some(())
                            .ok_or(format!("{answer:?}"))
                    });
                    confirmed.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for kills in 1..=KILLS {
            eventually("more confirmed items", DEADLINE, || {
                confirmed.load(Ordering::SeqCst) >= kills * CLIENTS * EACH / (KILLS + 1)
            });
            program.kill();
            program = start(environment);
            *address.lock().unwrap() = program.address;
        }
    });
}

async fn all_are_there(client: Client) {
    client.until_ready().await;
    let mut texts = client.texts().await;
    texts.sort();
    let mut expected: Vec<_> = (0..CLIENTS)
        .flat_map(|number| (0..EACH).map(move |item| format!("item {number}/{item}")))
        .collect();
    expected.sort();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn nothing_confirmed_is_lost_when_the_program_is_killed_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("todo.db");
    add_while_it_is_killed(&[("SQLITE_FILE", file.to_str().unwrap())]);
    all_are_there(Client::with_file(folder.path()).await).await;
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn nothing_confirmed_is_lost_when_the_program_is_killed_on_a_server() {
    let database = Postgres::start().await;
    add_while_it_is_killed(&[
        ("PGHOST", database.host()),
        ("PGDATABASE", "postgres"),
        ("PGPASSWORD", PASSWORD),
    ]);
    all_are_there(Client::of(database.store())).await;
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn a_wrong_password_is_said_to_be_wrong_and_not_shown() {
    let database = Postgres::start().await;
    let program = start(&[
        ("PGHOST", database.host()),
        ("PGDATABASE", "postgres"),
        ("PGPASSWORD", "falsch-und-geheim"),
        ("LOG_FILTER", "trace"),
    ]);
    let log = program.log_until("the database can't be used");
    let cause = log.last().unwrap()["cause"].as_str().unwrap();
    assert!(
        cause.contains("password authentication failed for user \"todo\""),
        "{cause}"
    );
    // A request too. That it is told at all shows that the program tells all that it can.
    assert_eq!(add(program.address, Uuid::from_u128(1), "milk").unwrap(), 503);
    let answered = program.log_until("answered");
    assert_eq!(answered.last().unwrap()["level"], "DEBUG");
    let mut all = program.beginning.iter().chain(&log).chain(&answered);
    assert!(!all.any(|line| line.to_string().contains("falsch-und-geheim")));
}
