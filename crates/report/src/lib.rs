#![doc = include_str!("../README.md")]
// A new event has to be thought about in each reporter.
#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

mod events;
mod json;
mod junit;
mod look;
mod progress;
mod stamped;
mod summary;
mod terminal;
mod text;

use std::io;

pub use events::{Ending, Event, Miss, Times};
pub use json::Json;
pub use junit::Junit;
pub use look::Look;
pub use progress::Progress;
pub use stamped::{Clock, Stamped};
pub use terminal::Terminal;
pub use text::{fit, paragraph, width};

/// Something that draws events.
pub trait Reporter {
    /// Draws one.
    ///
    /// # Errors
    /// It could not be written.
    fn take(&mut self, event: &Stamped) -> io::Result<()>;
}

impl<R: Reporter + ?Sized> Reporter for Box<R> {
    fn take(&mut self, event: &Stamped) -> io::Result<()> {
        (**self).take(event)
    }
}

#[cfg(test)]
mod tests;
