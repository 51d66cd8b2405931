//! Answers, as pages for people and as JSON for machines.

use askama::Template;
use axum::{
    Json,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, RETRY_AFTER},
    },
    response::{Html, IntoResponse, Response},
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    item::{Item, MOST_CHARACTERS},
    store::Listing,
};

/// How soon to ask again while the database is gone, in seconds.
const RETRY_SECONDS: u32 = 2;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Html,
    Json,
}

impl Format {
    /// JSON where the query or the header names it, and no page besides.
    pub(crate) fn of(query: Option<&str>, headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match query {
            Some("json") => Self::Json,
            Some("html") => Self::Html,
            _ if accepted.contains("application/json") && !accepted.contains("text/html") => Self::Json,
            _ => Self::Html,
        }
    }
}

/// The form to add an item, empty or with what could not be added.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddForm {
    /// Makes it safe to send the form twice.
    pub(crate) id: Uuid,
    pub(crate) text: String,
}

impl AddForm {
    pub(crate) fn empty() -> Self {
        Self {
            id: Uuid::new_v4(),
            text: String::new(),
        }
    }

    /// With what somebody typed, as far as a field on one line can hold it.
    pub(crate) fn again(id: Uuid, text: &str) -> Self {
        Self {
            id,
            text: text
                .trim()
                .chars()
                .filter(|character| !character.is_control())
                .collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    title: &'static str,
    counts: String,
    listing: &'a Listing,
    /// The query that leads back to this page.
    back: String,
    form: AddForm,
    most: usize,
    invalid: bool,
    /// Where the items are kept.
    place: &'a str,
    /// Who answers.
    host: &'a str,
}

#[derive(Serialize)]
struct ListJson<'a> {
    items: &'a [Item],
    total: i64,
    open: i64,
    completed: i64,
    page: i64,
    pages: i64,
}

/// A page of the list.
pub(crate) fn list(listing: &Listing, place: &str, host: &str, format: Format) -> Response {
    match format {
        Format::Json => Json(ListJson {
            items: &listing.items,
            total: listing.open + listing.completed,
            open: listing.open,
            completed: listing.completed,
            page: listing.page,
            pages: listing.pages,
        })
        .into_response(),
        Format::Html => rendered(&ListPage {
            title: "To do",
            counts: format!(
                "{} open, {} done",
                grouped(listing.open),
                grouped(listing.completed)
            ),
            listing,
            back: if listing.page == 1 {
                String::new()
            } else {
                format!("?page={}", listing.page)
            },
            form: AddForm::empty(),
            most: MOST_CHARACTERS,
            invalid: false,
            place,
            host,
        }),
    }
}

/// An answer other than the one that was hoped for.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    pub(crate) message: String,
    /// With what was typed, to be sent once more.
    pub(crate) form: Option<AddForm>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    message: &'a str,
    form: Option<AddForm>,
    most: usize,
    /// Whether the field has what is wrong, for screen readers.
    invalid: bool,
    /// After how many seconds the browser is to ask again by itself.
    refresh: Option<u32>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            title,
            message: message.into(),
            form: None,
        }
    }

    /// The database is gone: a matter of seconds, as a rule.
    pub(crate) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The list is away for a moment",
            "The database does not answer. What was added before is safe there, and the list comes back by itself as \
             soon as the database does.",
        )
    }

    /// The same, when it was to keep something.
    pub(crate) fn unavailable_for(form: AddForm) -> Self {
        Self {
            message: "The database does not answer, so this item may not have been kept. Add it again in a moment: it \
                      will not be there twice."
                .into(),
            form: Some(form),
            ..Self::unavailable()
        }
    }

    pub(crate) fn with(self, form: AddForm) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    pub(crate) fn into_response(self, format: Format) -> Response {
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let answer = match format {
            Format::Json => Json(serde_json::json!({ "message": self.message })).into_response(),
            Format::Html => rendered(&ProblemPage {
                title: self.title,
                message: &self.message,
                invalid: self.form.is_some() && !unavailable,
                // Not in the middle of typing.
                refresh: (unavailable && self.form.is_none()).then_some(RETRY_SECONDS),
                form: self.form,
                most: MOST_CHARACTERS,
            }),
        };
        let retry = unavailable.then(|| [(RETRY_AFTER, RETRY_SECONDS.to_string())]);
        (self.status, retry, answer).into_response()
    }
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

/// With a comma at each thousand.
fn grouped(number: i64) -> String {
    if number < 1000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1000), number % 1000)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header::ACCEPT};

    use super::{Format, grouped};

    #[test]
    fn large_numbers_are_grouped() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (10_000, "10,000"),
            (1_000_001, "1,000,001"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn json_is_for_those_who_ask_for_it() {
        for (query, accept, expected) in [
            (None, "", Format::Html),
            (None, "*/*", Format::Html),
            (None, "application/json", Format::Json),
            (
                None,
                "text/html,application/xhtml+xml,application/json;q=0.9",
                Format::Html,
            ),
            (Some("json"), "text/html", Format::Json),
            (Some("html"), "application/json", Format::Html),
            (Some("xml"), "application/json", Format::Json),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(Format::of(query, &headers), expected, "{query:?} {accept}");
        }
    }
}
