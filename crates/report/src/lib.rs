#![doc = include_str!("../README.md")]

mod events;
mod json;
mod junit;
mod progress;
mod terminal;

use std::io;

pub use events::{Ending, Event, Miss, Times};
pub use json::Json;
pub use junit::Junit;
pub use progress::Progress;
pub use terminal::{Look, Terminal};

/// Something that draws events.
pub trait Reporter {
    /// Draws one.
    ///
    /// # Errors
    /// It could not be written.
    fn take(&mut self, event: &Event) -> io::Result<()>;
}

#[cfg(test)]
mod tests;
