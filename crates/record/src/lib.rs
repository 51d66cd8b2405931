#![doc = include_str!("../README.md")]

mod ahead;
mod carried;
mod keeper;
mod list;
mod listed;
mod live;
mod look;
mod reach;
mod read;
mod recorded;
mod relay;
mod slim;
mod tape;
mod topic;
mod watch;

pub use ahead::ahead;
pub use list::MOST;
pub use listed::Listed;
pub use live::{Hidden, Live, Usage};
pub use look::{Look, look};
pub use reach::Reach;
pub use recorded::{Recorded, Signs};
pub use relay::watch_recorded;
pub use tape::Tape;
pub use topic::{Kind, Topic, Unreadable};
pub use watch::{ALL, watch};
