//! How many calls succeed before the service breaks.

use std::{
    num::NonZero,
    sync::atomic::{AtomicU32, Ordering},
};

/// A number of calls that may succeed. However many threads ask at once, exactly that many do.
#[derive(Debug)]
pub struct CallBudget {
    limit: Option<NonZero<u32>>,
    used: AtomicU32,
}

/// The budget is used up, and stays so until it is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl CallBudget {
    /// A budget of `limit` calls; 0 means that it never ends.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit: NonZero::new(limit),
            used: AtomicU32::new(0),
        }
    }

    /// Uses one call up and answers how many are left, if they are counted at all.
    ///
    /// # Errors
    /// [`Exhausted`] when none was left.
    pub fn take(&self) -> Result<Option<u32>, Exhausted> {
        let Some(limit) = self.limit.map(NonZero::get) else {
            return Ok(None);
        };
        // Looking and counting are one step: between two steps another call could slip through.
        match self
            .used
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                (used < limit).then(|| used + 1)
            }) {
            Ok(used_before) => Ok(Some(limit - used_before - 1)),
            Err(_) => Err(Exhausted),
        }
    }

    /// How many calls are left; none when they are not counted.
    #[must_use]
    pub fn left(&self) -> Option<u32> {
        self.limit
            .map(|limit| limit.get() - self.used.load(Ordering::Relaxed))
    }

    /// Whether the next call would succeed.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.left() != Some(0)
    }

    /// Starts afresh, with the whole budget.
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

    /// The moment that counts is the one in which the last call is given away, so there are many of them here, and all
    /// threads run into each at once.
    #[test]
    fn exactly_as_many_succeed_when_all_ask_at_once() {
        // Two threads that wait without sleeping meet more often than many that have to take turns.
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
                                // The other one may need this very core.
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
