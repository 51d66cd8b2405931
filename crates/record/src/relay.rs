//! Watching what a recorder writes.

use std::{convert::Infallible, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::watch::{Sender, channel},
    time::{sleep, timeout},
};

use crate::{
    Live, Reach, Recorded,
    watch::{PAUSE, watch},
};

/// How often a record is read on: it is written once a second.
const PERIOD: Duration = Duration::from_millis(500);

/// Watches a namespace as [`watch`] does, but tells what happened by a record, which begins before now.
///
/// Objects are those that are there now; what happened to them is written up to a second later. A record that is not
/// written any more, or cannot be read on, stands still, and says since when ([`Live::unrecorded`]).
///
/// # Errors
/// The first lists fail otherwise than by a refusal.
pub async fn watch_recorded(
    reach: &Reach,
    namespace: &str,
    mut recorded: Recorded,
    live: &Sender<Arc<Live>>,
) -> Result<Infallible, kube::Error> {
    // The recorder asks kubelets and looks at rules, and once is enough.
    let objects = Reach {
        kubelets: None,
        rules: None,
        ..reach.clone()
    };
    let (send, mut now) = channel(Arc::<Live>::default());
    let telling = async {
        // Nothing is told before everything was listed.
        let _ = now.changed().await;
        recorded.keep_only(namespace);
        let mut new = true;
        loop {
            if recorded.read_on().unwrap_or(false) {
                recorded.keep_only(namespace);
                new = true;
            }
            if new {
                let objects = now.borrow_and_update().clone();
                live.send_replace(Arc::new(recorded.live(&objects, Timestamp::now())));
            }
            sleep(PAUSE).await;
            new = matches!(timeout(PERIOD, now.changed()).await, Ok(Ok(())));
        }
    };
    tokio::select! {
        failed = watch(&objects, namespace, &send) => failed,
        never = telling => never,
    }
}
