//! Waiting for a condition, with a deadline.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, interval, timeout_at};

use crate::Error;

/// How often a condition is looked at.
const PERIOD: Duration = Duration::from_millis(100);

/// Asks `condition` until it gives something.
///
/// # Errors
/// [`Error::Timeout`] with `what` was waited for and where to `look`, when `within` is over.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    within: Duration,
    look: &str,
    mut condition: impl FnMut() -> F,
) -> Result<T, Error> {
    let mut ticks = interval(PERIOD);
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(value) = condition().await {
                return value;
            }
        }
    };
    timeout_at(Instant::now() + within, asking)
        .await
        .map_err(|_| Error::Timeout {
            what: what.into(),
            within,
            look: look.into(),
        })
}
