//! Shared parts of the programs that serve pages.

use std::fmt::Display;

use askama::Template;
use axum::{
    response::{Html, IntoResponse, Response},
    routing::{MethodRouter, get},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
};

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A page for people.
    #[default]
    Html,
    /// Plain text.
    Text,
    /// JSON for programs.
    Json,
}

impl Format {
    /// The form named `html`, `text` or `json`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "html" => Some(Self::Html),
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Picks the form among those `offered` that the `Accept` headers weight highest, and the first among equals. If they
    /// accept none, it is the first of all, which RFC 9110, section 12.5.1, allows in place of 406.
    #[must_use]
    pub fn accepted(headers: &HeaderMap, offered: &[Self]) -> Self {
        Self::accepted_by(headers.get_all(ACCEPT), offered)
    }

    /// The same, for the values of the `Accept` headers.
    pub(crate) fn accepted_by<'a>(
        lines: impl IntoIterator<Item = &'a HeaderValue>,
        offered: &[Self],
    ) -> Self {
        let accepted = Accepted::of(lines);
        let mut best = (0.0, offered.first().copied().unwrap_or_default());
        for format in offered {
            let weight = accepted.weight(&format.ranges());
            if weight > best.0 {
                best = (weight, *format);
            }
        }
        best.1
    }

    /// The media ranges that match this form, the most specific first.
    fn ranges(self) -> [&'static str; 3] {
        match self {
            Self::Html => ["text/html", "text/*", "*/*"],
            Self::Text => ["text/plain", "text/*", "*/*"],
            Self::Json => ["application/json", "application/*", "*/*"],
        }
    }
}

/// The media ranges of a request's `Accept` headers, with their weights.
pub(crate) struct Accepted(Vec<(String, f64)>);

impl Accepted {
    pub(crate) fn of<'a>(lines: impl IntoIterator<Item = &'a HeaderValue>) -> Self {
        // Several lines mean the same as one with commas (RFC 9110, 5.3), and nothing here depends on case.
        let lines = lines.into_iter().filter_map(|line| line.to_str().ok());
        let accepted = lines.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        Self(accepted.split(',').map(range).collect())
    }

    /// The weight of the first of these media ranges that is there; the most specific decides, so it is to be the first:
    /// `text/html;q=0, */*` means anything but a page. 0 if none is there.
    pub(crate) fn weight(&self, ranges: &[&str]) -> f64 {
        let found = ranges
            .iter()
            .find_map(|name| self.0.iter().find(|range| range.0 == *name));
        found.map_or(0.0, |range| range.1)
    }
}

/// A media range, with its version if it names one, and its weight, 1 unless a readable `q` says otherwise.
fn range(text: &str) -> (String, f64) {
    let mut parts = text.split(';').map(str::trim);
    let mut name = parts.next().unwrap_or_default().to_owned();
    let mut weight = 1.0;
    for part in parts {
        if let Some(q) = part.strip_prefix("q=").and_then(|q| q.parse().ok()) {
            weight = q;
        } else if part.starts_with("version=") {
            name = format!("{name};{part}");
        }
    }
    (name, weight)
}

/// Renders a page. If that fails, the answer is 500 and the log has the reason.
pub fn page(template: &impl Template) -> Response {
    markup(template).map_or_else(
        || StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        |page| Html(page).into_response(),
    )
}

/// Renders a page or a part of one. If that fails, the log has the reason.
pub fn markup(template: &impl Template) -> Option<String> {
    template
        .render()
        .inspect_err(|error| tracing::error!(%error, "could not render a page"))
        .ok()
}

/// Answers with a style sheet, which browsers may keep for five minutes.
pub fn style_sheet<S: Clone + Send + Sync + 'static>(css: &'static str) -> MethodRouter<S> {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    get(async move || (headers, css))
}

/// Formats a whole number with thousands separators: `50,000`.
pub fn grouped(number: impl Display) -> String {
    let mut text = number.to_string();
    let first_digit = usize::from(text.starts_with('-'));
    let mut comma = text.len();
    while comma > first_digit + 3 {
        comma -= 3;
        text.insert(comma, ',');
    }
    text
}

/// The host name, which in a pod is the pod's name.
#[must_use]
pub fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const ALL: &[Format] = &[Format::Html, Format::Text, Format::Json];
    const NO_TEXT: &[Format] = &[Format::Html, Format::Json];

    #[test]
    fn the_form_is_the_best_accepted_of_those_offered() {
        for (offered, accept, expected) in [
            (ALL, &[""][..], Format::Html),
            (ALL, &["*/*"], Format::Html),
            (
                ALL,
                &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
                Format::Html,
            ),
            (ALL, &["application/json"], Format::Json),
            (ALL, &["text/plain;q=0.5, application/json;q=0.9"], Format::Json),
            (ALL, &["text/plain, application/json"], Format::Text),
            (ALL, &["Text/Plain;Q=0.5, Application/JSON"], Format::Json),
            (ALL, &["image/png"], Format::Html),
            (ALL, &["text/html;q=0, */*"], Format::Text),
            (ALL, &["image/png", "text/html;q=0.5", "Text/Plain"], Format::Text),
            (NO_TEXT, &["text/plain"], Format::Html),
            (NO_TEXT, &["application/json;q=0, text/plain"], Format::Html),
            (NO_TEXT, &["application/json, text/html"], Format::Html),
            (
                NO_TEXT,
                &["text/html,application/xhtml+xml,application/json;q=0.9"],
                Format::Html,
            ),
            (NO_TEXT, &["text/*;q=0.1", "APPLICATION/*"], Format::Json),
        ] {
            let lines = accept.iter().map(|line| (ACCEPT, HeaderValue::from_static(line)));
            let headers = HeaderMap::from_iter(lines);
            assert_eq!(Format::accepted(&headers, offered), expected, "{accept:?}");
        }
    }

    #[test]
    fn large_numbers_are_grouped() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (50_001, "50,001"),
            (1_000_000, "1,000,000"),
            (-123, "-123"),
            (-1234, "-1,234"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
