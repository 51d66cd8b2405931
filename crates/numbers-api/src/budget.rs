//! The calls that succeed before the service breaks.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// A number of calls that succeed: exactly that many, however many threads call at once. Clones share the count.
#[derive(Clone, Debug)]
pub struct CallBudget {
    limit: Option<NonZero<u32>>,
    used: Arc<AtomicU32>,
}

/// The budget is used up until it is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl CallBudget {
    /// A budget of `limit` calls; 0 means no limit.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit: NonZero::new(limit),
            used: Arc::default(),
        }
    }

    /// Uses up one call and returns the number of calls left; none without a limit.
    ///
    /// # Errors
    /// No call was left.
    pub fn take(&self) -> Result<Option<u32>, Exhausted> {
        let Some(limit) = self.limit.map(NonZero::get) else {
            return Ok(None);
        };
        // One atomic step: between a look and an increment another call could slip through.
        match self
            .used
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                (used < limit).then(|| used + 1)
            }) {
            Ok(used_before) => Ok(Some(limit - used_before - 1)),
            Err(_) => Err(Exhausted),
        }
    }

    /// The number of calls left; none without a limit.
    #[must_use]
    pub fn left(&self) -> Option<u32> {
        self.limit
            .map(|limit| limit.get() - self.used.load(Ordering::Relaxed))
    }

    /// True if the next call would succeed.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.left() != Some(0)
    }

    /// Restores the whole budget.
    pub fn reset(&self) {
        self.used.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        hint::spin_loop,
        sync::atomic::{AtomicU32, AtomicUsize, Ordering},
        thread,
    };

    use proptest::prelude::{prop, proptest};

    use super::{CallBudget, Exhausted};

    #[test]
    fn the_last_call_succeeds_and_leaves_it_unhealthy() {
        let budget = CallBudget::new(2);
        assert_eq!(budget.take(), Ok(Some(1)));
        assert!(budget.is_healthy());
        assert_eq!(budget.take(), Ok(Some(0)));
        assert!(!budget.is_healthy());
        assert_eq!(budget.take(), Err(Exhausted));
        assert_eq!(budget.left(), Some(0));
    }

    #[test]
    fn zero_never_ends() {
        let budget = CallBudget::new(0);
        assert!((0..1000).all(|_| budget.take() == Ok(None)));
        assert!(budget.is_healthy());
        assert_eq!(budget.left(), None);
    }

    /// Only the last call of a budget can go wrong, so there are many budgets, and all threads meet at each of them.
    #[test]
    fn exactly_as_many_succeed_when_all_ask_at_once() {
        // Two threads that spin meet more often than many that take turns.
        const THREADS: usize = 2;
        const ROUNDS: usize = 20_000;
        for limit in [1, 2, 5] {
            let budgets: Vec<_> = (0..ROUNDS).map(|_| CallBudget::new(limit)).collect();
            let arrived: Vec<_> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
            let successes: Vec<_> = (0..ROUNDS).map(|_| AtomicU32::new(0)).collect();
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        for round in 0..ROUNDS {
                            arrived[round].fetch_add(1, Ordering::SeqCst);
                            for spins in 0_u32.. {
                                if arrived[round].load(Ordering::SeqCst) == THREADS {
                                    break;
                                }
                                // The other thread may need this core.
                                if spins > 10_000 {
                                    thread::yield_now();
                                } else {
                                    spin_loop();
                                }
                            }
                            let succeeded = (0..3).filter(|_| budgets[round].take().is_ok()).count();
                            successes[round].fetch_add(u32::try_from(succeeded).unwrap(), Ordering::SeqCst);
                        }
                    });
                }
            });
            let successes: Vec<_> = successes.into_iter().map(AtomicU32::into_inner).collect();
            assert!(
                successes.iter().all(|&succeeded| succeeded == limit),
                "limit {limit}: {successes:?}"
            );
        }
    }

    proptest! {
        /// Against a plain counter, for any order of calls and resets.
        #[test]
        fn it_behaves_like_a_counter(limit in 0_u32..6, resets in prop::collection::vec(prop::bool::weighted(0.2), 0..60)) {
            let budget = CallBudget::new(limit);
            let mut used = 0;
            for reset in resets {
                if reset {
                    budget.reset();
                    used = 0;
                } else {
                    let succeeds = limit == 0 || used < limit;
                    assert_eq!(budget.take().is_ok(), succeeds);
                    used += u32::from(succeeds);
                }
                assert_eq!(budget.is_healthy(), limit == 0 || used < limit);
            }
        }
    }
}
