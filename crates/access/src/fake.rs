//! An API server for tests, without a socket.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::{Value, json};

/// A client of a server that answers what `answer` makes of a request, such as `GET /api/v1/nodes`, and of its body.
#[must_use]
pub fn api(answer: impl Fn(&str, &Value) -> (u16, Value) + Clone + Send + 'static) -> Client {
    let server = tower::service_fn(move |request: Request<Body>| {
        let answer = answer.clone();
        async move {
            let line = format!("{} {}", request.method(), request.uri().path());
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let (status, body) = answer(&line, &serde_json::from_slice(&body).unwrap_or_default());
            let answer = Response::builder().status(status);
            Ok::<_, Infallible>(answer.body(Body::from(body.to_string().into_bytes())).unwrap())
        }
    });
    Client::new(server, "default")
}

/// A list of objects.
#[must_use]
pub fn list(items: &[Value]) -> (u16, Value) {
    (200, json!({ "metadata": {}, "items": items }))
}

/// An answer that says no.
#[must_use]
pub fn refusal(code: u16, message: &str) -> (u16, Value) {
    (
        code,
        json!({ "kind": "Status", "status": "Failure", "code": code, "message": message }),
    )
}

/// What the server says of its version.
#[must_use]
pub fn version(major: &str, minor: &str) -> (u16, Value) {
    let text = [
        "gitVersion",
        "gitCommit",
        "gitTreeState",
        "buildDate",
        "goVersion",
        "compiler",
        "platform",
    ];
    let mut version: Value = text.map(|key| (key.to_owned(), json!(""))).into_iter().collect();
    version["major"] = json!(major);
    version["minor"] = json!(minor);
    (200, version)
}

/// Whether something is allowed.
#[must_use]
pub fn allowed(allowed: bool) -> (u16, Value) {
    (201, json!({ "spec": {}, "status": { "allowed": allowed } }))
}
