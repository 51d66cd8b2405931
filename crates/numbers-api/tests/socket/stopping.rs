//! Stopping, as a cluster and as a person at a keyboard do it.

use std::{
    io::{ErrorKind, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use testkit::{Answer, DEADLINE, Signal, connect, eventually};

use crate::start;

/// How many requests each client makes after the signal. They take a small part of the drain time.
const REQUESTS_AFTER: usize = 100;

/// One client: asks until it has seen enough answers that close their connection. It uses a connection for as long as
/// it may, or a new one for each request. It never tries a request again, so a single lost one fails the test.
fn ask(address: SocketAddr, keep_alive: bool, answered: &AtomicUsize, stopping: &AtomicBool) {
    let mut connection: Option<TcpStream> = None;
    let mut after = 0;
    while after < REQUESTS_AFTER {
        let stopping = stopping.load(Ordering::SeqCst);
        let mut stream = connection.take().unwrap_or_else(|| connect(address).unwrap());
        // A POST is not retried by any client on its own account; 405 is a whole answer to it.
        write!(
            stream,
            "POST /rng HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi"
        )
        .unwrap();
        let answer = Answer::read(&mut stream).unwrap();
        assert_eq!(answer.status, 405);
        if stopping {
            assert!(
                answer.closes(),
                "an answer during the stop left its connection open"
            );
            after += 1;
        }
        if keep_alive && !answer.closes() {
            connection = Some(stream);
        }
        answered.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn no_request_fails_while_it_stops() {
    let mut program = start(&[("DRAIN_SECONDS", "3")]);
    let (answered, stopping) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for keep_alive in [true, true, true, false, false, false] {
            let (address, answered, stopping) = (program.address, &answered, &stopping);
            scope.spawn(move || ask(address, keep_alive, answered, stopping));
        }
        eventually("100 answers for each client", DEADLINE, || {
            answered.load(Ordering::SeqCst) >= 600
        });
        program.signal(Signal::TERM);
        program.wait_for_log("stopping");
        stopping.store(true, Ordering::SeqCst);
    });
    // The clients are done, and the drain time is not: a probe would still be answered.
    assert_eq!(program.get("/healthz").status, 200);
    assert_eq!(program.end().code(), Some(0));
    assert_eq!(
        connect(program.address).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut program = start(&[("DRAIN_SECONDS", "600")]);
        program.signal(Signal::TERM);
        program.wait_for_log("stopping");
        program.signal(signal);
        assert_eq!(program.end().code(), Some(code));
    }
}

#[test]
fn a_client_that_is_connected_but_silent_does_not_hold_up_the_end() {
    let mut program = start(&[("DRAIN_SECONDS", "0"), ("HEADER_SECONDS", "3600")]);
    let silent = program.connect();
    program.get("/rng");
    program.signal(Signal::INT);
    assert_eq!(program.end().code(), Some(0));
    drop(silent);
}
