//! Computations beside the workers that answer requests: a few at once, a short queue, and an end to each.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pi_digits::Cancelled;
use tokio::{select, sync::Semaphore, task::spawn_blocking, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    cgroup::{Cgroup, Limit},
    measure::{Measured, measure},
    query::Query,
};

/// The reason why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The queue is full; the number counts those that run and those that wait.
    #[error("the queue is full ({0} running or waiting); try again in a moment")]
    Busy(usize),
    /// The deadline passed.
    #[error("the computation did not finish within {} s; ask for fewer decimals, or for algorithm=chudnovsky", .0.as_secs())]
    TooLong(Duration),
    /// The server is shutting down.
    #[error("this server is shutting down and could not finish in time; try again in a moment")]
    Stopping,
    /// The computation panicked, which the log has.
    #[error("the computation failed because of a fault in this program; its log says more")]
    Broken,
}

/// The number of computations that a CPU limit has room for, where the standard library finds `available` processors. The
/// library takes the limit into account but rounds it down, and half a processor more is worth one more computation.
#[must_use]
pub fn at_once(limit: Limit, available: usize) -> usize {
    match limit {
        Limit::Cores(cores) => (1..=available)
            .find(|computations| *computations as f64 >= cores)
            .unwrap_or(if cores < available as f64 + 1.0 {
                available + 1
            } else {
                available
            }),
        Limit::None | Limit::Unknown => available,
    }
}

/// Runs computations, a few at once, and queues a few more. Clones share both.
#[derive(Clone, Debug)]
pub struct Computations {
    /// One permit for each computation that runs or waits.
    places: Arc<Semaphore>,
    /// One permit for each computation that runs.
    processors: Arc<Semaphore>,
    most: usize,
    at_once: usize,
    deadline: Duration,
    ended: CancellationToken,
    cgroup: Cgroup,
}

impl Computations {
    /// Allows `at_once` computations to run and `queue` more to wait. Each is given up after `deadline`, counted from the
    /// request.
    #[must_use]
    pub fn new(at_once: usize, queue: usize, deadline: Duration, cgroup: Cgroup) -> Self {
        let most = at_once + queue;
        Self {
            places: Arc::new(Semaphore::new(most)),
            processors: Arc::new(Semaphore::new(at_once)),
            most,
            at_once,
            deadline,
            ended: CancellationToken::new(),
            cgroup,
        }
    }

    /// Gives up all computations, the waiting ones and later ones included.
    pub fn end(&self) {
        self.ended.cancel();
    }

    /// The number of computations that run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.at_once - self.processors.available_permits()
    }

    /// The number of computations that wait now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        (self.most - self.places.available_permits()).saturating_sub(self.running())
    }

    /// Computes pi. Dropping the future, as happens when the client goes away, stops the computation.
    ///
    /// # Errors
    /// The queue is full, the deadline passed, or [`Computations::end`] was called.
    pub async fn compute(&self, query: Query) -> Result<Measured, Refused> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Refused::Busy(self.most))?;
        let asked = Instant::now();
        let stop = StopOnDrop::default();
        let flag = Arc::clone(&stop.0);
        let cgroup = self.cgroup.clone();
        let work = async {
            let processor = Arc::clone(&self.processors)
                .acquire_owned()
                .await
                .map_err(|_| Refused::Broken)?;
            let computation = spawn_blocking(move || {
                // Both are given back when the processor is free again, not when the client has gone away.
                let _held = (place, processor);
                let queued = asked.elapsed();
                let measured = measure(query.algorithm, query.decimals, &cgroup, &flag)?;
                Ok::<_, Cancelled>(Measured { queued, ..measured })
            });
            computation
                .await
                .map_err(|_| Refused::Broken)?
                .map_err(|_| Refused::Broken)
        };
        select! {
            done = timeout(self.deadline, work) => done.map_err(|_| Refused::TooLong(self.deadline))?,
            () = self.ended.cancelled() => Err(Refused::Stopping),
        }
    }
}

#[derive(Debug, Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_rounded_up_to_whole_computations() {
        for (limit, available, expected) in [
            (Limit::None, 8, 8),
            (Limit::Unknown, 8, 8),
            (Limit::Cores(0.25), 1, 1),
            (Limit::Cores(0.25), 8, 1),
            (Limit::Cores(1.5), 1, 2),
            (Limit::Cores(2.0), 2, 2),
            (Limit::Cores(2.0), 8, 2),
            // More than the machine has.
            (Limit::Cores(16.0), 8, 8),
        ] {
            assert_eq!(
                at_once(limit, available),
                expected,
                "{limit:?} of {available} processors"
            );
        }
    }
}
