#![doc = include_str!("../README.md")]

pub mod cli;
pub mod doctor;
pub mod down;
pub mod env;
pub mod existing;
pub mod images;
pub mod logs;
pub mod progress;
pub mod registry;
pub mod status;
pub mod up;
