//! The list as it is used: in-process, on databases of both kinds that fail in many ways, killed, and in a browser.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

mod browser;
mod client;
mod migrations;
mod outages;
mod postgres;
mod program;
mod requests;
mod restarts;
mod verdicts;
