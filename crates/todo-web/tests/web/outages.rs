//! What becomes of the list while its database is away, silent, new or closed to it.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use testkit::{DEADLINE, eventually_async};
use todo_web::{Password, Server, Store};
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{self, Instant},
};
use uuid::Uuid;

use crate::{
    client::Client,
    postgres::{PASSWORD, Postgres},
};

/// The claim: this is how long a page may take to say that the database is gone. It is measured on a clock that goes on by
/// itself where everybody waits: what it shows is what the program decided to wait for, however busy the machine is.
const AT_MOST: Duration = Duration::from_secs(2);

#[tokio::test]
#[ignore = "needs Postgres"]
async fn a_database_that_was_killed_is_missed_and_comes_back_with_everything() {
    let mut database = Postgres::start().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    assert_eq!(client.add(Uuid::from_u128(1), "milk").await, 303);

    database.kill().await;
    time::pause();
    for path in ["/", "/items?format=json"] {
        let asked = Instant::now();
        let page = client.get(path).await;
        assert!(asked.elapsed() <= AT_MOST, "{:?}", asked.elapsed());
        assert_eq!(
            (page.status.as_u16(), &page.headers["retry-after"]),
            (503, &"2".parse().unwrap()),
            "{path}"
        );
    }
    time::resume();
    let page = client
        .post(
            "/items",
            &[("id", &Uuid::from_u128(2).to_string()), ("item", "bread")],
        )
        .await;
    assert_eq!(page.status, 503);
    // What was typed is there to be sent again, as the same item.
    assert!(page.body.contains("value=\"bread\"") && page.body.contains(&Uuid::from_u128(2).to_string()));
    client.until(503).await;
    // To restart the program would not bring the database back.
    assert_eq!(client.get("/healthz").await.status, 200);

    database.restart().await;
    client.until_ready().await;
    assert_eq!(client.texts().await, ["milk"]);
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn a_server_that_never_answers_keeps_nobody_waiting() {
    let database = Postgres::start().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    database.freeze();
    time::pause();
    // More than there are connections, and several times: none may be lost for good.
    for _ in 0..3 {
        let mut requests = JoinSet::new();
        for _ in 0..10 {
            let client = client.clone();
            requests.spawn(async move {
                let asked = Instant::now();
                (client.get("/").await.status, asked.elapsed())
            });
        }
        for (status, took) in requests.join_all().await {
            assert_eq!(status, 503);
            assert!(took <= AT_MOST, "{took:?}");
        }
    }
    time::resume();
    client.until(503).await;
    database.thaw();
    client.until_ready().await;
    assert_eq!(client.get("/").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_page_says_within_two_seconds_that_the_database_is_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server {
        host: "127.0.0.1".into(),
        port: listener.local_addr().unwrap().port(),
        database: "todo".into(),
        user: "todo".into(),
        password: Password::None,
    };
    // Takes connections, and never answers.
    tokio::spawn(async move {
        let mut open = vec![];
        while let Ok(connection) = listener.accept().await {
            open.push(connection);
        }
    });
    let client = Client::of(Store::postgres(server).unwrap());
    for _ in 0..10 {
        let asked = Instant::now();
        assert_eq!(client.get("/").await.status, 503);
        assert!(asked.elapsed() <= AT_MOST, "{:?}", asked.elapsed());
    }
    assert_eq!(client.get("/readyz").await.status, 503);
    assert_eq!(client.get("/healthz").await.status, 200);
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn a_password_that_is_mended_is_used_without_a_restart() {
    let database = Postgres::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "falsch").unwrap();
    let mut server = database.server();
    server.password = Password::File(file.clone());
    let client = Client::of(Store::postgres(server).unwrap());
    let page = client.get("/").await;
    assert_eq!(page.status, 503);
    assert!(!page.body.contains("falsch"));
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    client.until_ready().await;
    assert_eq!(client.get("/").await.status, 200);
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn replicas_that_start_at_once_make_the_tables_once() {
    let database = Postgres::start().await;
    let mut replicas = JoinSet::new();
    for id in 0..8 {
        let client = Client::of(database.store());
        replicas.spawn(async move {
            client.until_ready().await;
            client
                .add_at_last(Uuid::from_u128(id), &format!("by replica {id}"))
                .await;
        });
    }
    replicas.join_all().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    assert_eq!(client.list(1).await["total"], 8);
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn a_database_that_comes_back_empty_gets_its_tables_again() {
    let database = Postgres::start().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    database.run("DROP TABLE items, _sqlx_migrations").await;
    client.until(503).await;
    client.until_ready().await;
    assert_eq!(client.add(Uuid::from_u128(1), "milk").await, 303);
}

#[tokio::test]
#[ignore = "needs Postgres"]
async fn ten_thousand_items_come_by_the_page() {
    let database = Postgres::start().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    database
        .run("INSERT INTO items (id, text) SELECT gen_random_uuid(), 'item ' || n FROM generate_series(1, 10000) n")
        .await;
    let page = client.get("/").await.body;
    assert!(page.contains("10,000 open, 0 done") && page.contains("Page 1 of 200"));
    assert_eq!(page.matches("<li>").count(), 50);
    for page in [200, u32::MAX] {
        let list = client.list(page).await;
        assert_eq!(
            (&list["page"], list["items"].as_array().unwrap().len()),
            (&200.into(), 50)
        );
    }
    let texts = client.texts().await;
    let different: std::collections::HashSet<_> = texts.iter().collect();
    assert_eq!((texts.len(), different.len()), (10_000, 10_000));
}

/// 20 clients add 1,000 items, each of which is sent until it is confirmed, while the server is killed three times.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Postgres"]
async fn nothing_confirmed_is_lost_when_the_database_is_killed() {
    const CLIENTS: usize = 20;
    const EACH: usize = 50;
    static CONFIRMED: AtomicUsize = AtomicUsize::new(0);
    let mut database = Postgres::start().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = client.clone();
        clients.spawn(async move {
            for item in 0..EACH {
                let form = Uuid::from_u128((number * EACH + item) as u128);
                client.add_at_last(form, &format!("item {number}/{item}")).await;
                CONFIRMED.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    for kills in 1..=3 {
        eventually_async("more confirmed items", DEADLINE, || async {
            CONFIRMED.load(Ordering::SeqCst) >= kills * CLIENTS * EACH / 4
        })
        .await;
        database.kill().await;
        database.restart().await;
    }
    clients.join_all().await;
    let mut texts = client.texts().await;
    texts.sort();
    let mut expected: Vec<_> = (0..CLIENTS)
        .flat_map(|number| (0..EACH).map(move |item| format!("item {number}/{item}")))
        .collect();
    expected.sort();
    assert_eq!(texts, expected);
}

/// As when another server took the writes over and this one became a standby.
#[tokio::test]
#[ignore = "needs Postgres"]
async fn a_database_that_only_reads_is_not_ready_and_says_so_until_it_takes_changes_again() {
    let database = Postgres::start().await;
    let client = Client::of(database.store());
    client.until_ready().await;
    assert_eq!(client.add(Uuid::from_u128(1), "milk").await, 303);

    database
        .run("ALTER SYSTEM SET default_transaction_read_only = on")
        .await;
    database.run("SELECT pg_reload_conf()").await;
    client.until(503).await;
    assert!(client.get("/readyz").await.body.contains("is read-only"));
    let form = [("id", &*Uuid::from_u128(2).to_string()), ("item", "bread")];
    let refused = client.post("/items", &form).await;
    assert_eq!(refused.status, 503);
    assert!(
        refused.body.contains("this item was not kept"),
        "{}",
        refused.body
    );
    assert_eq!(client.texts().await, ["milk"]);

    database
        .run("ALTER SYSTEM RESET default_transaction_read_only")
        .await;
    database.run("SELECT pg_reload_conf()").await;
    client.until_ready().await;
    assert_eq!(client.add(Uuid::from_u128(2), "bread").await, 303);
}
