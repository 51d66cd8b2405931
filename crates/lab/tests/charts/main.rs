//! The charts in `helm/`, on a running cluster: the one that `LAB_NAME` says, which `lab up` brought up. Each test has a
//! namespace of its own that enforces the pod security standard `restricted`.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

mod callers;
mod programs;
mod releases;
mod renderings;
mod values;
