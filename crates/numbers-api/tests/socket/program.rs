//! The program as it really runs: a process with an environment, a log and a socket.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before the test fails. Far more than it ever should.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The program, started with nothing in its environment but what the test gives.
pub(crate) fn command(environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_numbers-api"));
    command.env_clear().envs(environment.iter().copied());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What the program says when it ends by itself, as it must within the deadline.
pub(crate) fn output(command: &mut Command) -> Output {
    let child = command.spawn().unwrap();
    let pid = Pid::from_child(&child);
    let (ended, end) = channel();
    thread::spawn(move || ended.send(child.wait_with_output()));
    end.recv_timeout(DEADLINE)
        .unwrap_or_else(|_| {
            kill_process(pid, Signal::KILL).unwrap();
            panic!("{command:?} runs on")
        })
        .unwrap()
}

/// A running numbers-api on a free port of the loopback interface. It is killed when the test ends.
pub(crate) struct Program {
    child: Child,
    log: Receiver<serde_json::Value>,
    pub(crate) address: SocketAddr,
}

impl Program {
    pub(crate) fn start(environment: &[(&str, &str)]) -> Self {
        let mut child = command(environment).env("LISTEN", "127.0.0.1:0").spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (lines, log) = channel();
        thread::spawn(move || {
            for line in stderr.lines() {
                let line = line.unwrap();
                let line =
                    serde_json::from_str(&line).unwrap_or_else(|_| panic!("a log line is not JSON: {line}"));
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        let mut program = Self {
            child,
            log,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let listening = program.wait_for_log("listening");
        program.address = listening["address"].as_str().unwrap().parse().unwrap();
        program
    }

    /// The next log line whose message contains `text`.
    pub(crate) fn wait_for_log(&self, text: &str) -> serde_json::Value {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self
                .log
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("no log line with {text:?}: {error}"));
            if line["message"]
                .as_str()
                .is_some_and(|message| message.contains(text))
            {
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end, which closes the log.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let until = Instant::now() + DEADLINE;
        loop {
            match self
                .log
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => panic!("the program did not end"),
            }
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address).unwrap()
    }

    /// One GET on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        Answer::read(&mut stream).expect("an answer")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    Ok(stream)
}

/// An answer as it came over the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) closes: bool,
    pub(crate) body: String,
}

impl Answer {
    /// Reads one whole answer. Anything less is an error: no client here ever tries again.
    pub(crate) fn read(stream: &mut TcpStream) -> std::io::Result<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let header = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body)?;
        Ok(Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            closes: header("connection") == Some("close"),
            body: String::from_utf8(body).unwrap(),
        })
    }
}
