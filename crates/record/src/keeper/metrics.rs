//! Metrics as samples.

use jiff::Timestamp;
use prometheus_parse::{Labels, Sample, Scrape, Value};

/// The samples of some metrics.
pub(super) fn samples(text: &str, names: &[&str]) -> Vec<Sampled> {
    // The parser takes each line apart, and the kubelet writes thousands: only those of these names are shown to it.
    let named = |line: &&str| {
        let name = line.split(['{', ' ']).next();
        name.is_some_and(|name| names.contains(&name))
    };
    let lines = text.lines().filter(named).map(|line| Ok(line.to_owned()));
    // Reading from memory does not fail; a line that is none is left out.
    let all = Scrape::parse(lines)
        .map(|scrape| scrape.samples)
        .unwrap_or_default();
    let read = |sample: Sample| {
        Some(Sampled {
            value: match sample.value {
                Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => value,
                Value::Histogram(_) | Value::Summary(_) => return None,
            },
            at: Timestamp::from_millisecond(sample.timestamp.timestamp_millis()).ok()?,
            metric: sample.metric,
            labels: sample.labels,
        })
    };
    all.into_iter().filter_map(read).collect()
}

/// A sample.
pub(super) struct Sampled {
    pub(super) metric: String,
    pub(super) value: f64,
    /// The time that the line has, or else now.
    pub(super) at: Timestamp,
    pub(super) labels: Labels,
}

impl Sampled {
    /// The value as an amount, such as seconds; none for what is no number, or none of an amount.
    pub(super) fn amount(&self) -> Option<f64> {
        (self.value.is_finite() && self.value >= 0.0).then_some(self.value)
    }

    /// The value as a count; none for what is no number, or no count.
    pub(super) fn count(&self) -> Option<u64> {
        /// What a double still counts exactly.
        const MOST: f64 = 9_007_199_254_740_992.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between 0 and what fits"
        )]
        (0.0..=MOST)
            .contains(&self.value)
            .then(|| self.value.round() as u64)
    }
}
