#![doc = include_str!("../README.md")]

mod difference;
mod finding;
mod findings;
mod judged;
mod learner;
mod scene;
mod standing;
mod unapplied;
mod waiting;

pub use finding::Finding;
pub use judged::tidies_up;
pub use learner::Learner;
pub use standing::{Error, Missing, Position, Standing};
pub use unapplied::{Saved, Unapplied};
