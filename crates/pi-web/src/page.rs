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
    explanation::explanation,
    measure::{HeldBack, Measured},
    split::{Split, Told},
};

/// The smallest part of the bar, in percent, with room for a time.
const SMALLEST: f64 = 14.0;

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
    /// The result of the lesson, how it is coloured, and what it is.
    result: String,
    colour: &'static str,
    caption: String,
    queued: String,
    wall: String,
    /// The same in seconds, for programs.
    wall_seconds: f64,
    cpu: String,
    throttled: String,
    /// Where the time went; nothing where it was too little to say.
    bar: Vec<Part>,
    limit: String,
    host: &'a str,
    explanation: String,
}

/// A part of the bar.
struct Part {
    colour: &'static str,
    /// What was done, and for how long.
    what: &'static str,
    time: String,
    /// Where it begins and how wide it is, in percent.
    from: f64,
    width: f64,
    /// Whether there is room for what was done, or for the time alone.
    room: Room,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    All,
    Time,
    None,
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
    /// What the computation waited for the limit, where `waited_for_limit_at_least` as a lower bound; null where it was too
    /// quick to say.
    waited_for_limit_seconds: Option<f64>,
    waited_for_limit_at_least: Option<bool>,
    /// In processors; null if there is no limit or it is unknown.
    cpu_limit: Option<f64>,
    held_back: HeldBack,
    host: &'a str,
    explanation: String,
}

/// A result in the given form.
pub(crate) fn result(measured: &Measured, host: &str, format: Format) -> Response {
    let fraction = measured.pi.get(2..).unwrap_or_default();
    let split = Split::of(measured);
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
            waited_for_limit_seconds: split.map(|split| split.for_limit.as_secs_f64()),
            waited_for_limit_at_least: split.map(|split| split.at_least),
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
    let split = Split::of(measured);
    let bar = split.as_ref().map(bar).unwrap_or_default();
    let (result, colour, caption) = headline(measured);
    let told = |time: Duration| Told(time).to_string();
    Page {
        decimals: fraction.len(),
        count: grouped(fraction.len()),
        algorithm: measured.algorithm.to_string(),
        rows: rows(fraction),
        result,
        colour,
        caption,
        queued: told(measured.queued),
        wall: told(measured.wall),
        wall_seconds: measured.wall.as_secs_f64(),
        cpu: told(measured.cpu),
        throttled: measured.throttled.map_or("unknown".into(), told),
        bar,
        limit: measured.limit.to_string(),
        host,
        explanation: explanation(measured),
    }
}

/// What is to be seen from the last row of a room.
fn headline(measured: &Measured) -> (String, &'static str, String) {
    // Too short to be broken in two.
    let told = |time: Duration| Told(time).to_string().replace(' ', "\u{a0}");
    let (wall, cpu) = (told(measured.wall), told(measured.cpu));
    if measured.is_too_quick() {
        return (wall, "quick", "too quick to say".into());
    }
    let times = format!("{:.1}×", measured.times_as_long());
    let caption = format!("as long: {cpu} of work took {wall}");
    match measured.held_back() {
        HeldBack::Limit => (times, "limit", caption),
        HeldBack::Busy => (times, "other", caption),
        HeldBack::No => (wall, "worked", "and nothing held it back".into()),
    }
}

/// The parts of the time side by side, each with as much of its label as fits.
fn bar(split: &Split) -> Vec<Part> {
    let for_limit = if split.at_least {
        "waited for the limit, at least"
    } else {
        "waited for the limit"
    };
    let mut from = 0.0;
    [
        ("worked", "worked", split.worked, 16.0),
        (
            "limit",
            for_limit,
            split.for_limit,
            if split.at_least { 40.0 } else { 30.0 },
        ),
        ("other", "waited", split.otherwise, 16.0),
    ]
    .into_iter()
    .filter(|(_, _, time, _)| !time.is_zero())
    .map(|(colour, what, time, enough)| {
        let width = split.percent(time);
        let room = match width {
            width if width >= enough => Room::All,
            width if width >= SMALLEST => Room::Time,
            _ => Room::None,
        };
        let part = Part {
            colour,
            what,
            time: Told(time).to_string(),
            from,
            width,
            room,
        };
        from += width;
        part
    })
    .collect()
}

/// The form to ask again, with what was typed.
#[derive(Template)]
#[template(path = "form.html")]
struct Form<'a> {
    decimals: &'a str,
    algorithm: &'a str,
}

/// A message in place of a result, and the form to ask again with the values of these parameters.
pub(crate) fn problem(
    status: StatusCode,
    message: impl Into<String>,
    parameters: &[(String, String)],
) -> Problem {
    let typed = |name| {
        let found = parameters.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    };
    Problem {
        form: service::markup(&Form {
            decimals: typed("dp"),
            algorithm: typed("algorithm"),
        }),
        ..Problem::new(status, "No pi this time", message, "Back to six decimals")
    }
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
    fn the_bar_is_full_and_labels_what_has_room() {
        let parts = |worked, for_limit, at_least, otherwise| {
            let [worked, for_limit, otherwise] = [worked, for_limit, otherwise].map(Duration::from_millis);
            let bar = bar(&Split {
                worked,
                for_limit,
                at_least,
                otherwise,
            });
            let end: f64 = bar.iter().map(|part| part.width).sum();
            assert!((end - 100.0).abs() < 0.2, "{end}");
            let told = bar.iter().map(|part| match part.room {
                Room::All => format!("{} {}", part.what, part.time),
                Room::Time => part.time.clone(),
                Room::None => "-".into(),
            });
            told.collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(
            parts(580, 1890, false, 0),
            "worked 0.58 s | waited for the limit 1.89 s"
        );
        assert_eq!(parts(500, 1000, true, 2500), "- | 1.00 s | waited 2.50 s");
        assert_eq!(parts(1000, 0, false, 0), "worked 1.00 s");
        assert_eq!(parts(1000, 0, false, 10), "worked 1.00 s | -");
    }

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
