#![doc = include_str!("../README.md")]

pub mod applied;
pub mod check;
pub mod checks;
pub mod cli;
pub mod doctor;
pub mod down;
pub mod env;
pub mod events;
pub mod existing;
pub mod guide;
pub mod images;
mod kinds;
pub mod list;
mod loader;
pub mod logs;
pub mod print;
pub mod progress;
pub mod registry;
pub mod reports;
pub mod requirements;
pub mod reset;
pub mod run;
pub mod runner;
pub mod standing;
pub mod status;
pub mod target;
pub mod up;
