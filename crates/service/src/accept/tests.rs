use std::{future::poll_fn, io::ErrorKind, sync::Arc, task::Poll, time::Duration};

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use clap::{Args, Command, FromArgMatches};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    select,
    sync::Notify,
    time::timeout,
};

use super::Acceptor;
use crate::{Service, Settings};

/// Far more than anything should take.
const DEADLINE: Duration = Duration::from_secs(60);

/// More than the socket buffers of both sides hold, so that it is still being written while it is read.
pub(crate) const LARGE: usize = 64 * 1024 * 1024;

/// A patience that no test waits for the end of.
const PATIENT: [&str; 4] = [
    "--header-seconds=3600",
    "--idle-seconds=3600",
    "--half-close-seconds=3600",
    "--request-seconds=3600",
];

/// A route that answers when the test lets it.
#[derive(Clone, Default)]
struct Held {
    begun: Arc<Notify>,
    may_end: Arc<Notify>,
    /// Told when the handler is dropped, after its answer or before.
    over: Arc<Notify>,
}

impl Held {
    async fn answer(self) -> &'static str {
        struct Tell(Arc<Notify>);
        impl Drop for Tell {
            fn drop(&mut self) {
                self.0.notify_one();
            }
        }
        let _over = Tell(self.over);
        self.begun.notify_one();
        self.may_end.notified().await;
        "small"
    }
}

pub(crate) fn acceptor(flags: &[&str]) -> (Acceptor, Settings) {
    let (acceptor, settings, _) = acceptor_with(flags);
    (acceptor, settings)
}

fn acceptor_with(flags: &[&str]) -> (Acceptor, Settings, Held) {
    let flags = ["test", "--listen=127.0.0.1:0", "--drain-seconds=0"]
        .iter()
        .chain(flags);
    let command = Settings::augment_args(Command::new("test").args_override_self(true));
    let settings = Settings::from_arg_matches(&command.get_matches_from(flags)).unwrap();
    let large = Bytes::from(vec![b'x'; LARGE]);
    let held = Held::default();
    let holding = held.clone();
    let router = Router::new()
        .route("/large", get(|| async { large }))
        .route("/small", get(|| async { "small" }))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/held", get(move || holding.answer()));
    let router = Service::new("test", "1.0.0", settings.clone()).observed(router);
    (Acceptor::bind(&settings, router).unwrap(), settings, held)
}

async fn connect(acceptor: &Acceptor) -> TcpStream {
    TcpStream::connect(acceptor.local_address()).await.unwrap()
}

pub(crate) async fn ask(acceptor: &Acceptor, path: &str) -> TcpStream {
    let mut client = connect(acceptor).await;
    ask_again(&mut client, path).await;
    client
}

async fn ask_again(client: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
}

/// Reads the whole of the small answer.
async fn read_small(client: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nsmall") {
        assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0, "{answer:?}");
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{answer:?}");
}

