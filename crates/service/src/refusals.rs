//! What the service itself refuses, each with a sentence, in the form that the client prefers.

use std::{any::Any, borrow::Cow};

use axum::{
    Extension,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode};
use hyper::body::Body as _;

use crate::{Format, Problem, Settings, origin};

/// The route of a request that no route is for.
pub(crate) const UNMATCHED: &str = "unmatched";

/// The message of a refusal, on its way from the layer that refuses to the one that knows the preferred form.
#[derive(Clone)]
struct Refusal(Cow<'static, str>);

fn refused(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Response {
    (status, Extension(Refusal(message.into()))).into_response()
}

/// The refusal of a request that no program has to look at: one that does not say for whom it is, or whose target or declared
/// body is too large. hyper itself answers one with too large a head.
pub(crate) fn at_once(settings: &Settings, request: &Request) -> Option<Response> {
    origin::bad_host(request.version(), request.headers())
        .map(|message| refused(StatusCode::BAD_REQUEST, message))
        .or_else(|| too_large(settings, request))
}

fn too_large(settings: &Settings, request: &Request) -> Option<Response> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    // The layer for bodies refuses these too, but does not name what is allowed.
    let body = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
    let refusal = |status, part, bytes, most| {
        let message = || format!("the request {part} has {bytes} bytes, at most {most} are allowed");
        (bytes > most).then(|| refused(status, message()))
    };
    let (most_target, most_body) = (settings.max_target_bytes, settings.max_body_bytes);
    refusal(StatusCode::URI_TOO_LONG, "target", target, most_target)
        .or_else(|| refusal(StatusCode::PAYLOAD_TOO_LARGE, "body", body, most_body))
}

/// The answer in place of a panic. The panic hook has logged it already (see [`crate::start_logging`]).
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    let message = "the program has a fault; its log says more";
    refused(StatusCode::INTERNAL_SERVER_ERROR, message)
}

pub(crate) fn from_another_site(names: &origin::Names) -> Response {
    refused(StatusCode::FORBIDDEN, names.explanation())
}

/// The answer to a client that has stopped sending, if it still reads, when its request has taken too long since then.
pub(crate) fn gone(settings: &Settings) -> Response {
    let seconds = settings.half_close_seconds.as_secs();
    let message =
        format!("the client stopped sending, and the answer was not ready within {seconds} s after that");
    refused(StatusCode::REQUEST_TIMEOUT, message)
}

/// Tells a refusal in the form that these values of `Accept` prefer. What the program itself answered stays as it is.
pub(crate) fn explained(
    mut response: Response,
    settings: &Settings,
    path: &str,
    accept: &[HeaderValue],
) -> Response {
    let status = response.status();
    let empty = response.body().is_end_stream();
    let message = match response.extensions_mut().remove() {
        Some(Refusal(message)) => message,
        None if empty && status == StatusCode::REQUEST_TIMEOUT => {
            let seconds = settings.request_seconds.as_secs();
            format!("the request was not answered within {seconds} s, its body's arrival included").into()
        }
        None if empty && status == StatusCode::NOT_FOUND && path == UNMATCHED => {
            "there is nothing at this path".into()
        }
        None => return response,
    };
    let title = match status {
        StatusCode::BAD_REQUEST => "Not understood",
        StatusCode::FORBIDDEN => "Refused",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::REQUEST_TIMEOUT => "Too slow",
        StatusCode::INTERNAL_SERVER_ERROR => "A fault in this program",
        _ => "Too large",
    };
    // Text for clients without a preference, such as curl: not every program has pages.
    let format = Format::accepted_by(accept, &[Format::Text, Format::Html, Format::Json]);
    Problem::new(status, title, message, "Back to the start").into_response(format)
}
