//! Answers in place of the one that was asked for.

use askama::Template;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{
    StatusCode,
    header::{RETRY_AFTER, VARY},
};
use serde::Serialize;

use crate::{Format, page};

/// Why a request was not done, and how to do better. As text it is the message, as JSON an object with the `message`, as
/// HTML a page that takes the program's own `/style.css`.
#[derive(Clone, Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// The answer's status.
    pub status: StatusCode,
    /// The page's heading.
    pub title: &'static str,
    /// What is wrong, and what is allowed or helps.
    pub message: String,
    /// The text of the page's link to `/`.
    pub link: &'static str,
    /// When a client may try again, in seconds: `Retry-After`.
    pub retry_seconds: Option<u32>,
    /// When the page goes to `/` by itself, in seconds.
    pub refresh_seconds: Option<u32>,
    /// The markup of a form to send once more, which has been rendered, and so escaped, already.
    pub form: Option<String>,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

impl Problem {
    /// The answer in one of its forms.
    #[must_use]
    pub fn into_response(self, format: Format) -> Response {
        let answer = match format {
            Format::Html => page(&self),
            Format::Text => format!("{}\n", self.message).into_response(),
            Format::Json => Json(Message {
                message: &self.message,
            })
            .into_response(),
        };
        let retry = self
            .retry_seconds
            .map(|seconds| [(RETRY_AFTER, seconds.to_string())]);
        (self.status, retry, [(VARY, "accept")], answer).into_response()
    }
}
