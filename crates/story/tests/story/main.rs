//! Facts as sources tell them, and the stories that come of them.
#![expect(clippy::unwrap_used, reason = "facts of tests are right")]

mod cases;
mod facts;
mod laws;
mod lines;
mod order;
mod rules;
