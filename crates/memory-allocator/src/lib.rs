#![doc = include_str!("../README.md")]

mod limit;
mod memory;
mod plan;
mod run;
mod settings;

pub use run::run;
pub use settings::Arguments;
