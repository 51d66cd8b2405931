#![doc = include_str!("../README.md")]

mod claim;
mod command_line;
mod exercise;
mod footprint;
pub mod goal;
mod language;
mod message;
mod pages;
mod parse;
mod pattern;
pub mod proof;
mod prose;
mod results;
mod stages;
mod stated;
mod tries;
#[cfg(test)]
mod whole;
mod written;

pub use claim::Claim;
pub use command_line::{Call, calls, first_program};
pub use exercise::{Action, Excerpt, Exercise, KubernetesVersion, Sample, Step, Try};
pub use footprint::{Footprint, Metadata, Object};
pub use goal::Goal;
pub use language::Language;
pub use message::{Message, Value};
pub use pages::{Error, list, steps};
pub use pattern::{Difference, Pattern};
pub use proof::Proof;
pub use stages::{LEFT_BY_ALL, Manifest, ObjectName, Stage, manifests, stages};
pub use stated::Stated;
