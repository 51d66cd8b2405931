//! Asking kubelets what they count and sample.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    future::{Future, pending},
    net::IpAddr,
    time::Duration,
};

use futures::{StreamExt, stream::FuturesUnordered};
use jiff::Timestamp;
use kube::Client;
use story::Source;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::shared::Shared;
use crate::Hidden;

/// How often a kubelet is asked for its probes: what happens between two looks has no other time than that.
const PERIOD: Duration = Duration::from_secs(1);
/// Every how manieth look it is asked for its samples, too. One as it comes takes a sample of each container in 10 to 15 s, that of the
/// embedded cluster in 2 to 4 s.
const SAMPLES: u32 = 3;
/// When one that did not answer is asked again.
const LATER: Duration = Duration::from_secs(10);
/// How many kubelets are asked, at most.
const MOST: usize = 100;

/// Asks the kubelets of all nodes on which there are pods.
pub(super) async fn ask(kubelets: Option<&access::Kubelets>, shared: &Shared) -> Infallible {
    let Some(kubelets) = kubelets else {
        return pending().await;
    };
    let mut tick = interval(PERIOD);
    let (mut asked, mut asking) = (BTreeSet::new(), FuturesUnordered::new());
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let nodes = shared.keeper().nodes();
                for node in nodes.into_iter().take(MOST) {
                    if asked.insert(node) {
                        asking.push(one(kubelets, node, shared));
                    }
                }
            }
            Some(node) = asking.next() => {
                asked.remove(&node);
            }
        }
    }
}

/// Asks one kubelet for as long as there are pods on its node.
async fn one(kubelets: &access::Kubelets, node: IpAddr, shared: &Shared) -> IpAddr {
    while shared.keeper().nodes().contains(&node) {
        let why = match kubelets.client(node).await {
            Ok(client) => match again_and_again(&client, node, shared).await {
                Ok(()) => {
                    // Nobody was probed since: it is no gap that nobody asked.
                    shared.change(|keeper| keeper.unasked(node));
                    return node;
                }
                Err(error) if access::is_hidden(&error) => Hidden::Forbidden,
                Err(error) => Hidden::Unreachable(access::plainly(&error)),
            },
            Err(error) => Hidden::Unreachable(error.to_string()),
        };
        shared.change(|keeper| {
            keeper.unanswered(Source::Probes, node, why.clone());
            keeper.unanswered(Source::Usage, node, why);
        });
        sleep(LATER).await;
    }
    node
}

/// Asks until there are no pods left on the node.
async fn again_and_again(client: &Client, node: IpAddr, shared: &Shared) -> Result<(), kube::Error> {
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in 0_u32.. {
        tick.tick().await;
        if !shared.keeper().nodes().contains(&node) {
            break;
        }
        let asked = Timestamp::now();
        let text = page(client, "/metrics/probes").await?;
        let now = Timestamp::now();
        shared.change(|keeper| keeper.counted(node, &text, asked, now));
        if look % SAMPLES == 0 {
            let text = page(client, "/metrics/cadvisor").await?;
            let now = Timestamp::now();
            shared.change(|keeper| keeper.sampled(node, &text, now));
        }
    }
    Ok(())
}

/// Reads a page of metrics.
fn page(client: &Client, path: &str) -> impl Future<Output = Result<String, kube::Error>> {
    let request = http::Request::get(path).body(vec![]);
    async move {
        client
            .request_text(request.map_err(kube::Error::HttpError)?)
            .await
    }
}
