#![doc = include_str!("../README.md")]

mod client;
mod error;
mod kinds;
mod predicates;

pub use client::{ANSWER, Access, Route, for_watches, open, person, unasked};
pub use error::{Error, plainly};
pub use kinds::kinds;
pub use predicates::{Conditions, LISTED_IMAGES, has_address, has_image, is_ready, outside_url};
