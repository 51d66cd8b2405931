//! The settings of every service, from flags and the environment.

use std::{fmt::Display, net::SocketAddr, ops::RangeInclusive, time::Duration};

use clap::{Args, ValueEnum};
use http::Uri;
use tracing_subscriber::filter::{LevelFilter, Targets};

/// The settings that every service shares; a service flattens them into its own.
///
/// Flags win over the environment. A value outside its bounds is refused at the start with a message that names the
/// value and the bounds, and exit code 2.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Every service")]
// Named, so that it may be flattened into a struct that is called Settings too.
#[group(id = "service")]
pub struct Settings {
    /// Instead of serving, fetch this URL once, print the answer and end: with 0 if it was a success (2xx), else with 1.
    /// For tests from inside a cluster.
    #[arg(long, value_name = "URL", value_parser = crate::ask::address)]
    pub get: Option<Uri>,

    /// Address and port to listen on. `[::]` is every address, those of IPv4 too, and where there is no IPv6 those of IPv4
    /// alone. Port 0 takes any free port, which the log names.
    #[arg(long, env = "LISTEN", default_value = "[::]:8080", value_parser = listen)]
    pub listen: SocketAddr,

    /// The level and format of the log.
    #[command(flatten)]
    pub logs: LogSettings,

    /// Seconds to keep serving after SIGTERM, no longer ready and closing each connection after its answer, so that load
    /// balancers can move on without a failed request (0 to 600).
    #[arg(long, env = "DRAIN_SECONDS", default_value = "5", value_parser = seconds(0..=600), allow_negative_numbers = true)]
    pub drain_seconds: Duration,

    /// Seconds after the drain until requests that are still open are cut off. Both together, plus one second for a last
    /// answer to arrive, must stay below the pod's terminationGracePeriodSeconds (1 to 3600).
    #[arg(long, env = "STOP_SECONDS", default_value = "15", value_parser = seconds(1..=3600), allow_negative_numbers = true)]
    pub stop_seconds: Duration,

    /// Seconds that a request head may take from its first byte on, and the first one from the connection's beginning; after
    /// that the connection is closed (1 to 3600).
    #[arg(long, env = "HEADER_SECONDS", default_value = "10", value_parser = seconds(1..=3600), allow_negative_numbers = true)]
    pub header_seconds: Duration,

    /// Seconds until a connection between two requests is closed. Longer than those of the load balancer in front, usually
    /// 60, which would otherwise meet the end of one that it uses again; where connections are short, the one that has been
    /// idle longest is closed earlier (1 to 3600).
    #[arg(long, env = "IDLE_SECONDS", default_value = "90", value_parser = seconds(1..=3600), allow_negative_numbers = true)]
    pub idle_seconds: Duration,

    /// Seconds that an answer may still take after its client has stopped sending; after that it is 408. A client that waits
    /// for its answer and one that has gone look alike then, so these are also the seconds of work for nobody (0 to 3600).
    #[arg(long, env = "HALF_CLOSE_SECONDS", default_value = "5", value_parser = seconds(0..=3600), allow_negative_numbers = true)]
    pub half_close_seconds: Duration,

    /// Seconds that a request may take, including the arrival of its body; after that the answer is 408 (1 to 3600).
    #[arg(long, env = "REQUEST_SECONDS", default_value = "10", value_parser = seconds(1..=3600), allow_negative_numbers = true)]
    pub request_seconds: Duration,

    /// Seconds until the connection of a client that stops reading its answer is closed; each byte it reads restarts
    /// them (1 to 3600).
    #[arg(long, env = "WRITE_SECONDS", default_value = "5", value_parser = seconds(1..=3600), allow_negative_numbers = true)]
    pub write_seconds: Duration,

    /// Largest request head in bytes, request line and all headers together; above it, and above 100 headers, the answer
    /// is 431 (8192 to 1048576). This times MAX_CONNECTIONS is the memory that clients can claim.
    #[arg(long, env = "MAX_HEADER_BYTES", default_value = "16384", value_parser = whole::<usize>(8192..=1_048_576), allow_negative_numbers = true)]
    pub max_header_bytes: usize,

