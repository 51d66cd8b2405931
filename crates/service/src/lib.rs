#![doc = include_str!("../README.md")]

mod accept;
mod ask;
mod error;
mod exposition;
#[cfg(test)]
mod fixture;
mod health;
mod layers;
mod linger;
mod listen;
mod listening;
mod metrics;
mod origin;
mod patience;
mod peer;
mod problem;
mod refusals;
mod run;
mod service;
mod settings;
mod stop;
mod telemetry;
mod unread;
mod web;

pub use error::Error;
pub use health::Readiness;
pub use listening::Listening;
pub use metrics::resident_bytes;
pub use origin::Origins;
pub use problem::Problem;
pub use run::run;
pub use service::Service;
pub use settings::{LogFormat, LogSettings, Settings, whole};
pub use telemetry::start_logging;
pub use web::{Format, grouped, hostname, markup, page, style_sheet};
