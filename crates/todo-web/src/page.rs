//! Answers, as pages for people and as JSON for programs.

use askama::Template;
use axum::{
    Json,
    http::{StatusCode, header::VARY},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service::{Format, Problem, grouped};
use uuid::Uuid;

use crate::{
    item::{Item, MOST_CHARACTERS},
    store::Listing,
    watch::Unavailable,
};

/// Seconds after which to ask again while the database is unavailable.
const RETRY_SECONDS: u32 = 2;

/// The form to add an item, empty or with the text that could not be added.
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

    /// The form with the text that was typed, as far as a field on one line can hold it.
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
    /// The place of the items, for the page's foot.
    place: &'a str,
    /// The host name of this replica.
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
    let answer = if format == Format::Json {
        Json(ListJson {
            items: &listing.items,
            total: listing.open + listing.completed,
            open: listing.open,
            completed: listing.completed,
            page: listing.page,
            pages: listing.pages,
        })
        .into_response()
    } else {
        service::page(&ListPage {
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
        })
    };
    ([(VARY, "accept")], answer).into_response()
}

/// The form alone, for a problem's page.
#[derive(Template)]
#[template(path = "form.html")]
struct FormAgain {
    form: AddForm,
    most: usize,
    /// Marks the field as wrong, for screen readers.
    invalid: bool,
}

/// A problem with a link back to the list.
pub(crate) fn problem(status: StatusCode, title: &'static str, message: impl Into<String>) -> Problem {
    Problem::new(status, title, message, "To the list")
}

/// The text can't be an item. The form shows it again, to be corrected.
pub(crate) fn invalid(message: String, form: AddForm) -> Problem {
    Problem {
        form: again(form, true),
        ..problem(StatusCode::UNPROCESSABLE_ENTITY, "This can't be an item", message)
    }
}

/// The database is unavailable, usually for some seconds only.
pub(crate) fn unavailable(why: Unavailable) -> Problem {
    let message = if why.read_only {
        "The database only reads at the moment, so nothing was changed. What was added before is safe there; try again in a \
         moment."
    } else {
        "The database does not answer. What was added before is safe there, and the list comes back by itself as soon as \
         the database does."
    };
    Problem {
        retry_seconds: Some(RETRY_SECONDS),
        refresh_seconds: Some(RETRY_SECONDS),
        ..problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "The list is away for a moment",
            message,
        )
    }
}

/// The database is unavailable, and an item was to be added.
pub(crate) fn unavailable_for(why: Unavailable, form: AddForm) -> Problem {
    let message = if why.read_only {
        "The database only reads at the moment, so this item was not kept. Add it again in a moment."
    } else {
        "The database does not answer, so this item may not have been kept. Add it again in a moment: it will not be \
         there twice."
    };
    Problem {
        message: message.into(),
        // A refresh would throw away the text.
        refresh_seconds: None,
        form: again(form, false),
        ..unavailable(why)
    }
}

fn again(form: AddForm, invalid: bool) -> Option<String> {
    service::markup(&FormAgain {
        form,
        most: MOST_CHARACTERS,
        invalid,
    })
}
