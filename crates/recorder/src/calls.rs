//! Callers from outside: one that opens a connection for each call, and some that keep theirs open.

use std::{convert::Infallible, time::Duration};

use futures::future::{join, join_all};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use pictures::recording::Called;
use tokio::{
    net::TcpStream,
    time::{interval, sleep, timeout},
};

use super::{Error, Scene};

/// How often a connection is opened for a call.
const PERIOD: Duration = Duration::from_millis(100);
/// How many connections stay open. Which pod one meets is chance: of two, that all of them meet the same happens once in 128.
const KEPT: usize = 8;
/// How often each of those is used.
const KEPT_PERIOD: Duration = Duration::from_secs(1);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

type Connection = SendRequest<Empty<&'static [u8]>>;

/// Calls the Service as long as it has an address.
pub(crate) async fn call(scene: &Scene<'_>, service: &str, path: &str) -> Result<Infallible, Error> {
    let services: Api<Service> = Api::namespaced(scene.client.clone(), scene.namespace);
    let authority = loop {
        let there = services.get_opt(service).await?;
        if let Some(url) = there.as_ref().and_then(access::outside_url) {
            break url.trim_start_matches("http://").to_owned();
        }
        sleep(PERIOD).await;
    };
    let fresh = async {
        let mut tick = interval(PERIOD);
        loop {
            tick.tick().await;
            let at = scene.began.elapsed();
            let called = async { status(&mut connect(&authority).await?, &authority, path).await };
            let status = timeout(PATIENCE, called).await.ok().flatten().unwrap_or(0);
            scene.note().calls.push(Called(at, status));
        }
    };
    let kept = join_all((0..KEPT).map(|_| keep(scene, &authority, path)));
    let (never, _) = join(fresh, kept).await;
    never
}

/// Calls on one connection, and opens another when that is closed.
async fn keep(scene: &Scene<'_>, authority: &str, path: &str) -> Infallible {
    let mut tick = interval(KEPT_PERIOD);
    loop {
        tick.tick().await;
        let opened = timeout(PATIENCE, connect(authority)).await.ok().flatten();
        let Some(mut connection) = opened else { continue };
        let index = {
            let mut recording = scene.note();
            recording.kept.push(vec![]);
            recording.kept.len() - 1
        };
        loop {
            let at = scene.began.elapsed();
            let answer = timeout(PATIENCE, status(&mut connection, authority, path)).await;
            let Some(status) = answer.ok().flatten() else {
                break;
            };
            if let Some(kept) = scene.note().kept.get_mut(index) {
                kept.push(Called(at, status));
            }
            tick.tick().await;
        }
    }
}

async fn connect(authority: &str) -> Option<Connection> {
    let stream = TcpStream::connect(authority).await.ok()?;
    let (connection, driver) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(driver);
    Some(connection)
}

/// The status of an answer; none if there is none.
async fn status(connection: &mut Connection, authority: &str, path: &str) -> Option<u16> {
    let request = http::Request::get(path).header(http::header::HOST, authority);
    let answer = connection
        .send_request(request.body(Empty::new()).ok()?)
        .await
        .ok()?;
    let status = answer.status().as_u16();
    // A connection can be used again only when its answer has been read.
    answer.into_body().collect().await.ok()?;
    Some(status)
}
