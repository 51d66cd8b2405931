//! The HTTP routes.

use axum::{
    Router,
    extract::{Query as Parameters, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};
use service::{Problem, Service};

use crate::{
    computations::{Computations, Refused},
    page, query,
};

const STYLE: &str = include_str!("../templates/style.css");

/// Seconds after which a client may try again that met a full queue or a server about to stop.
const RETRY_SECONDS: u32 = 1;

/// The state that all requests share.
#[derive(Clone, Debug)]
pub struct App {
    /// Runs the computations.
    pub computations: Computations,
    /// The most decimals that a request may ask for.
    pub max_dp: u32,
    /// The host name to show, in a pod the pod's name.
    pub host: String,
}

/// All routes. The probes' routes do no work, so that they answer while every processor computes.
pub fn router(app: App, service: &Service) -> Router {
    let computations = app.computations.clone();
    service.register(|registry| registry.register_collector(Box::new(ComputationCollector(computations))));
    Router::new()
        .route("/", get(pi))
        .route("/style.css", service::style_sheet(STYLE))
        .route("/healthz", service.live())
        .route("/readyz", service.ready())
        .route("/metrics", service.metrics())
        .with_state(app)
}

async fn pi(
    State(app): State<App>,
    headers: HeaderMap,
    parameters: Result<Parameters<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Parameters(parameters)) = parameters else {
        let message = "the query cannot be read; write it like ?dp=1000&format=text";
        return page::problem(StatusCode::BAD_REQUEST, message, &[])
            .into_response(query::format(&[], &headers));
    };
    let format = query::format(&parameters, &headers);
    let query = match query::parse(&parameters, app.max_dp) {
        Ok(query) => query,
        Err(message) => {
            return page::problem(StatusCode::BAD_REQUEST, message, &parameters).into_response(format);
        }
    };
    match app.computations.compute(query).await {
        Ok(measured) => page::result(&measured, &app.host, format),
        Err(refused) => refusal(&refused, &parameters).into_response(format),
    }
}

fn refusal(refused: &Refused, parameters: &[(String, String)]) -> Problem {
    let (status, retry_seconds) = match refused {
        Refused::Busy(_) | Refused::Stopping => (StatusCode::SERVICE_UNAVAILABLE, Some(RETRY_SECONDS)),
        Refused::TooLong(_) => (StatusCode::SERVICE_UNAVAILABLE, None),
        Refused::Broken => (StatusCode::INTERNAL_SERVER_ERROR, None),
    };
    Problem {
        retry_seconds,
        ..page::problem(status, refused.to_string(), parameters)
    }
}

/// Counts computations at each scrape.
#[derive(Debug)]
struct ComputationCollector(Computations);

impl Collector for ComputationCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        for (name, help, value) in [
            (
                "pi_web_computations_running",
                "Computations that use a processor",
                self.0.running(),
            ),
            (
                "pi_web_computations_waiting",
                "Computations that wait for one",
                self.0.waiting(),
            ),
        ] {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
