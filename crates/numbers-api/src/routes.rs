//! What is answered on which path.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use service::Service;

use crate::{budget::CallBudget, metrics::BudgetCollector, numbers::Numbers};

/// What all requests share.
#[derive(Debug)]
pub struct App {
    /// How many calls still succeed.
    pub budget: CallBudget,
    /// Where the numbers and the failure ids come from.
    pub numbers: Numbers,
    /// Whether each failed call says an id of its own.
    pub use_failure_id: bool,
}

/// The body of an answer that is a failure.
#[derive(Debug, Serialize)]
struct Failure {
    message: String,
}

/// All routes: the lesson's, and the metrics of it and of `service`.
///
/// The probes ask `/healthz`, which knows the budget only. That the service is about to stop changes nothing about its
/// health, and the cluster, which ordered the stop, need not be told.
pub fn router(app: Arc<App>, service: &Service) -> Router {
    service.register(|registry| registry.register_collector(Box::new(BudgetCollector(Arc::clone(&app)))));
    Router::new()
        .route("/rng", get(rng))
        .route("/healthz", get(healthz))
        .route("/reset", get(reset))
        .route("/metrics", service.metrics())
        .with_state(app)
}

async fn rng(State(app): State<Arc<App>>) -> Response {
    match app.budget.take() {
        Ok(left) => {
            if left == Some(0) {
                tracing::warn!("that was the last call that succeeds: unhealthy from now on, until /reset");
            }
            app.numbers.next().to_string().into_response()
        }
        Err(_) if app.use_failure_id => {
            let id = app.numbers.failure_id();
            tracing::warn!(%id, "a call failed: unhealthy");
            failure(format!("Unhealthy! Failure id: {id}"))
        }
        Err(_) => failure("Unhealthy!".to_owned()),
    }
}

async fn healthz(State(app): State<Arc<App>>) -> Response {
    if app.budget.is_healthy() {
        "Ok".into_response()
    } else {
        failure("Unhealthy".to_owned())
    }
}

async fn reset(State(app): State<Arc<App>>) -> &'static str {
    app.budget.reset();
    tracing::info!("healed: the count of calls starts afresh");
    "Ok"
}

fn failure(message: String) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Json(Failure { message })).into_response()
}
