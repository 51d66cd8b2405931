#![doc = include_str!("../README.md")]

pub mod cli;
mod commands;
mod exit;
mod foreign;
pub mod image_source;
pub mod images;
mod language;
mod loader;
mod print;
pub mod progress;
pub mod target;
mod workspace;

pub use exit::Exit;
