//! Callers from outside the cluster, as a learner's curl is one.

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use guide::Message;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};

/// How many callers ask, each on a connection of its own. If half of the pods behind an address are broken, all callers
/// meet the same kind in one of 2^31 looks.
const CALLERS: usize = 32;
/// How many of them ask first.
pub(crate) const FIRST_CALLERS: usize = 3;
/// The largest body that is read.
const MAX_BODY: usize = 1 << 20;

/// What callers at an address met: each HTTP status, or no answer, with how many met it.
pub(crate) type Callers = BTreeMap<Option<u16>, usize>;

/// How many callers met which answer: `200 (17 of 32), no answer (15 of 32)`.
pub(crate) fn shares(callers: &Callers) -> Message {
    let all: usize = callers.values().sum();
    let parts = callers.iter().map(|(status, count)| {
        let answer = status.map_or(Message::new("no-answer"), |status| {
            Message::Verbatim(status.to_string())
        });
        Message::new("callers-share")
            .with("answer", answer)
            .with("count", *count)
            .with("all", all)
    });
    Message::joined(", ", parts)
}

/// Sends callers: a few first, and the others only if one of these got an answer. Refusals are answered by the kernel,
/// which soon falls silent to many of them, and the next caller, maybe a learner, would wait in vain for a while.
pub(crate) async fn call(base: Option<String>, path: &str, patience: Duration) -> Callers {
    let uri = base.and_then(|base| format!("{base}{path}").parse::<http::Uri>().ok());
    let Some(uri) = uri else {
        return Callers::from([(None, FIRST_CALLERS)]);
    };
    let mut callers = Callers::new();
    for count in [FIRST_CALLERS, CALLERS - FIRST_CALLERS] {
        for status in join_all((0..count).map(|_| status(uri.clone(), patience))).await {
            *callers.entry(status).or_default() += 1;
        }
        if callers.keys().all(Option::is_none) {
            break;
        }
    }
    callers
}

/// The status of one answer.
async fn status(uri: http::Uri, patience: Duration) -> Option<u16> {
    let answer = tokio::time::timeout(patience, client(patience).get(uri))
        .await
        .ok()?;
    Some(answer.ok()?.status().as_u16())
}

/// The status and the body of one answer, of a media type, that may take its time; none if there is none, or too much of it.
pub(crate) async fn get(uri: &str, accept: &str, patience: Duration) -> Option<(u16, Vec<u8>)> {
    let asking = async {
        let request = http::Request::get(uri).header(http::header::ACCEPT, accept);
        let answer = client(patience)
            .request(request.body(Empty::new()).ok()?)
            .await
            .ok()?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MAX_BODY).collect().await.ok()?;
        Some((status, body.to_bytes().to_vec()))
    };
    tokio::time::timeout(patience, asking).await.ok()?
}

/// A connection of its own for each caller: one that is kept would have chosen its pod already.
fn client(patience: Duration) -> HttpClient<HttpConnector, Empty<&'static [u8]>> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(patience));
    HttpClient::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn callers_without_an_address_get_no_answer() {
        assert_eq!(
            call(None, "/healthz", PATIENCE).await,
            Callers::from([(None, FIRST_CALLERS)])
        );
    }

    #[tokio::test]
    async fn callers_of_a_closed_port_get_no_answer() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(
            call(Some(base.clone()), "/healthz", PATIENCE).await,
            Callers::from([(None, FIRST_CALLERS)])
        );
        assert_eq!(get(&base, "text/html", PATIENCE).await, None);
    }
}
