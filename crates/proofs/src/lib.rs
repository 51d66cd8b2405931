#![doc = include_str!("../README.md")]

mod address;
mod budget;
mod callers;
mod computation;
mod file;
pub mod goals;
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
mod told;
mod verdict;

pub use place::{Place, PodAnswer};
pub use probe::probe;
use verdict::Kind;
pub use verdict::{Probe, Verdict};
