//! Answers that explain why there is no better one.

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

/// The reason why a request failed, and what helps. As text it is the message, as JSON an object with the `message`, as HTML
/// a page, for which the program has to serve `/style.css`.
#[derive(Clone, Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// The page's heading.
    pub title: &'static str,
    /// The fault, and what is allowed or helps.
    pub message: String,
    /// The text of the page's link to `/`.
    pub link: &'static str,
    /// Seconds after which a client may try again: `Retry-After`.
    pub retry_seconds: Option<u32>,
    /// Seconds after which the page goes to `/` by itself.
    pub refresh_seconds: Option<u32>,
    /// Markup of a form to send again. It is not escaped again, so it must come from a template.
    pub form: Option<String>,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

impl Problem {
    /// A problem without the parts that are optional.
    #[must_use]
    pub fn new(
        status: StatusCode,
        title: &'static str,
        message: impl Into<String>,
        link: &'static str,
    ) -> Self {
        Self {
            status,
            title,
            message: message.into(),
            link,
            retry_seconds: None,
            refresh_seconds: None,
            form: None,
        }
    }

    /// The answer in the given form.
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
