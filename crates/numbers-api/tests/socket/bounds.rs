//! What clients can do to the program from the other side of a socket. After each of these it still answers.

use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

use testkit::{Answer, DEADLINE};

use crate::start;

#[test]
fn a_header_block_of_a_megabyte_or_of_101_headers_is_431() {
    let program = start(&[]);
    let one_header = format!("X-Large: {}\r\n", "x".repeat(1_000_000));
    let many_headers: String = (0..20_000)
        .map(|number| format!("X-{number}: {}\r\n", "x".repeat(40)))
        .collect();
    let small_but_101 = "X-Y: z\r\n".repeat(100);
    for headers in [one_header, many_headers, small_but_101] {
        let mut stream = program.connect();
        write!(stream, "GET /rng HTTP/1.1\r\nHost: test\r\n{headers}\r\n").unwrap();
        assert_eq!(Answer::read(&mut stream).unwrap().status, 431);
    }
    assert_eq!(program.get("/rng").status, 200);
}

#[test]
fn a_target_of_12_kilobytes_is_414_and_one_beyond_any_head_is_431() {
    let program = start(&[]);
    let answer = program.get(&format!("/rng?{}", "9".repeat(12_000)));
    assert_eq!(answer.status, 414);
    assert_eq!(
        answer.body,
        "the request target has 12005 bytes, at most 8000 are allowed\n"
    );
    // Longer than a head may be.
    let longer = program.get(&format!("/rng?{}", "9".repeat(100_000)));
    assert_eq!(longer.status, 431);
    assert_eq!(program.get("/rng").status, 200);
}

#[test]
fn a_large_body_is_413_before_it_is_sent() {
    let program = start(&[]);
    let mut stream = program.connect();
    write!(
        stream,
        "POST /rng HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n"
    )
    .unwrap();
    assert_eq!(Answer::read(&mut stream).unwrap().status, 413);
    assert_eq!(program.get("/rng").status, 200);
}

#[test]
fn what_is_not_http_is_400() {
    let program = start(&[]);
    let mut stream = program.connect();
    stream
        .write_all(b"\x16\x03\x01\x02\x00\x01 this is not HTTP\r\n\r\n")
        .unwrap();
    assert_eq!(Answer::read(&mut stream).unwrap().status, 400);
    assert_eq!(program.get("/rng").status, 200);
}

#[test]
fn headers_that_never_end_are_cut_off() {
    let program = start(&[("HEADER_SECONDS", "1")]);
    let mut stream = program.connect();
    stream.write_all(b"GET /rng HTTP/1.1\r\n").unwrap();
    // Each read waits a little for the end of the connection, so this brings about twenty headers in a second.
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let until = Instant::now() + DEADLINE;
    loop {
        assert!(Instant::now() < until, "the connection is still open");
        match stream.read(&mut [0; 64]) {
            Ok(0) => break,
            Ok(_) => panic!("an answer to a request that never ended"),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
        if stream.write_all(b"X-More: to come\r\n").is_err() {
            break;
        }
    }
    assert_eq!(program.get("/rng").status, 200);
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let program = start(&[("HEADER_SECONDS", "1")]);
    assert_eq!(program.connect().read(&mut [0; 64]).unwrap(), 0);
}

#[test]
fn idle_connections_do_not_stop_others() {
    let program = start(&[]);
    let idle: Vec<_> = (0..500).map(|_| program.connect()).collect();
    for _ in 0..20 {
        assert_eq!(program.get("/rng").status, 200);
    }
    drop(idle);
}

#[test]
fn one_connection_serves_many_requests() {
    let program = start(&[]);
    let mut stream = program.connect();
    for _ in 0..100 {
        write!(stream, "GET /rng HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        let answer = Answer::read(&mut stream).unwrap();
        assert_eq!((answer.status, answer.closes()), (200, false));
    }
}
