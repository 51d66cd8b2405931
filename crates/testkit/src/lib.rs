//! Fixtures for tests and benchmarks. [`Program`] runs a program as a process of its own, reads its JSON log and kills it
//! when the test ends; [`Server`] is a program that listens on a free port, with [`Server::get`] to ask it; [`Answer`] is
//! an HTTP response read from a raw socket; [`eventually`] waits for a condition with a deadline, and
//! [`eventually_async`] does so without blocking; [`families`] reads metrics strictly, [`Driver`] starts a real browser, [`axe`] judges its pages, and
//! [`Budgets`] is what a benchmark reports to.
//!
//! ```no_run
//! use testkit::{DEADLINE, Server, Signal, command, eventually};
//!
//! let mut server = Server::start(&mut command("target/debug/numbers-api", &[("FailAfterCallCount", "1")]));
//! assert_eq!(server.get("/rng").status, 200);
//! eventually("it is broken", DEADLINE, || server.get("/healthz").status == 500);
//! server.signal(Signal::TERM);
//! assert_eq!(server.end().code(), Some(0));
//! ```
//!
//! Only `dev-dependencies` name this crate. It panics, which fails the test, where that cannot go on: a program does not
//! start, a connection is refused, or what is waited for does not come within [`DEADLINE`].
#![expect(
    clippy::expect_used,
    reason = "a fixture that cannot do its work fails the test, and panicking is how tests fail"
)]

mod answer;
mod browser;
mod budgets;
mod exposition;
mod hostile;
mod program;
mod server;
mod wait;

use std::time::Duration;

pub use answer::{Answer, connect};
pub use browser::{Driver, axe};
pub use budgets::{Budgets, Samples};
pub use exposition::families;
pub use hostile::hostile;
pub use program::{Program, command, output};
pub use rustix::process::Signal;
pub use server::Server;
pub use wait::{Look, eventually, eventually_async};

/// The time anything may take before a test fails. Far more than it ever should, so that a busy machine fails no test.
pub const DEADLINE: Duration = Duration::from_secs(60);
