#![doc = include_str!("../README.md")]

mod listed;
mod read;

pub use listed::Listed;
