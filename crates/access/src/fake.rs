//! An API server for tests, without a socket.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::Access;

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

/// A way to the same server.
#[must_use]
pub fn access(answer: impl Fn(&str, &Value) -> (u16, Value) + Clone + Send + 'static) -> Access {
    Access {
        client: api(answer),
        context: "fake".into(),
        namespace: "default".into(),
    }
}

/// The same on a port of this machine: its URL.
pub async fn server(answer: impl Fn(&str) -> (u16, Value) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let (mut head, mut length) = (vec![], 0);
            while !head.ends_with(b"\r\n\r\n") && stream.read_until(b'\n', &mut head).await.unwrap() > 0 {}
            let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
            if let Some((_, rest)) = head.split_once("content-length: ") {
                length = rest.split_once('\r').unwrap().0.parse().unwrap();
            }
            stream.read_exact(&mut vec![0; length]).await.unwrap();
            let path = head.split([' ', '?']).nth(1).unwrap_or_default();
            let method = head.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let (status, body) = answer(&format!("{method} {path}"));
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    format!("http://{address}")
}

/// A list of objects.
#[must_use]
pub fn list(items: &[Value]) -> (u16, Value) {
    (200, json!({ "metadata": {}, "items": items }))
}

/// An answer that says no.
#[must_use]
pub fn refusal(code: u16, message: &str) -> (u16, Value) {
    let reason = if code == 404 { "NotFound" } else { "" };
    let status =
        json!({ "kind": "Status", "status": "Failure", "code": code, "message": message, "reason": reason });
    (code, status)
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
