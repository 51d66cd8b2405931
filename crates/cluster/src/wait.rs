//! Waiting for a condition, with a deadline.

use std::{future::Future, time::Duration};

use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::Error;

/// How often a condition is checked.
const PERIOD: Duration = Duration::from_millis(100);

/// Calls `condition`, ten times a second at most, until it returns a value. Dropping the future stops it.
///
/// # Errors
/// [`Error::Timeout`] after `within`. It names the awaited event, `what`, and gives the advice `look`.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    within: Duration,
    look: &str,
    mut condition: impl FnMut() -> F,
) -> Result<T, Error> {
    let mut ticks = interval(PERIOD);
    // A slow answer is not to be followed by a burst of questions.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(value) = condition().await {
                return value;
            }
        }
    };
    timeout(within, asking).await.map_err(|_| Error::Timeout {
        what: what.into(),
        within,
        look: look.into(),
    })
}
