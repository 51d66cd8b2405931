//! The keeper, for those that watch at the same time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::keeper::Keeper;

/// The keeper, and whoever waits for a change of it.
pub(super) struct Shared {
    keeper: Mutex<Keeper>,
    changed: Notify,
}

impl Shared {
    pub(super) fn new(keeper: Keeper) -> Self {
        Self {
            keeper: Mutex::new(keeper),
            changed: Notify::new(),
        }
    }

    /// To look at it.
    pub(super) fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it.
    pub(super) fn change(&self, change: impl FnOnce(&mut Keeper)) {
        change(&mut self.keeper());
        self.changed.notify_one();
    }

    /// Waits for a change since it was last waited for.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}
