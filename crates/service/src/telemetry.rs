//! Log lines: readable on a terminal, JSON for machines.

use std::{
    io::{IsTerminal, stderr},
    panic,
};

use tracing_subscriber::{Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{LogFormat, LogSettings};

/// Sends `tracing` events, and panics as such events, to standard error from now on. Standard output stays free for what a
/// program computes.
///
/// A second call in the same process changes nothing: the first subscriber stays.
pub fn start_logging(settings: &LogSettings) {
    let text = match settings.log_format {
        LogFormat::Auto => stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let lines = if text {
        fmt::layer()
            .with_writer(stderr)
            .with_ansi(stderr().is_terminal())
            .with_target(false)
            .boxed()
    } else {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(stderr)
            .boxed()
    };
    let started = tracing_subscriber::registry()
        .with(lines.with_filter(settings.log_filter.clone()))
        .try_init();
    if started.is_err() {
        tracing::debug!("logging had already been started");
        return;
    }
    // The usual hook prints lines of text, among which a reader of JSON finds nothing.
    panic::set_hook(Box::new(|panic| {
        tracing::error!(
            location = panic.location().map(tracing::field::display),
            "panicked: {}",
            panic.payload_as_str().unwrap_or("without a message")
        );
    }));
}

#[cfg(test)]
mod tests {
    use std::{env, process::Command, thread};

    use super::start_logging;
    use crate::{LogFormat, LogSettings};

    /// Set in a process that only panics: logging belongs to a whole process.
    const ONLY_PANIC: &str = "TEST_ONLY_PANIC";

    #[test]
    fn a_panic_is_a_log_line_like_any_other() {
        if env::var_os(ONLY_PANIC).is_some() {
            start_logging(&LogSettings {
                log_format: LogFormat::Json,
                log_filter: "info".parse().unwrap(),
            });
            let panicked = thread::spawn(|| assert_eq!(1, 2, "on purpose")).join();
            assert!(panicked.is_err());
            return;
        }
        let output = Command::new(env::current_exe().unwrap())
            .args(["a_panic_is_a_log_line_like_any_other", "--nocapture"])
            .env(ONLY_PANIC, "yes")
            .output()
            .unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{log}");
        let line: serde_json::Value = serde_json::from_str(log.trim_end()).unwrap();
        let message = line["message"].as_str().unwrap();
        assert!(
            message.starts_with("panicked: ") && message.contains("on purpose"),
            "{line}"
        );
        assert!(
            line["location"].as_str().unwrap().contains("telemetry.rs:"),
            "{line}"
        );
        assert_eq!(line["level"], "ERROR");
    }
}
