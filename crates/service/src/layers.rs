//! The layers around all routes of every program. A program's own layers are inside of them.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};
use tokio::select;
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
    Origins, Service, Settings,
    metrics::method_label,
    origin::{self, Names},
    peer::Peer,
    refusals::{self, UNMATCHED},
    telemetry::REQUEST,
    unread,
};

/// Pages may load the program's own style sheet and send forms to the program. Scripts, frames and images are refused, but for
/// those in the page itself, as an icon is: without one, browsers ask for /favicon.ico. So is being framed by other sites.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Says which of several pods answered: behind a Service, nothing else in an answer does.
const SERVED_BY: HeaderName = HeaderName::from_static("x-served-by");

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
        .layer(SetResponseHeaderLayer::overriding(SERVED_BY, host()))
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
        .layer(same_site(&settings.public_origins));
    router.layer(layers)
}

/// Refuses what another site makes a browser send. It says so in an extension, for [`count`] to explain.
fn same_site(origins: &Origins) -> CsrfLayer {
    origins.0.iter().fold(CsrfLayer::new(), |layer, origin| {
        // The settings took it, so the layer does: it asks for less.
        layer.clone().add_trusted_origin(origin).unwrap_or(layer)
    })
}

impl Service {
    /// The routes as they are served, with the layers that all programs share around them. For tests that call a router
    /// without a socket; [`crate::run`] does it by itself.
    pub fn observed(&self, router: Router) -> Router {
        around(self, router)
    }
}

/// The kernel's name of this host, which in a pod is the pod's name, cut to 63 characters (`pkg/kubelet/util`,
/// `TruncatePodHostnameIfNeeded`). None if no header can hold it; then answers are without one.
fn host() -> Option<HeaderValue> {
    HeaderValue::from_bytes(rustix::system::uname().nodename().to_bytes()).ok()
}

fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Counts and times a request, refuses one that is bad or too large, ends one whose client has gone, tells a refusal in the form
/// that its client prefers, and closes the connection after the answer when the service is about to stop.
async fn count(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    let in_flight = service.http_metrics.begin();
    let settings = &service.settings;
    let method = method_label(request.method());
    let path: Arc<str> = Arc::from(route(&request));
    let accept: Vec<_> = request.headers().get_all(ACCEPT).iter().cloned().collect();
    let names = (!request.method().is_safe()).then(|| Names::of(&request));
    origin::without_default_port(&mut request);
    let peer: Option<Peer> = request.extensions_mut().remove();
    let (request, unread) = unread::watched(request);
    let mut response = match at_once(settings, &request) {
        Some(answer) => {
            drop(request);
            answer
        }
        None => select! {
            biased;
            answer = REQUEST.scope((method, Arc::clone(&path)), next.run(request)) => answer,
            () = gone(peer, settings.half_close_seconds) => refusals::gone(settings),
        },
    };
    if let (Some(names), Some(ProtectionError { .. })) = (names, response.extensions().get()) {
        response = refusals::from_another_site(&names);
    }
    response = refusals::explained(response, settings, &path, &accept);
    // A client that was sent away because the program is busy would only take up a place.
    let sent_away = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let is_read = match unread {
        Some(unread) => unread.throw_away(settings.max_body_bytes).await,
        None => true,
    };
    if !service.readiness().is_ready() || sent_away || !is_read {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    service
        .http_metrics
        .answered(&in_flight, method, path, response.status());
    response
}

/// The answer to a request that is for no route.
fn at_once(settings: &Settings, request: &Request) -> Option<Response> {
    // A question about the server as a whole (RFC 9110, 9.3.7), which has no path.
    let whole = *request.method() == Method::OPTIONS && request.uri().path() == "*";
    refusals::at_once(settings, request).or_else(|| whole.then(|| StatusCode::NO_CONTENT.into_response()))
}

/// Waits until the client has gone; forever in a test, which calls the routes without one.
async fn gone(peer: Option<Peer>, patience: Duration) {
    match peer {
        Some(peer) => peer.gone(patience).await,
        None => pending().await,
    }
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
