#![doc = include_str!("../README.md")]

mod difference;
mod finding;
mod findings;
mod scene;
mod standing;
mod waiting;

pub use finding::Finding;
pub use standing::{Error, Learner, Missing, Position, Standing, tidies_up};
