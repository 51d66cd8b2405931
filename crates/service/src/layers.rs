//! The layers around all routes of every program. A program's own layers are inside of them.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer,
    set_header::SetResponseHeaderLayer, timeout::TimeoutLayer, trace::TraceLayer,
};
use tracing::Span;

use crate::{
    Service,
    metrics::method_label,
    refusals::{self, UNMATCHED},
    telemetry::REQUEST,
};

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
        .layer(CatchPanicLayer::custom(refusals::panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            settings.request_seconds,
        ))
        .layer(RequestBodyLimitLayer::new(settings.max_body_bytes))
        // axum's own limit would hold where ours is larger.
        .layer(DefaultBodyLimit::disable())
        .layer(CsrfLayer::new().with_rejection_response(refusals::from_another_site));
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

/// Counts and times a request, refuses one that is too large, tells a refusal in the form that its client prefers, and closes
/// the connection after the answer when the service is about to stop.
async fn count(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let in_flight = service.http_metrics.begin();
    let method = method_label(request.method());
    let path: Arc<str> = Arc::from(route(&request));
    let accept: Vec<_> = request.headers().get_all(ACCEPT).iter().cloned().collect();
    let mut response = match refusals::too_large(&service.settings, &request) {
        Some(refusal) => refusal,
        None => {
            REQUEST
                .scope((method, Arc::clone(&path)), next.run(request))
                .await
        }
    };
    response = refusals::explained(response, &service.settings, &path, &accept);
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

/// The template of the request's route.
fn route(request: &Request) -> &str {
    request.extensions().get().map_or(UNMATCHED, MatchedPath::as_str)
}

/// Adds the request's method and route to each line that is logged while it is handled, the program's own lines included. At
/// the level debug: with it the program takes about a fifth more processor time for a short request.
fn span(request: &Request) -> Span {
    tracing::debug_span!(
        "request",
        method = method_label(request.method()),
        path = route(request)
    )
}

fn log_answer<B>(answer: &http::Response<B>, latency: Duration, _: &Span) {
    tracing::debug!(status = answer.status().as_u16(), ?latency, "answered");
}
