#![doc = include_str!("../README.md")]

mod exercise;
mod footprint;
mod language;
mod message;
mod parse;
mod pattern;
pub mod proof;

pub use exercise::{Action, Error, Excerpt, Exercise, Step, list};
pub use footprint::{Footprint, Metadata, Object};
pub use language::Language;
pub use message::{Message, Value};
pub use pattern::{Difference, Pattern};
pub use proof::{Claim, Proof};
