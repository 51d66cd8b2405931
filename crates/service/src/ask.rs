//! One request, in place of serving: an image from scratch has no curl for a test inside the cluster.

use std::{io::Write, time::Duration};

use anyhow::{Context, ensure};
use http::{Uri, uri::Scheme};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::timeout;

/// How long everything may take, the look-up of the name included.
const WITHIN: Duration = Duration::from_secs(10);
/// The largest answer in bytes.
const LARGEST: usize = 1024 * 1024;

/// Asks for `uri` and prints the answer's body.
///
/// # Errors
/// No complete answer came within ten seconds, it was larger than a MiB, or its status is not one of success (2xx); the
/// message has the body then.
pub(crate) async fn print_answer(uri: &Uri) -> anyhow::Result<()> {
    let body = timeout(WITHIN, ask(uri.clone()))
        .await
        .with_context(|| format!("{uri} gave no answer within {} s", WITHIN.as_secs()))?
        .with_context(|| format!("could not fetch {uri}"))?;
    std::io::stdout()
        .write_all(&body)
        .context("could not print the answer")
}

async fn ask(uri: Uri) -> anyhow::Result<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = client.get(uri).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), LARGEST)
        .collect()
        .await
        .map_err(anyhow::Error::from_boxed)?
        .to_bytes();
    ensure!(
        status.is_success(),
        "the answer was {status}: {}",
        String::from_utf8_lossy(&body).trim_end()
    );
    Ok(body)
}

/// An address for [`print_answer`], from a flag.
pub(crate) fn address(text: &str) -> Result<Uri, String> {
    text.parse::<Uri>()
        .ok()
        .filter(|uri| uri.scheme() == Some(&Scheme::HTTP))
        .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
        .filter(|uri| {
            uri.authority()
                .is_some_and(|authority| !authority.as_str().contains('@'))
        })
        .ok_or_else(|| {
            "give an address like http://numbers-api:8013/rng, without user and password; https is not supported"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, routing::get};
    use tokio::net::TcpListener;

    use super::{LARGEST, address, ask};

    /// The answer of a server that knows three paths, as a text or as what went wrong.
    async fn answer(path: &str) -> Result<String, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .route("/good", get(|| async { "42" }))
            .route(
                "/bad",
                get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "Unhealthy") }),
            )
            .route("/large", get(|| async { "x".repeat(LARGEST + 1) }));
        let server = tokio::spawn(async { axum::serve(listener, routes).await });
        let answer = ask(address(&format!("{root}{path}")).unwrap()).await;
        server.abort();
        answer
            .map(|body| String::from_utf8(body.to_vec()).unwrap())
            .map_err(|error| format!("{error:#}"))
    }

    #[tokio::test]
    async fn only_success_is_success() {
        assert_eq!(answer("/good?a=b").await, Ok("42".into()));
        let unhealthy = "the answer was 500 Internal Server Error: Unhealthy";
        assert_eq!(answer("/bad").await, Err(unhealthy.into()));
        assert!(answer("").await.unwrap_err().contains("404 Not Found"));
        assert!(answer("/large").await.unwrap_err().contains("length limit"));
    }

    #[tokio::test]
    async fn nobody_there_is_an_error() {
        let free = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let error = ask(address(&format!("http://{free}/")).unwrap())
            .await
            .unwrap_err();
        assert!(format!("{error:#}").contains("refused"), "{error:#}");
    }

    #[test]
    fn addresses_are_complete_and_http() {
        assert!(address("http://numbers-api:8013/rng?a=b").is_ok());
        for bad in [
            "",
            "numbers-api",
            "numbers-api:8013",
            "/rng",
            "https://numbers-api",
            "http://",
            "http:///rng",
            "http://user:password@numbers-api/rng",
            "http://user@numbers-api/rng",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
