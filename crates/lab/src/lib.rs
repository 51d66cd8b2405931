#![doc = include_str!("../README.md")]

pub mod cli;
mod commands;
mod existing_cluster;
mod exit;
pub mod image_source;
pub mod images;
mod language;
pub mod memory;
mod namespace;
pub mod print;
pub mod progress;
mod stands;
pub mod surroundings;
pub mod target;
mod told;
mod workspace;

pub use exit::Exit;
pub use told::{told, told_unwritten};
