//! Rolling restarts under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Request, header::CONNECTION};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{Instant, interval, timeout},
};

use crate::{
    exercises::EXERCISES,
    programs::{Namespace, WITHIN, printed},
};

const REQUESTS: usize = 20_000;
const CLIENTS: usize = 10;
/// Each client's pause between two requests, so that they last for three restarts and sockets do not run out.
const PAUSE: Duration = Duration::from_millis(20);

/// What all clients of a kind share.
#[derive(Default)]
struct Load {
    answered: AtomicUsize,
    restarted: AtomicBool,
}

/// Asks for a number until there were enough answers and the restarts are over. It tries nothing again: the first request
/// that fails is the end.
async fn ask(address: String, keep_alive: bool, load: Arc<Load>) {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.retry_canceled_requests(false);
    if !keep_alive {
        builder.pool_max_idle_per_host(0);
    }
    let client: Client<_, Empty<&[u8]>> = builder.build(HttpConnector::new());
    let (mut turns, began) = (interval(PAUSE), Instant::now());
    while !load.restarted.load(Ordering::SeqCst) || load.answered.load(Ordering::SeqCst) < REQUESTS {
        turns.tick().await;
        assert!(began.elapsed() < 3 * WITHIN, "the restarts take too long");
        let answer = async {
            let mut request = Request::get(&address);
            if !keep_alive {
                request = request.header(CONNECTION, "close");
            }
            let request = request.body(Empty::new()).unwrap();
            let answer = client.request(request).await.unwrap();
            let status = answer.status();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            (
                status.as_u16(),
                str::from_utf8(&body).unwrap().parse::<u8>().unwrap(),
            )
        };
        let (status, number) = timeout(WITHIN, answer).await.unwrap();
        assert!(status == 200 && number < 100);
        load.answered.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a cluster"]
async fn no_request_fails_during_three_rolling_restarts() {
    let _not_beside_all = EXERCISES.read().await;
    let (namespace, address) = spawn_blocking(|| {
        let namespace = Namespace::new();
        printed(&namespace.helm(&["install", "numbers", "numbers-api", "--wait", "--timeout=2m"]));
        let address = format!("{}/rng", namespace.address("numbers"));
        (namespace, address)
    })
    .await
    .unwrap();
    let mut clients = JoinSet::new();
    let loads = [true, false].map(|keep_alive| {
        let load = Arc::new(Load::default());
        for _ in 0..CLIENTS {
            clients.spawn(ask(address.clone(), keep_alive, Arc::clone(&load)));
        }
        load
    });
    let namespace = spawn_blocking(move || {
        for _ in 0..3 {
            printed(&namespace.kubectl(&["rollout", "restart", "deployment/numbers"]));
            printed(&namespace.kubectl(&["rollout", "status", "deployment/numbers", "--timeout=2m"]));
        }
        namespace
    })
    .await
    .unwrap();
    for load in &loads {
        load.restarted.store(true, Ordering::SeqCst);
    }
    while let Some(client) = clients.join_next().await {
        client.expect("a request failed");
    }
    for load in &loads {
        assert!(load.answered.load(Ordering::SeqCst) >= REQUESTS);
    }
    spawn_blocking(|| drop(namespace)).await.unwrap();
}
