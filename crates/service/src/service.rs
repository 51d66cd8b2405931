//! The parts that a program builds its routes from.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, VARY},
};
use prometheus_client::{encoding::text, registry::Registry};
use tokio_util::sync::CancellationToken;

use crate::{
    Readiness, Settings,
    exposition::Exposition,
    metrics::{HttpMetrics, ProcessCollector, register_build_info},
};

/// The parts a program builds its routes from: handlers to mount, a registry for its metrics, and notice of the stop.
#[derive(Clone, Debug)]
pub struct Service {
    pub(crate) program: &'static str,
    pub(crate) version: &'static str,
    pub(crate) settings: Settings,
    registry: Arc<Mutex<Registry>>,
    pub(crate) http_metrics: HttpMetrics,
    readiness: Readiness,
    stopping: CancellationToken,
}

impl Service {
    /// Creates a service named `program` with fresh metrics. It touches nothing outside itself, so tests can create as
    /// many as they like. [`crate::run`] creates its own.
    #[must_use]
    pub fn new(program: &'static str, version: &'static str, settings: Settings) -> Self {
        let mut registry = Registry::default();
        register_build_info(&mut registry, program, version);
        registry.register_collector(Box::new(ProcessCollector::new()));
        let http_metrics = HttpMetrics::register(&mut registry);
        Self {
            program,
            version,
            settings,
            registry: Arc::new(Mutex::new(registry)),
            http_metrics,
            readiness: Readiness::default(),
            stopping: CancellationToken::new(),
        }
    }

    /// Adds the program's own metrics to those that [`Service::metrics`] shows.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The latch that closes when the service is told to stop.
    #[must_use]
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Cancelled when the service is told to stop. Requests are still answered after that: this token is for work that may
    /// outlast the stop, or that nobody waits for.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Answers a liveness probe: always 200, while the service stops too.
    pub fn live<S: Clone + Send + Sync + 'static>(&self) -> MethodRouter<S> {
        get(|| async { "Ok" })
    }

    /// Answers a readiness probe: 200, and 503 once the service has been told to stop.
    pub fn ready<S: Clone + Send + Sync + 'static>(&self) -> MethodRouter<S> {
        let readiness = self.readiness.clone();
        get(move || async move {
            if readiness.is_ready() {
                (StatusCode::OK, "Ok")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "Stopping")
            }
        })
    }

    /// Answers a Prometheus scrape, in the text format 0.0.4, or in OpenMetrics for who asks for that.
    pub fn metrics<S: Clone + Send + Sync + 'static>(&self) -> MethodRouter<S> {
        let registry = Arc::clone(&self.registry);
        get(move |headers: HeaderMap| async move { scrape(&registry, Exposition::accepted(&headers)) })
    }
}

fn scrape(registry: &Mutex<Registry>, exposition: Exposition) -> Response {
    let mut lines = String::new();
    match text::encode(
        &mut lines,
        &registry.lock().unwrap_or_else(PoisonError::into_inner),
    ) {
        Ok(()) => {
            let headers = [(CONTENT_TYPE, exposition.media_type()), (VARY, "accept")];
            (headers, exposition.of(lines)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "could not write the metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        extract::Request,
        http::header::{CONNECTION, HOST},
    };
    use clap::{Args, Command, FromArgMatches};
    use tower::ServiceExt;

    use super::Service;
    use crate::Settings;

    fn service() -> Service {
        let command = Settings::augment_args(Command::new("test"));
        let settings = Settings::from_arg_matches(&command.get_matches_from(["test"])).unwrap();
        Service::new("test", "1.0.0", settings)
    }

    #[tokio::test]
    async fn while_it_stops_it_lives_is_not_ready_and_closes_connections() {
        let service = service();
        let routes = Router::new()
            .route("/livez", service.live())
            .route("/readyz", service.ready());
        let routes = service.observed(routes);
        let ask = async |path: &str| {
            let answer = routes
                .clone()
                .oneshot(
                    Request::get(path)
                        .header(HOST, "test")
                        .body(Body::empty())
                        .unwrap(),
                )
                .await
                .unwrap();
            (
                answer.status().as_u16(),
                answer
                    .headers()
                    .get(CONNECTION)
                    .is_some_and(|value| value == "close"),
            )
        };
        assert_eq!(ask("/livez").await, (200, false));
        assert_eq!(ask("/readyz").await, (200, false));
        service.readiness().close();
        assert_eq!(ask("/livez").await, (200, true));
        assert_eq!(ask("/readyz").await, (503, true));
        assert_eq!(ask("/unknown").await, (404, true));
    }
}
