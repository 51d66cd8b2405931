//! Log lines: readable on a terminal, JSON for machines.

use std::{
    io::{IsTerminal, stderr},
    panic,
    sync::Arc,
};

use tracing_subscriber::{Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{LogFormat, LogSettings};

tokio::task_local! {
    /// The method and route of the request that is being handled, for the line of a panic.
    pub(crate) static REQUEST: (&'static str, Arc<str>);
}

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
        let request = REQUEST.try_with(Clone::clone).ok();
        let (method, path) = request.unzip();
        tracing::error!(
            method,
            path = path.as_deref(),
            location = panic.location().map(tracing::field::display),
            "panicked: {}",
            panic.payload_as_str().unwrap_or("without a message")
        );
    }));
}
