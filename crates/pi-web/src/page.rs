//! Results and problems in each form of answer.

use std::time::Duration;

use askama::Template;
use axum::{
    Json,
    http::{StatusCode, header::VARY},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service::{Format, Problem, grouped};

use crate::{
    cgroup::Limit,
    measure::{HeldBack, Measured, explanation},
};

/// Digits in a group, and groups in a row.
const GROUP: usize = 10;
const ROW: usize = 5;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    decimals: usize,
    /// The same with thousands separators, `50,000`.
    count: String,
    algorithm: String,
    /// The number of the first decimal of each row, and its groups.
    rows: Vec<(String, Vec<&'a str>)>,
    queued: String,
    wall: String,
    /// The same in seconds, for programs.
    wall_seconds: f64,
    cpu: String,
    throttled: String,
    /// The parts of the wall time in percent.
    cpu_share: f64,
    throttled_share: f64,
    limit: String,
    host: &'a str,
    explanation: String,
}

#[derive(Serialize)]
struct Figures<'a> {
    pi: &'a str,
    dp: usize,
    algorithm: String,
    queued_seconds: f64,
    wall_seconds: f64,
    cpu_seconds: f64,
    /// Null if the kernel does not count it.
    throttled_seconds: Option<f64>,
    /// In processors; null if there is no limit or it is unknown.
    cpu_limit: Option<f64>,
    held_back: HeldBack,
    host: &'a str,
    explanation: String,
}

/// A result in the given form.
pub(crate) fn result(measured: &Measured, host: &str, format: Format) -> Response {
    let fraction = measured.pi.get(2..).unwrap_or_default();
    let answer = match format {
        Format::Text => format!("{}\n", measured.pi).into_response(),
        Format::Json => Json(Figures {
            pi: &measured.pi,
            dp: fraction.len(),
            algorithm: measured.algorithm.to_string(),
            queued_seconds: measured.queued.as_secs_f64(),
            wall_seconds: measured.wall.as_secs_f64(),
            cpu_seconds: measured.cpu.as_secs_f64(),
            throttled_seconds: measured.throttled.map(|time| time.as_secs_f64()),
            cpu_limit: if let Limit::Cores(cores) = measured.limit {
                Some(cores)
            } else {
                None
            },
            held_back: measured.held_back(),
            host,
            explanation: explanation(measured),
        })
        .into_response(),
        Format::Html => service::page(&page(measured, fraction, host)),
    };
    ([(VARY, "accept")], answer).into_response()
}

fn page<'a>(measured: &'a Measured, fraction: &'a str, host: &'a str) -> Page<'a> {
    let share = |time: Duration| {
        let share = time.as_secs_f64() / measured.wall.as_secs_f64().max(1e-9);
        (share * 100.0).min(100.0).round()
    };
    let cpu_share = share(measured.cpu);
    Page {
        decimals: fraction.len(),
        count: grouped(fraction.len()),
        algorithm: measured.algorithm.to_string(),
        rows: rows(fraction),
        queued: seconds(measured.queued),
        wall: seconds(measured.wall),
        wall_seconds: measured.wall.as_secs_f64(),
        cpu: seconds(measured.cpu),
        throttled: measured.throttled.map_or("unknown".into(), seconds),
        cpu_share,
        // The kernel counts for the whole container, other computations included.
        throttled_share: share(measured.throttled.unwrap_or_default()).min(100.0 - cpu_share),
        limit: measured.limit.to_string(),
        host,
        explanation: explanation(measured),
    }
}

/// A message in place of a result.
pub(crate) fn problem(status: StatusCode, message: impl Into<String>) -> Problem {
    Problem::new(status, "No pi this time", message, "Back to six decimals")
}

/// Formats a time in seconds, always, so that times can be compared at a glance.
fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

fn rows(fraction: &str) -> Vec<(String, Vec<&str>)> {
    let groups: Vec<_> = (0..fraction.len())
        .step_by(GROUP)
        .map(|at| &fraction[at..fraction.len().min(at + GROUP)])
        .collect();
    groups
        .chunks(ROW)
        .enumerate()
        .map(|(row, groups)| (grouped(row * ROW * GROUP + 1), groups.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_rows_of_fifty_that_say_where_they_begin() {
        assert!(rows("").is_empty());
        let digits = "1234567890".repeat(5) + "123";
        let rows = rows(&digits);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].0.as_str(), rows[0].1.len()), ("1", 5));
        assert_eq!(rows[1], ("51".into(), vec!["123"]));
    }
}
