#![doc = include_str!("../README.md")]

mod accept;
mod ask;
mod error;
mod health;
mod linger;
mod metrics;
mod observe;
mod run;
mod settings;
mod stop;
mod telemetry;

pub use error::Error;
pub use health::Readiness;
pub use metrics::resident_bytes;
pub use run::{Service, run};
pub use settings::{LogFormat, LogSettings, Settings, whole};
pub use telemetry::start_logging;