async fn read_all(client: &mut TcpStream) -> String {
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Does this while connections are accepted.
async fn meanwhile<T>(acceptor: &mut Acceptor, clients: impl Future<Output = T>) -> T {
    let accepting = async {
        select! {
            () = acceptor.accept() => unreachable!("it accepts forever"),
            done = clients => done,
        }
    };
    timeout(DEADLINE, accepting).await.unwrap()
}

/// Lets everything go on that can, some times over.
async fn all_that_can_happen() {
    let mut left = 1000;
    poll_fn(|cx| {
        left -= 1;
        cx.waker().wake_by_ref();
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn when_all_places_are_in_use_the_next_one_waits_for_one_to_be_free() {
    let (mut acceptor, _, held) = acceptor_with(&[&["--max-connections=1"], &PATIENT[..]].concat());
    let mut first = ask(&acceptor, "/held").await;
    let mut second = connect(&acceptor).await;
    let open = acceptor.connections.clone();
    meanwhile(&mut acceptor, async {
        held.begun.notified().await;
        ask_again(&mut second, "/small").await;
        all_that_can_happen().await;
        assert_eq!(open.open(), 1);
        held.may_end.notify_one();
        read_small(&mut first).await;
        read_small(&mut second).await;
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_makes_room_the_one_that_has_been_idle_longest_first() {
    let (mut acceptor, _) = acceptor(&[&["--max-connections=2"], &PATIENT[..]].concat());
    let mut used_again = ask(&acceptor, "/small").await;
    let mut idle = connect(&acceptor).await;
    let address = acceptor.local_address();
    meanwhile(&mut acceptor, async {
        read_small(&mut used_again).await;
        ask_again(&mut idle, "/small").await;
        read_small(&mut idle).await;
        ask_again(&mut used_again, "/small").await;
        read_small(&mut used_again).await;
        let mut third = TcpStream::connect(address).await.unwrap();
        ask_again(&mut third, "/small").await;
        assert_eq!(read_all(&mut idle).await, "");
        drop(idle);
        read_small(&mut third).await;
        ask_again(&mut used_again, "/small").await;
        read_small(&mut used_again).await;
    })
    .await;
}

/// The times are one second against an hour: which of the two was waited for is plain, however busy the machine is.
#[tokio::test]
async fn an_idle_connection_has_a_time_of_its_own_and_so_has_a_head() {
    let of = async |header, idle, sent: &str| {
        let flags = [
            format!("--header-seconds={header}"),
            format!("--idle-seconds={idle}"),
        ];
        let (mut acceptor, _) = acceptor(&flags.each_ref().map(String::as_str));
        let mut client = connect(&acceptor).await;
        meanwhile(&mut acceptor, async {
            for sent in sent.split('|') {
                if sent == "whole" {
                    ask_again(&mut client, "/small").await;
                    read_small(&mut client).await;
                } else {
                    client.write_all(sent.as_bytes()).await.unwrap();
                }
            }
            match client.read(&mut [0; 100]).await {
                Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
                ended => assert_eq!(ended.unwrap(), 0),
            }
        })
        .await;
    };
    tokio::join!(
        of(3600, 1, "whole"),
        of(1, 3600, ""),
        of(1, 3600, "GET /sm"),
        of(1, 3600, "whole|GET /sm"),
    );
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_of_a_head() {
    let (mut acceptor, _, held) = acceptor_with(&["--header-seconds=1", "--idle-seconds=3600"]);
    let mut idle = ask(&acceptor, "/small").await;
    let mut silent = connect(&acceptor).await;
    meanwhile(&mut acceptor, async {
        read_small(&mut idle).await;
        // It began later, so its end is that of the first one's time, too.
        assert_eq!(read_all(&mut silent).await, "");
        held.may_end.notify_one();
        ask_again(&mut idle, "/held").await;
        read_small(&mut idle).await;
    })
    .await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_of_its_answer_gives_its_place_to_the_next() {
    let flags = ["--max-connections=1", "--write-seconds=1"];
    let (mut acceptor, _) = acceptor(&[&flags, &PATIENT[..]].concat());
    let unread = ask(&acceptor, "/large").await;
    let mut next = ask(&acceptor, "/small").await;
    meanwhile(&mut acceptor, read_small(&mut next)).await;
    drop(unread);
}

#[tokio::test]
async fn requests_that_wait_to_be_accepted_are_answered_though_all_places_are_taken() {
    let (mut acceptor, _, held) = acceptor_with(&[&["--max-connections=1"], &PATIENT[..]].concat());
    let first = ask(&acceptor, "/held").await;
    let mut waiting = [ask(&acceptor, "/small").await, ask(&acceptor, "/small").await];
    meanwhile(&mut acceptor, async {
        held.begun.notified().await;
        // The second is accepted, and has no place.
        all_that_can_happen().await;
    })
    .await;
    let connections = acceptor.close();
    assert_eq!(connections.open(), 3);
    for client in &mut waiting {
        read_small(client).await;
    }
    drop(first);
}

#[tokio::test]
async fn a_client_that_stops_sending_gets_the_answer_whenever_it_stops() {
    let (mut acceptor, _, held) = acceptor_with(&PATIENT);
    let mut at_once = connect(&acceptor).await;
    let mut later = connect(&acceptor).await;
    let request = "GET /held HTTP/1.1\r\nHost: test\r\n\r\n";
    meanwhile(&mut acceptor, async {
        at_once.write_all(request.as_bytes()).await.unwrap();
        at_once.shutdown().await.unwrap();
        held.begun.notified().await;
        later.write_all(request.as_bytes()).await.unwrap();
        held.begun.notified().await;
        later.shutdown().await.unwrap();
        all_that_can_happen().await;
        for client in [&mut at_once, &mut later] {
            held.may_end.notify_one();
            let answer = read_all(client).await;
            assert!(
                answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("small"),
                "{answer}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_takes_longer_than_its_client_is_waited_for_says_so_and_its_work_ends() {
    let (mut acceptor, _, held) = acceptor_with(&[&PATIENT[..], &["--half-close-seconds=1"]].concat());
    let mut client = ask(&acceptor, "/held").await;
    meanwhile(&mut acceptor, async {
        held.begun.notified().await;
        client.shutdown().await.unwrap();
        held.over.notified().await;
        let answer = read_all(&mut client).await;
        assert!(
            answer.starts_with("HTTP/1.1 408 ") && answer.contains("within 1 s"),
            "{answer}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_work_for_a_client_that_resets_its_connection_ends_at_once() {
    let (mut acceptor, _, held) = acceptor_with(&PATIENT);
    let client = ask(&acceptor, "/held").await;
    meanwhile(&mut acceptor, async {
        held.begun.notified().await;
        SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        held.over.notified().await;
    })
    .await;
}

#[tokio::test]
async fn half_a_body_is_not_waited_for_once_its_client_has_stopped_sending() {
    let (mut acceptor, _) = acceptor(&PATIENT);
    let mut client = connect(&acceptor).await;
    let head = "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf";
    meanwhile(&mut acceptor, async {
        client.write_all(head.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let answer = read_all(&mut client).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_did_not_wait_for_the_body_says_that_the_connection_ends() {
    for (path, whole, closes) in [
        ("/nothing", false, true),
        ("/nothing", true, false),
        ("/length", true, false),
    ] {
        let (mut acceptor, _) = acceptor(&PATIENT);
        let mut client = connect(&acceptor).await;
        let body = if whole { "four" } else { "" };
        let request = format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n{body}");
        meanwhile(&mut acceptor, async {
            client.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            while !answer.contains("\r\n\r\n") {
                let mut piece = [0; 1000];
                let read = client.read(&mut piece).await.unwrap();
                assert_ne!(read, 0, "{answer}");
                answer.push_str(str::from_utf8(&piece[..read]).unwrap());
            }
            assert_eq!(answer.contains("connection: close\r\n"), closes, "{answer}");
        })
        .await;
    }
}
