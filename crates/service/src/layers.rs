//! The layers around all routes of every program. A program's own layers are inside of them.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
    time::Duration,
};

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

use crate::{
    Readiness, Settings,
    metrics::{HttpMetrics, method_label},
};

/// Pages may load the program's own style sheet and send forms to the program. Scripts, images and frames are refused, as is
/// being framed by other sites.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The state that the layers need.
#[derive(Clone, Debug)]
pub(crate) struct Layers {
    pub(crate) settings: Settings,
    pub(crate) metrics: HttpMetrics,
    pub(crate) readiness: Readiness,
}

impl Layers {
    /// Puts the layers around all routes of `router`, its fallback for unknown paths included, the outermost first.
    ///
    /// Headers and metrics are outermost, so that they cover every answer, those to requests that are too large, too slow or
    /// from another site, and to those that made a handler panic, among them.
    pub(crate) fn around(self, router: Router) -> Router {
        let settings = &self.settings;
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
                    // A status of 500 may be the lesson; the handler logs the reason.
                    .on_failure(()),
            )
            .layer(from_fn_with_state(Arc::new(self.clone()), count))
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

    /// The answer to a request whose target or declared body is too large. hyper itself answers one with too large a head.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let Settings {
            max_target_bytes,
            max_body_bytes,
            ..
        } = self.settings;
        let target = request
            .uri()
            .path_and_query()
            .map_or(0, |target| target.as_str().len());
        if target > max_target_bytes {
            let message =
                format!("the request target has {target} bytes, at most {max_target_bytes} are allowed\n");
            return Some((StatusCode::URI_TOO_LONG, message).into_response());
        }
        // The layer for bodies refuses these too, but does not name what is allowed.
        let body = request.body().size_hint().lower();
        if usize::try_from(body).map_or(true, |body| body > max_body_bytes) {
            let message =
                format!("the request body has {body} bytes, at most {max_body_bytes} are allowed\n");
            return Some((StatusCode::PAYLOAD_TOO_LARGE, message).into_response());
        }
        None
    }
}

fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Counts and times a request, refuses one that is too large, and closes the connection after the answer when the service
/// is about to stop.
async fn count(State(layers): State<Arc<Layers>>, request: Request, next: Next) -> Response {
    let in_flight = layers.metrics.begin();
    let method = method_label(request.method());
    let path = path_label(request.extensions().get());
    let mut response = match layers.refusal(&request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    if response.status() == StatusCode::REQUEST_TIMEOUT && response.body().is_end_stream() {
        let seconds = layers.settings.request_seconds.as_secs();
        let message =
            format!("the request was not answered within {seconds} s, its body's arrival included\n");
        response = (StatusCode::REQUEST_TIMEOUT, message).into_response();
    }
    // A client that was sent away because the program is busy would only take up a place.
    if !layers.readiness.is_ready() || response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    layers
        .metrics
        .answered(&in_flight, method, path, response.status());
    response
}

fn path_label(matched: Option<&MatchedPath>) -> Arc<str> {
    static UNMATCHED: OnceLock<Arc<str>> = OnceLock::new();
    matched.map_or_else(
        || Arc::clone(UNMATCHED.get_or_init(|| "unmatched".into())),
        |path| path.as_str().into(),
    )
}

/// Adds the request's method and route to each line that is logged while it is handled, the program's own lines included.
fn span(request: &Request) -> Span {
    let path = request
        .extensions()
        .get()
        .map_or("unmatched", MatchedPath::as_str);
    tracing::info_span!("request", method = method_label(request.method()), path)
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
