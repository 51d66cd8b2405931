//! What happens around every request: it is bounded, counted and timed, and told to close its connection when the
//! service is about to stop.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::CONNECTION};
use hyper::body::Body as _;

use crate::{
    Readiness,
    metrics::{HttpMetrics, method_label},
};

/// What the layer around all routes needs.
#[derive(Clone, Debug)]
pub(crate) struct Observer {
    pub(crate) metrics: HttpMetrics,
    pub(crate) readiness: Readiness,
    pub(crate) max_target_bytes: usize,
    pub(crate) max_body_bytes: usize,
}

impl Observer {
    /// Puts the layer around all routes of `router`, its fallback for unknown paths included.
    pub(crate) fn around(self, router: Router) -> Router {
        let body_limit = DefaultBodyLimit::max(self.max_body_bytes);
        router
            .layer(body_limit)
            .layer(from_fn_with_state(Arc::new(self), observe))
    }

    /// The answer to a request that is too large to be looked at. hyper has its own for a head that is too large.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let target = request
            .uri()
            .path_and_query()
            .map_or(0, |target| target.as_str().len());
        if target > self.max_target_bytes {
            let message = format!(
                "the request target has {target} bytes, at most {} are allowed\n",
                self.max_target_bytes
            );
            return Some((StatusCode::URI_TOO_LONG, message).into_response());
        }
        let body = request.body().size_hint().lower();
        if body > u64::try_from(self.max_body_bytes).unwrap_or(u64::MAX) {
            let message = format!(
                "the request body has {body} bytes, at most {} are allowed\n",
                self.max_body_bytes
            );
            return Some((StatusCode::PAYLOAD_TOO_LARGE, message).into_response());
        }
        None
    }
}

async fn observe(State(observer): State<Arc<Observer>>, request: Request, next: Next) -> Response {
    let in_flight = observer.metrics.begin();
    let method = method_label(request.method());
    let path = path_label(request.extensions().get::<MatchedPath>());
    let mut response = match observer.refusal(&request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    if !observer.readiness.is_ready() {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    tracing::debug!(
        method,
        path = &*path,
        status = response.status().as_u16(),
        "answered"
    );
    observer
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
