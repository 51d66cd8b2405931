//! What numbers-api can be told.

use clap::Parser;

/// Answers random numbers, until it breaks on purpose.
///
/// GET /rng answers a number from 0 to 99, GET /healthz whether the next call would succeed, GET /reset heals it, GET
/// /metrics is for Prometheus.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Settings {
    /// How many calls of /rng succeed before it breaks; 0 is never (0 to 4294967295).
    #[arg(long, env = "FailAfterCallCount", value_name = "FailAfterCallCount", default_value = "0",
        value_parser = service::whole(0..=u32::MAX), allow_negative_numbers = true)]
    pub fail_after_call_count: u32,

    /// Whether the message of each failed call carries an id of its own, which the log has too (true or false).
    #[arg(long, env = "UseFailureId", value_name = "UseFailureId", default_value = "false",
        num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set, value_parser = yes_or_no)]
    pub use_failure_id: bool,

    /// What it shares with every service.
    #[command(flatten)]
    pub service: service::Settings,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    text.to_ascii_lowercase()
        .parse()
        .map_err(|_| "give true or false".to_owned())
}
