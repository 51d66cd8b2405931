//! Asking kube-proxy what it has counted.

use std::{convert::Infallible, future::pending, time::Duration};

use jiff::Timestamp;
use kube::Client;
use tokio::time::{MissedTickBehavior, interval};

use super::{kubelets::page, shared::Shared};
use crate::Hidden;

/// How often it is asked while rules are waited for.
const PERIOD: Duration = Duration::from_secs(1);

/// Asks for as long as it is watched. kube-proxy is told of the slices of all namespaces, and so has to be whoever asks it.
pub(super) async fn ask(proxy: Option<&Client>, shared: &Shared) -> Infallible {
    let Some(proxy) = proxy else {
        return pending().await;
    };
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let due = shared.keeper().awaits_rules(Timestamp::now());
        if !due {
            continue;
        }
        let told = page(proxy, "/metrics").await;
        let now = Timestamp::now();
        shared.change(|keeper| match told {
            Ok(text) => keeper.programmed(&text, now),
            Err(error) => keeper.unprogrammed(Hidden::Unreachable(access::plainly(&error))),
        });
    }
}
