//! The program as it really runs: a process with an environment, a log and a socket.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use pi_web::{Cgroup, ROOT, at_once};
use rustix::process::{Pid, Signal, kill_process};

/// Far more than anything should take.
const DEADLINE: Duration = Duration::from_secs(60);
/// More than a test waits for: many minutes of work.
const ENDLESS: &str = "/?dp=1000000&format=text";

struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pi-web"))
            .env_clear()
            .envs([("LISTEN", "127.0.0.1:0"), ("PI_MAX_DP", "1000000")])
            // So that no test passes because of it.
            .env("PI_DEADLINE", "3600")
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(
                log.read_line(&mut line).unwrap(),
                0,
                "it ended before it listened"
            );
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
            if entry["message"] == "listening" {
                break entry["address"].as_str().unwrap().parse().unwrap();
            }
        };
        // A pipe that nobody reads would fill up and stop the program.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    fn send(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: pi\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        stream
    }

    fn get(&self, path: &str) -> String {
        read(self.send(path))
    }

    fn gauge(&self, name: &str) -> u64 {
        let metrics = self.get("/metrics");
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap().parse().unwrap()
    }

    fn wait_for(&self, name: &str, value: u64) {
        let begin = Instant::now();
        while self.gauge(name) != value {
            assert!(begin.elapsed() < DEADLINE, "{name} is not {value}");
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

const RUNNING: &str = "pi_web_computations_running";
const WAITING: &str = "pi_web_computations_waiting";

#[test]
fn a_client_that_goes_away_stops_its_computation() {
    let program = Program::start(&[]);
    let client = program.send(ENDLESS);
    program.wait_for(RUNNING, 1);
    drop(client);
    program.wait_for(RUNNING, 0);
}

#[test]
fn more_than_may_wait_are_sent_away_and_probes_are_answered() {
    let program = Program::start(&[("PI_QUEUE", "1")]);
    let available = thread::available_parallelism().unwrap().get();
    let at_once = at_once(Cgroup::at(Path::new(ROOT)).limit(), available) as u64;
    let mut clients: Vec<_> = (0..at_once).map(|_| program.send(ENDLESS)).collect();
    program.wait_for(RUNNING, at_once);
    clients.push(program.send(ENDLESS));
    program.wait_for(WAITING, 1);

    let refused = program.get("/?dp=1&format=text");
    assert!(
        refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1\r\n"),
        "{refused}"
    );
    assert!(
        refused.contains(&format!("the queue is full ({} running or waiting)", at_once + 1)),
        "{refused}"
    );
    for probe in ["/healthz", "/readyz"] {
        assert!(program.get(probe).starts_with("HTTP/1.1 200 "), "{probe}");
    }
    drop(clients);
    program.wait_for(RUNNING, 0);
    assert!(program.get("/?dp=1&format=text").ends_with("\r\n\r\n3.1\n"));
}

#[test]
fn answers_at_the_same_time_have_each_its_own_decimals() {
    let program = Program::start(&[("PI_QUEUE", "20")]);
    let asked: Vec<_> = (0..20_usize)
        .map(|client| {
            let decimals = 2000 - 97 * client;
            let algorithm = ["machin", "chudnovsky"][client % 2];
            let path = format!("/?dp={decimals}&algorithm={algorithm}&format=text");
            (decimals, program.send(&path))
        })
        .collect();
    let longest = program.get("/?dp=2000&format=text");
    let longest = body(&longest).trim_end();
    for (decimals, client) in asked {
        assert_eq!(
            body(&read(client)).trim_end(),
            &longest[.."3.".len() + decimals],
            "{decimals} decimals"
        );
    }
}

#[test]
fn answers_begun_or_computed_when_sigterm_comes_are_finished() {
    let program = Program::start(&[("STOP_SECONDS", "600")]);
    let large = "/?dp=1000000&algorithm=chudnovsky&format=text";
    let mut begun = program.send(large);
    let mut first = [0; 1];
    begun.read_exact(&mut first).unwrap();
    let computed = program.send(large);
    program.wait_for(RUNNING, 1);
    kill_process(Pid::from_child(&program.child), Signal::TERM).unwrap();
    for client in [begun, computed] {
        let answer = read(client);
        assert_eq!(body(&answer).len(), "3.".len() + 1_000_000 + "\n".len());
    }
}

#[test]
fn a_computation_that_would_outlast_the_stop_is_refused_before_its_end() {
    let mut program = Program::start(&[("DRAIN_SECONDS", "1"), ("STOP_SECONDS", "1")]);
    let client = program.send(ENDLESS);
    program.wait_for(RUNNING, 1);
    kill_process(Pid::from_child(&program.child), Signal::TERM).unwrap();
    let answer = read(client);
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1\r\n"),
        "{answer}"
    );
    assert!(body(&answer).contains("this server is shutting down"), "{answer}");
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_computation_that_takes_too_long_is_given_up() {
    let program = Program::start(&[("PI_DEADLINE", "1")]);
    let answer = program.get(ENDLESS);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("did not finish within 1 s"), "{answer}");
    program.wait_for(RUNNING, 0);
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pi-web"))
        .env_clear()
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn on_the_command_line_it_prints_or_writes() {
    let printed = run(&["--mode", "console", "--dp", "10", "--algorithm", "chudnovsky"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), "3.1415926535\n");
    // A reader that goes away at once, as `head` may, gets an error in place of a panic.
    let mut child = Command::new(env!("CARGO_BIN_EXE_pi-web"))
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
