//! Readiness: whether the service should get requests.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A latch that says whether this service wants requests. All clones share one state.
///
/// It starts open. Stopping closes it for good: a service that has begun to stop does not come back.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    closed: Arc<AtomicBool>,
}

impl Readiness {
    /// True until the service is told to stop.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.closed.load(Ordering::Relaxed)
    }

    /// Asks everyone to send their requests elsewhere from now on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
