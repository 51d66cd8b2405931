#![doc = include_str!("../README.md")]

mod all;
mod classes;
mod cleanup;
mod deletion;
mod diagnosis;
mod ending;
mod environment;
mod error;
mod folder;
mod neighbours;
mod owned;
mod pause;
pub mod preflight;
mod prove;
mod run;
mod settings;
mod shell;
mod steps;
mod stop;
mod typing;

pub use all::run_all;
pub use ending::Outcome;
pub use error::{Error, no_way};
pub use pause::Enter;
pub use run::run;
pub use settings::{Embedded, Settings, namespace_name};
pub use stop::{Signal, Stop, Stopper};

#[cfg(test)]
pub(crate) mod tests;
