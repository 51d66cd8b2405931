//! The program as it really runs: a process of its own, and whatever its clients send to its socket.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

mod bounds;
mod settings;
mod stopping;

use testkit::{Server, command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_numbers-api");

fn start(environment: &[(&str, &str)]) -> Server {
    Server::start(&mut command(PROGRAM, environment))
}
