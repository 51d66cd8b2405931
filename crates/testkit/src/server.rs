//! A program that listens.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    ops::{Deref, DerefMut},
    process::Command,
};

use serde_json::Value;

use crate::{Answer, DEADLINE, Program, connect, eventually};

/// A running service of this workspace, on a free port of the loopback interface.
#[derive(Debug)]
pub struct Server {
    program: Program,
    /// The address that it listens on.
    pub address: SocketAddr,
    /// What it logged until it listened.
    pub beginning: Vec<Value>,
}

impl Deref for Server {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.program
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.program
    }
}

impl Server {
    /// Starts a service, and waits until its log says the address that it listens on.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let program = Program::start(command.env("LISTEN", "127.0.0.1:0"));
        let beginning = program.log_until("listening");
        let address = beginning.last().and_then(|line| line["address"].as_str());
        Self {
            address: address
                .and_then(|address| address.parse().ok())
                .expect("an address"),
            program,
            beginning,
        }
    }

    /// Opens a connection to it.
    #[must_use]
    #[track_caller]
    pub fn connect(&self) -> TcpStream {
        connect(self.address).expect("a connection")
    }

    /// Sends a GET on a connection of its own, which is to end with the answer.
    #[must_use]
    #[track_caller]
    pub fn send(&self, path: &str) -> TcpStream {
        let mut stream = self.connect();
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream
            .write_all(request.as_bytes())
            .expect("the request is taken");
        stream
    }

    /// The answer to a GET on a connection of its own.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        Answer::read(&mut self.send(path)).expect("an answer")
    }

    /// The value of a metric without labels, as `/metrics` has it; none if there is no such metric.
    #[must_use]
    #[track_caller]
    pub fn metric(&self, name: &str) -> Option<String> {
        let metrics = self.get("/metrics").body;
        let mut metrics = metrics.lines().filter_map(|line| line.split_once(' '));
        metrics
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value.to_owned())
    }

    /// Waits until a metric has this value.
    #[track_caller]
    pub fn wait_for_metric(&self, name: &str, value: usize) {
        let wanted = value.to_string();
        eventually(&format!("{name} is {value}"), DEADLINE, || {
            let value = self.metric(name).unwrap_or_else(|| "no such metric".into());
            if value == wanted { Ok(()) } else { Err(value) }
        });
    }
}
