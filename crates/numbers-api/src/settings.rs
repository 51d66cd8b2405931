//! The flags and environment variables of numbers-api.

use clap::Parser;

/// Serves random numbers until it breaks on purpose.
///
/// GET /rng returns a number from 0 to 99, GET /healthz tells whether the next call would succeed, GET /reset makes it
/// healthy again, GET /metrics is for Prometheus.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Settings {
    /// How many calls of /rng succeed before it breaks; 0 means that it never does (0 to 4294967295).
    #[arg(long, env = "FailAfterCallCount", value_name = "FailAfterCallCount", default_value = "0",
        value_parser = service::whole(0..=u32::MAX), allow_negative_numbers = true)]
    pub fail_after_call_count: u32,

    /// Whether each failed call gets an id of its own, in its message and in the log (true or false).
    #[arg(long, env = "UseFailureId", value_name = "UseFailureId", default_value = "false",
        num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set, value_parser = yes_or_no)]
    pub use_failure_id: bool,

    /// The settings that all services share.
    #[command(flatten)]
    pub service: service::Settings,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    text.to_ascii_lowercase()
        .parse()
        .map_err(|_| "give true or false".to_owned())
}
