#![doc = include_str!("../README.md")]

mod delay;
mod letters;
mod says;
mod sentence;
mod who;

pub use letters::Letters;
pub use says::{plain, short, unasked};
pub use sentence::{Sentence, is_known, sentences};
