#![doc = include_str!("../README.md")]

mod listed;
mod look;
mod read;
mod topic;

pub use listed::Listed;
pub use look::{Look, MOST, look};
pub use topic::{Kind, Topic, Unreadable};
