#![doc = include_str!("../README.md")]

mod budget;
mod metrics;
mod numbers;
mod routes;
mod settings;

pub use budget::{CallBudget, Exhausted};
pub use numbers::Numbers;
pub use routes::{App, router};
pub use settings::Settings;
