//! Answers in each of their forms.

use askama::Template;
use axum::{
    Json,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    cgroup::Limit,
    measure::{Measured, explanation},
    query::Format,
};

/// Digits in a group, and groups in a row.
const GROUP: usize = 10;
const ROW: usize = 5;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    decimals: usize,
    algorithm: String,
    /// The number of the first decimal of each row, and its groups.
    rows: Vec<(usize, Vec<&'a str>)>,
    wall: String,
    cpu: String,
    throttled: String,
    limit: String,
    host: &'a str,
    explanation: String,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    message: &'a str,
}

#[derive(Serialize)]
struct Figures<'a> {
    pi: &'a str,
    dp: usize,
    algorithm: String,
    wall_seconds: f64,
    cpu_seconds: f64,
    /// Null where the kernel does not say.
    throttled_seconds: Option<f64>,
    /// In processors; null where there is no limit, or none is known.
    cpu_limit: Option<f64>,
    host: &'a str,
    explanation: String,
}

/// A result.
pub(crate) fn result(measured: &Measured, host: &str, format: Format) -> Response {
    let fraction = measured.pi.get(2..).unwrap_or_default();
    match format {
        Format::Text => format!("{}\n", measured.pi).into_response(),
        Format::Json => Json(Figures {
            pi: &measured.pi,
            dp: fraction.len(),
            algorithm: measured.algorithm.to_string(),
            wall_seconds: measured.wall.as_secs_f64(),
            cpu_seconds: measured.cpu.as_secs_f64(),
            throttled_seconds: measured.throttled.map(|time| time.as_secs_f64()),
            cpu_limit: if let Limit::Cores(cores) = measured.limit {
                Some(cores)
            } else {
                None
            },
            host,
            explanation: explanation(measured),
        })
        .into_response(),
        Format::Html => rendered(&Page {
            decimals: fraction.len(),
            algorithm: measured.algorithm.to_string(),
            rows: rows(fraction),
            wall: seconds(measured.wall.as_secs_f64()),
            cpu: seconds(measured.cpu.as_secs_f64()),
            throttled: measured
                .throttled
                .map_or("unknown".into(), |time| seconds(time.as_secs_f64())),
            limit: match measured.limit {
                Limit::Unknown => "unknown".into(),
                Limit::None => "none".into(),
                Limit::Cores(cores) => format!("{cores:.2} processors"),
            },
            host,
            explanation: explanation(measured),
        }),
    }
}

/// A message in place of a result.
pub(crate) fn problem(status: StatusCode, message: &str, format: Format) -> Response {
    let answer = match format {
        Format::Text => format!("{message}\n").into_response(),
        Format::Json => Json(serde_json::json!({ "message": message })).into_response(),
        Format::Html => rendered(&Problem { message }),
    };
    (status, answer).into_response()
}

fn rendered(template: &impl Template) -> Response {
    match template.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(%error, "the page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn seconds(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.2} s")
    }
}

fn rows(fraction: &str) -> Vec<(usize, Vec<&str>)> {
    let groups: Vec<_> = (0..fraction.len())
        .step_by(GROUP)
        .map(|at| &fraction[at..fraction.len().min(at + GROUP)])
        .collect();
    groups
        .chunks(ROW)
        .enumerate()
        .map(|(row, groups)| (row * ROW * GROUP + 1, groups.to_vec()))
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
        assert_eq!((rows[0].0, rows[0].1.len()), (1, 5));
        assert_eq!(rows[1], (51, vec!["123"]));
    }
}
