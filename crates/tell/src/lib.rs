#![doc = include_str!("../README.md")]

mod delay;
mod letters;
mod news;
mod says;
mod sentence;
mod who;

pub use letters::Letters;
pub use news::News;
pub use says::{plain, short, unasked};
pub use sentence::{Sentence, is_known, sentences};
