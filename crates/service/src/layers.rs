//! The layers around all routes of every program. A program's own layers are inside of them.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use hyper::body::Body as _;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::{CsrfLayer, ProtectionError},
    limit::RequestBodyLimitLayer,
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use tracing::Span;

use crate::{Service, Settings, metrics::method_label};

/// Pages may load the program's own style sheet and send forms to the program. Scripts, images and frames are refused, as is
/// being framed by other sites.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Puts the layers around all routes of `router`, its fallback for unknown paths included, the outermost first.
///
/// Headers and metrics are outermost, so that they cover every answer, those to requests that are too large, too slow or
/// from another site, and to those that made a handler panic, among them.
fn around(service: &Service, router: Router) -> Router {
    let settings = &service.settings;
    let layers = ServiceBuilder::new()
        .layer(unless_set(CONTENT_SECURITY_POLICY, POLICY))
        .layer(unless_set(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // With `no-referrer` browsers would send `Origin: null` with our own forms too.
        .layer(unless_set(REFERRER_POLICY, "same-origin"))
        .layer(unless_set(CACHE_CONTROL, "no-store"))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(log_answer)
                .on_eos(())
                // A status of 500 may be the lesson; the handler logs the reason.
                .on_failure(()),
        )
        .layer(from_fn_with_state(Arc::new(service.clone()), count))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            settings.request_seconds,
        ))
        .layer(RequestBodyLimitLayer::new(settings.max_body_bytes))
        // axum's own limit would hold where ours is larger.
        .layer(DefaultBodyLimit::disable())
        .layer(CsrfLayer::new().with_rejection_response(from_another_site));
    router.layer(layers)
}

impl Service {
    /// The routes as they are served, with the layers that all programs share around them. For tests that call a router
    /// without a socket; [`crate::run`] does it by itself.
    pub fn observed(&self, router: Router) -> Router {
        around(self, router)
    }
}

fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Counts and times a request, refuses one that is too large, and closes the connection after the answer when the service
/// is about to stop.
async fn count(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let in_flight = service.http_metrics.begin();
    let method = method_label(request.method());
    let path = Arc::from(route(&request));
    let mut response = match refusal(&service.settings, &request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    if response.status() == StatusCode::REQUEST_TIMEOUT && response.body().is_end_stream() {
        let seconds = service.settings.request_seconds.as_secs();
        let message =
            format!("the request was not answered within {seconds} s, its body's arrival included\n");
        response = (StatusCode::REQUEST_TIMEOUT, message).into_response();
    }
    // A client that was sent away because the program is busy would only take up a place.
    if !service.readiness().is_ready() || response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    service
        .http_metrics
        .answered(&in_flight, method, path, response.status());
    response
}

/// The answer to a request whose target or declared body is too large. hyper itself answers one with too large a head.
fn refusal(settings: &Settings, request: &Request) -> Option<Response> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    // The layer for bodies refuses these too, but does not name what is allowed.
    let body = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
    let too_large = |status: StatusCode, part, bytes, most| {
        let message = || format!("the request {part} has {bytes} bytes, at most {most} are allowed\n");
        (bytes > most).then(|| (status, message()).into_response())
    };
    let (most_target, most_body) = (settings.max_target_bytes, settings.max_body_bytes);
    too_large(StatusCode::URI_TOO_LONG, "target", target, most_target)
        .or_else(|| too_large(StatusCode::PAYLOAD_TOO_LARGE, "body", body, most_body))
}

/// The template of the request's route.
fn route(request: &Request) -> &str {
    request
        .extensions()
        .get()
        .map_or("unmatched", MatchedPath::as_str)
}

/// Adds the request's method and route to each line that is logged while it is handled, the program's own lines included.
fn span(request: &Request) -> Span {
    tracing::info_span!(
        "request",
        method = method_label(request.method()),
        path = route(request)
    )
}

fn log_answer<B>(answer: &http::Response<B>, latency: Duration, _: &Span) {
    tracing::debug!(status = answer.status().as_u16(), ?latency, "answered");
}

/// The answer in place of a panic. The panic hook has logged it already (see [`crate::start_logging`]).
fn panicked(_: Box<dyn Any + Send>) -> Response {
    let message = "the program has a fault; its log says more\n";
    (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
}

fn from_another_site(_: ProtectionError) -> Response {
    let message = "another site sent this request; only this program's own pages may\n";
    (StatusCode::FORBIDDEN, message).into_response()
}
