//! One request, in place of serving: an image from scratch has no curl for a test inside the cluster.

use std::{io::Write, time::Duration};

use anyhow::{Context, ensure};
use http::{
    Request, Uri,
    header::HOST,
    uri::{Authority, Scheme},
};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

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
    let body = timeout(WITHIN, ask(uri))
        .await
        .with_context(|| format!("{uri} gave no answer within {} s", WITHIN.as_secs()))?
        .with_context(|| format!("{uri} could not be had"))?;
    std::io::stdout()
        .write_all(&body)
        .context("the answer could not be printed")
}

async fn ask(uri: &Uri) -> anyhow::Result<Bytes> {
    let authority = uri.authority().context("it names no host")?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let stream = TcpStream::connect((host(authority), authority.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get(path)
        .header(HOST, authority.as_str())
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
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

/// The name or address to connect to: a URL has IPv6 addresses in brackets.
fn host(authority: &Authority) -> &str {
    let host = authority.host();
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
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
            "give an address like http://numbers-api:8013/rng, without user and password; https is not spoken"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, routing::get};
    use tokio::net::TcpListener;

    use super::{LARGEST, address, ask, host};

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
        let answer = ask(&address(&format!("{root}{path}")).unwrap()).await;
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
        let error = ask(&address(&format!("http://{free}/")).unwrap())
            .await
            .unwrap_err();
        assert!(error.to_string().contains("refused"), "{error}");
    }

    #[test]
    fn an_ipv6_address_is_connected_to_without_its_brackets() {
        for (text, expected) in [
            ("http://[::1]:8080/", "::1"),
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://numbers-api:8013/rng", "numbers-api"),
        ] {
            assert_eq!(host(address(text).unwrap().authority().unwrap()), expected);
        }
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
