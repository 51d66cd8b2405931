//! The exercises with their negative controls, and the charts in `helm/`, on a running cluster: the embedded one of the name
//! `LAB_NAME`, which `lab up` brought up. Each test has namespaces of its own, so that all may run at once.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

mod board;
mod callers;
mod controls;
mod counted;
#[path = "../docker/mod.rs"]
mod docker;
mod exercises;
mod existing;
mod explained;
mod goals;
mod helm_3;
mod hostile;
mod mistakes;
mod programs;
mod recordings;
mod releases;
mod renderings;
mod restarts;
mod stories;
mod tries;
mod values;
mod watching;
mod witnessed;