    /// Longest request target (path and query) in bytes; above it the answer is 414, and above MAX_HEADER_BYTES, which
    /// bounds the whole head, it is 431 (64 to 65534).
    #[arg(long, env = "MAX_TARGET_BYTES", default_value = "8000", value_parser = whole::<usize>(64..=65_534), allow_negative_numbers = true)]
    pub max_target_bytes: usize,

    /// Largest request body in bytes; above it the answer is 413 (0 to 1073741824).
    #[arg(long, env = "MAX_BODY_BYTES", default_value = "65536", value_parser = whole::<usize>(0..=1_073_741_824), allow_negative_numbers = true)]
    pub max_body_bytes: usize,

    /// Most connections open at once; further ones wait to be accepted (1 to 65536).
    #[arg(long, env = "MAX_CONNECTIONS", default_value = "1000", value_parser = whole::<usize>(1..=65_536), allow_negative_numbers = true)]
    pub max_connections: usize,

    /// Origins of this program's pages where a proxy asks it under another name than browsers use, like
    /// https://todo.example; several with commas (at most 20). Requests that change something are taken from these pages too.
    #[arg(long, env = "PUBLIC_ORIGINS", default_value = "", value_parser = crate::origin::origins)]
    pub public_origins: crate::Origins,
}

/// The level and format of a program's log; a program that serves nothing can use it without the rest of [`Settings`].
#[derive(Args, Clone, Debug)]
#[group(id = "logs")]
pub struct LogSettings {
    /// Format of the log. `auto` is text on a terminal and JSON everywhere else.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,

    /// Level of the log: off, error, warn, info, debug or trace, also by module, as in `info,service=debug`. If only
    /// modules are named, the rest logs at info.
    #[arg(long, env = "LOG_FILTER", default_value = "info", value_parser = log_filter)]
    pub log_filter: Targets,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON everywhere else.
    Auto,
    /// Readable lines, coloured on a terminal.
    Text,
    /// One JSON object on each line.
    Json,
}

/// A clap parser for a whole number within `range`; its error says what is allowed.
pub fn whole<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: std::str::FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| {
        text.parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| format!("give a whole number from {} to {}", range.start(), range.end()))
    }
}

/// The same for a duration in whole seconds.
fn seconds(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync + 'static {
    let number = whole(range);
    move |text| number(text).map(Duration::from_secs)
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "give an IP address and a port from 0 to 65535, like [::]:8080 or 127.0.0.1:8080".to_owned()
    })
}

fn log_filter(text: &str) -> Result<Targets, String> {
    let advice = "give off, error, warn, info, debug or trace, also by module, like info,service=debug";
    // `Targets` would take a mistyped level for the name of a module, and log nothing else.
    let typo = text
        .split(',')
        .find(|part| !part.contains('=') && part.parse::<LevelFilter>().is_err());
    if let Some(typo) = typo {
        return Err(format!("{typo:?} is not a level; {advice}"));
    }
    let filter: Targets = text.parse().map_err(|error| format!("{error}; {advice}"))?;
    // `Targets` would turn off every other module, and with them the reason why a program ends.
    Ok(if text.split(',').all(|part| part.contains('=')) {
        filter.with_default(LevelFilter::INFO)
    } else {
        filter
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::log_filter;

    #[test]
    fn a_filter_for_one_module_leaves_the_others_at_info() {
        for (text, service, numbers_api) in [
            ("numbers_api=debug", Some(Level::INFO), Some(Level::DEBUG)),
            ("numbers_api=off", Some(Level::INFO), None),
            ("warn,numbers_api=debug", Some(Level::WARN), Some(Level::DEBUG)),
            ("numbers_api=debug,off", None, Some(Level::DEBUG)),
            ("info", Some(Level::INFO), Some(Level::INFO)),
        ] {
            let filter = log_filter(text).unwrap();
            let most = |target| {
                [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR]
                    .into_iter()
                    .find(|level| filter.would_enable(target, level))
            };
            assert_eq!(
                (most("service"), most("numbers_api")),
                (service, numbers_api),
                "{text}"
            );
        }
    }
}
