//! The program as it really runs: a process with an environment, a log and a socket.

use std::{
    io::{BufRead, BufReader, Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Instant,
};

use serde_json::Value;
use uuid::Uuid;

use crate::client::DEADLINE;

/// A running todo-web on a free port of the loopback interface. It is killed when the test ends.
pub(crate) struct Program {
    child: Child,
    log: Receiver<Value>,
    /// What it logged until it listened.
    pub(crate) beginning: Vec<Value>,
    pub(crate) address: SocketAddr,
}

impl Program {
    pub(crate) fn start(environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_todo-web"))
            .env_clear()
            .env("LISTEN", "127.0.0.1:0")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (lines, log) = channel();
        thread::spawn(move || {
            for line in stderr.lines() {
                // The test may not be interested any more; the program is to go on all the same.
                let _ = lines.send(serde_json::from_str(&line.unwrap()).unwrap());
            }
        });
        let mut program = Self {
            child,
            log,
            beginning: vec![],
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        program.beginning = program.log_until("listening");
        let listening = program.beginning.last().unwrap();
        program.address = listening["address"].as_str().unwrap().parse().unwrap();
        program
    }

    /// All lines of the log up to one whose message contains `text`.
    pub(crate) fn log_until(&self, text: &str) -> Vec<Value> {
        let until = Instant::now() + DEADLINE;
        let mut lines = vec![];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left);
            lines.push(
                line.unwrap_or_else(|error| panic!("no log line with {text:?} in {lines:#?}: {error}")),
            );
            let message = lines.last().unwrap()["message"].as_str();
            if message.is_some_and(|message| message.contains(text)) {
                return lines;
            }
        }
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends the form `id` with this text, once, and gives the answer's status: nothing else than a whole answer will do.
pub(crate) fn add(address: SocketAddr, id: Uuid, text: &str) -> Result<u16> {
    let body = serde_urlencoded::to_string([("id", id.to_string().as_str()), ("item", text)])
        .map_err(Error::other)?;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    write!(
        stream,
        "POST /items HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).filter(|_| answer.contains("\r\n\r\n"));
    status
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| Error::other("half an answer"))
}
