//! The HTTP routes.

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
use uuid::Uuid;

use crate::{budget::CallBudget, metrics::BudgetCollector, numbers::Numbers};

/// The state that all requests share.
#[derive(Debug)]
pub struct App {
    /// Counts the calls that still succeed.
    pub budget: CallBudget,
    /// The source of numbers and failure ids.
    pub numbers: Numbers,
    /// If true, the message of each failed call has its own id.
    pub use_failure_id: bool,
}

/// The body of a failed call's answer.
#[derive(Debug, Serialize)]
struct Failure {
    message: String,
}

/// All routes.
///
/// The probes ask `/healthz`, which looks at the budget only. A service that is about to stop is no less healthy, and the
/// cluster, which ordered the stop, need not be told.
pub fn router(app: Arc<App>, service: &Service) -> Router {
    service.register(|registry| registry.register_collector(Box::new(BudgetCollector(app.budget.clone()))));
    Router::new()
        // HEAD asks for the head of what GET would answer, and changes nothing (RFC 9110, 9.2.1): links are checked with it.
        .route("/rng", get(rng).head(rng_head))
        .route("/healthz", get(healthz))
        .route("/reset", get(reset).head("Ok"))
        .route("/metrics", service.metrics())
        .with_state(app)
}

async fn rng(State(app): State<Arc<App>>) -> Response {
    match app.budget.take() {
        Ok(left) => {
            if left == Some(0) {
                tracing::warn!("that was the last call to succeed: unhealthy until /reset");
            }
            app.numbers.next().to_string().into_response()
        }
        Err(_) if app.use_failure_id => {
            let id = app.numbers.failure_id();
            tracing::warn!(%id, "a call failed: unhealthy");
            failure(failed_with(id))
        }
        Err(_) => failure("Unhealthy!".to_owned()),
    }
}

/// What GET would answer now, without the call.
async fn rng_head(State(app): State<Arc<App>>) -> Response {
    if app.budget.is_healthy() {
        app.numbers.peek().to_string().into_response()
    } else if app.use_failure_id {
        failure(failed_with(Uuid::nil()))
    } else {
        failure("Unhealthy!".to_owned())
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
    tracing::info!("reset: healthy again, and the count starts over");
    "Ok"
}

fn failed_with(id: Uuid) -> String {
    format!("Unhealthy! Failure id: {id}")
}

fn failure(message: String) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Json(Failure { message })).into_response()
}
