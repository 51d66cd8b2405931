#![doc = include_str!("../README.md")]

mod listed;
mod live;
mod look;
mod read;
mod topic;
mod watch;

pub use listed::Listed;
pub use live::{Hidden, Live, Usage};
pub use look::{Look, MOST, look};
pub use topic::{Kind, Topic, Unreadable};
pub use watch::{Reach, watch};
