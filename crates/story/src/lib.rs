#![doc = include_str!("../README.md")]

mod error;
mod fact;
mod line;
mod link;
mod moment;
mod rule;
mod rules;
mod story;
mod what;

pub use error::Error;
pub use fact::{Container, Fact, Role, Source, Subject, Write};
pub use line::Line;
pub use link::{Delay, Link, link};
pub use moment::{Clock, Moment};
pub use rule::{Allowed, Rule, Settings};
pub use rules::rules;
pub use story::{Cause, Story};
pub use what::{Kill, Once, Probe, Refuser, Share, Turn, What};
