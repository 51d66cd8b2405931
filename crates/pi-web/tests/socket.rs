//! The program as it really runs: a process with an environment, a log and a socket.

use std::{
    net::Shutdown,
    path::Path,
    process::{Output, Stdio},
    thread,
};

use pi_web::{Cgroup, ROOT, at_once};
use testkit::{Answer, Server, Signal, command, families, output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pi-web");
/// More than a test waits for: many minutes of work.
const ENDLESS: &str = "/?dp=1000000&format=text";

fn start(environment: &[(&str, &str)]) -> Server {
    // The deadline, so that no test passes because of it. A client that stops sending has gone in these tests.
    let mut command = command(
        PROGRAM,
        &[
            ("PI_MAX_DP", "1000000"),
            ("PI_DEADLINE", "3600"),
            ("HALF_CLOSE_SECONDS", "0"),
        ],
    );
    Server::start(command.envs(environment.iter().copied()))
}

const RUNNING: &str = "pi_web_computations_running";
const WAITING: &str = "pi_web_computations_waiting";

#[test]
fn a_client_that_goes_away_stops_its_computation() {
    let program = start(&[]);
    let client = program.send(ENDLESS);
    program.wait_for_metric(RUNNING, 1);
    drop(client);
    program.wait_for_metric(RUNNING, 0);
}

#[test]
fn a_client_that_stops_sending_and_reads_on_gets_its_digits() {
    let program = start(&[("HALF_CLOSE_SECONDS", "3600")]);
    for decimals in [1, 2000, 20_000] {
        let mut client = program.send(&format!("/?dp={decimals}&format=text"));
        client.shutdown(Shutdown::Write).unwrap();
        let answer = Answer::read(&mut client).unwrap();
        assert_eq!(answer.body.len(), "3.\n".len() + decimals, "{answer:?}");
    }
}

#[test]
fn more_than_may_wait_are_sent_away_and_probes_are_answered() {
    let program = start(&[("PI_QUEUE", "1")]);
    let available = thread::available_parallelism().unwrap().get();
    let at_once = at_once(Cgroup::at(Path::new(ROOT)).limit(), available);
    let mut clients: Vec<_> = (0..at_once).map(|_| program.send(ENDLESS)).collect();
    program.wait_for_metric(RUNNING, at_once);
    clients.push(program.send(ENDLESS));
    program.wait_for_metric(WAITING, 1);

    let refused = program.get("/?dp=1&format=text");
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("1")),
        "{refused:?}"
    );
    assert!(
        refused
            .body
            .contains(&format!("the queue is full ({} running or waiting)", at_once + 1)),
        "{refused:?}"
    );
    for probe in ["/healthz", "/readyz"] {
        assert_eq!(program.get(probe).status, 200, "{probe}");
    }
    assert_eq!(families(&program.get("/metrics").body).unwrap()[WAITING], "gauge");
    drop(clients);
    program.wait_for_metric(RUNNING, 0);
    assert_eq!(program.get("/?dp=1&format=text").body, "3.1\n");
}

#[test]
fn answers_at_the_same_time_have_each_its_own_decimals() {
    let program = start(&[("PI_QUEUE", "20")]);
    let asked: Vec<_> = (0..20_usize)
        .map(|client| {
            let decimals = 2000 - 97 * client;
            let algorithm = ["machin", "chudnovsky"][client % 2];
            let path = format!("/?dp={decimals}&algorithm={algorithm}&format=text");
            (decimals, program.send(&path))
        })
        .collect();
    let longest = program.get("/?dp=2000&format=text").body;
    for (decimals, mut client) in asked {
        assert_eq!(
            Answer::read(&mut client).unwrap().body.trim_end(),
            &longest[.."3.".len() + decimals],
            "{decimals} decimals"
        );
    }
}

#[test]
fn answers_begun_or_computed_when_sigterm_comes_are_finished() {
    let program = start(&[("STOP_SECONDS", "600")]);
    let large = "/?dp=200000&algorithm=chudnovsky&format=text";
    let begun = program.send(large);
    // The system may interrupt a call that has a time limit, as when the whole machine is stopped for a moment.
    let peeked = std::iter::repeat_with(|| begun.peek(&mut [0; 1]));
    let mut peeked = peeked.skip_while(|result| {
        let error = result.as_ref().err();
        error.is_some_and(|error| error.kind() == std::io::ErrorKind::Interrupted)
    });
    assert_eq!(peeked.next().unwrap().unwrap(), 1);
    let computed = program.send(large);
    program.wait_for_metric(RUNNING, 1);
    program.signal(Signal::TERM);
    for mut client in [begun, computed] {
        let answer = Answer::read(&mut client).unwrap();
        assert_eq!(answer.body.len(), "3.".len() + 200_000 + "\n".len());
    }
}

#[test]
fn a_computation_that_would_outlast_the_stop_is_refused_before_its_end() {
    let mut program = start(&[("DRAIN_SECONDS", "1"), ("STOP_SECONDS", "1")]);
    let mut client = program.send(ENDLESS);
    program.wait_for_metric(RUNNING, 1);
    program.signal(Signal::TERM);
    let answer = Answer::read(&mut client).unwrap();
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1")),
        "{answer:?}"
    );
    assert!(answer.body.contains("this server is shutting down"), "{answer:?}");
    assert_eq!(program.end().code(), Some(0));
}

#[test]
fn a_computation_that_takes_too_long_is_given_up() {
    let program = start(&[("PI_DEADLINE", "1")]);
    let answer = program.get(ENDLESS);
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("did not finish within 1 s"), "{answer:?}");
    program.wait_for_metric(RUNNING, 0);
}

fn run(arguments: &[&str]) -> Output {
    output(command(PROGRAM, &[]).args(arguments))
}

#[test]
fn on_the_command_line_it_prints_or_writes() {
    let printed = run(&["--mode", "console", "--dp", "10", "--algorithm", "chudnovsky"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), "3.1415926535\n");
    // A reader that goes away at once, as `head` may, gets an error in place of a panic.
    let mut child = command(PROGRAM, &[])
        .args(["--mode", "console"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let unread = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(!unread.contains("panicked"), "{unread}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pi.txt");
    let written = run(&["--mode", "file", "--dp", "3", "--out", file.to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "3.141\n");
}

#[test]
fn nobody_who_types_no_decimals_gets_more_than_are_allowed() {
    let printed = run(&["--mode", "console", "--max-dp", "3"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), "3.141\n");
}

#[test]
fn bad_settings_are_named_with_what_is_allowed() {
    let refused = |arguments: &[&str], code| {
        let output = run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        error
    };
    let console = ["--mode", "console"];
    // Mode web, but if it goes on it asks nobody and ends, in place of serving.
    let web = ["--get", "http://127.0.0.1:1/"];
    for (mode, dp, said) in [
        (
            &console[..],
            "--dp=-1",
            "\"-1\" is not possible; allowed: a whole number",
        ),
        (&console, "--dp=100001", "from 0 to 100000"),
        (&web, "--dp=-5", "\"-5\" is not possible"),
    ] {
        let error = refused(&[mode, &[dp]].concat(), 2);
        assert!(error.contains(said), "{error}");
    }
    assert!(refused(&["--algorithm", "leibniz"], 2).contains("allowed: machin, chudnovsky"));
    assert!(refused(&["--max-dp", "-1"], 2).contains("-1"));
    assert!(
        refused(&["--mode", "file", "--out", "/no/such/folder/pi.txt"], 1).contains("/no/such/folder/pi.txt")
    );
}
