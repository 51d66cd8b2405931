#![doc = include_str!("../README.md")]

mod address;
mod callers;
mod computation;
mod file;
mod learner;
mod log;
mod nothing;
mod once;
mod place;
mod pods;
mod probe;
mod release;
mod replicas;
mod rollout;
mod service;
mod verdict;

pub use learner::{Learner, Standing, tidies_up};
pub use place::Place;
pub use probe::probe;
use verdict::Kind;
pub use verdict::{Probe, Verdict};
