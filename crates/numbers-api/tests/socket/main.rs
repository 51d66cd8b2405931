//! The program as it really runs: a process of its own, and whatever its clients send to its socket.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test can't go on without has to be there"
)]

mod bounds;
mod program;
mod settings;
mod stopping;
