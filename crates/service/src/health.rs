//! Whether the service should get requests, and whether it should be left alive.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A latch that says whether this service wants requests. All clones share one state.
///
/// It starts open, and once stopping has closed it, it stays closed: a service that has begun to stop does not come
/// back.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    closed: Arc<AtomicBool>,
}

impl Readiness {
    /// Whether new requests are welcome.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.closed.load(Ordering::Relaxed)
    }

    /// Asks everyone to send their requests elsewhere from now on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
