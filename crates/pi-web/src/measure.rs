//! One computation and its cost.

use std::{
    ops::RangeInclusive,
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use pi_digits::{Algorithm, Cancelled, Decimals, digits};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::cgroup::{Cgroup, Limit};

/// Digits of pi, and what they cost.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The digits.
    pub pi: String,
    /// The algorithm used.
    pub algorithm: Algorithm,
    /// The time it waited for other computations to finish.
    pub queued: Duration,
    /// The time from the start of the computation to its end.
    pub wall: Duration,
    /// The CPU time of the computing thread.
    pub cpu: Duration,
    /// The time the kernel throttled the container meanwhile; none if it does not count it.
    pub throttled: Option<Duration>,
    /// The container's CPU limit.
    pub limit: Limit,
}

/// Computes pi, and reads clocks and cgroup before and after.
///
/// # Errors
/// `cancelled` was set.
pub fn measure(
    algorithm: Algorithm,
    decimals: Decimals,
    cgroup: &Cgroup,
    cancelled: &AtomicBool,
) -> Result<Measured, Cancelled> {
    let (begin, cpu_begin, throttled_begin) = (Instant::now(), thread_cpu_time(), cgroup.throttled());
    let pi = digits(algorithm, decimals, cancelled)?;
    Ok(Measured {
        pi,
        algorithm,
        queued: Duration::ZERO,
        wall: begin.elapsed(),
        cpu: thread_cpu_time().saturating_sub(cpu_begin),
        throttled: cgroup
            .throttled()
            .zip(throttled_begin)
            .map(|(after, before)| after.saturating_sub(before)),
        limit: cgroup.limit(),
    })
}

fn thread_cpu_time() -> Duration {
    // The kernel counts from zero, so that the conversion cannot fail.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// A share of time spent waiting below this is noise.
const NOTICEABLE: f64 = 0.1;
/// The CPU share of a computation that is held back by its limit, in parts of that limit. The kernel enforces a limit in
/// periods of 0.1 s, so a short computation gets somewhat more; one that gets far less waited for something else.
const MEASURED_LIMIT: RangeInclusive<f64> = 0.8..=1.3;
/// The kernel's periods, as the kubelet leaves them.
const PERIOD: Duration = Duration::from_millis(100);
/// What clocks are allowed to differ by.
const ALMOST: f64 = 0.95;
/// Below this nothing is said: a limit is enforced in periods of 0.1 s, and a busy machine's turns are some ms long.
const SHORT: Duration = Duration::from_millis(50);

/// The reason why a computation did not run all the time, as far as its figures show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HeldBack {
    /// The container's CPU limit: the kernel throttled the container for more than a tenth of the time, or the computation
    /// got just what its limit allows.
    Limit,
    /// Something else: it waited for more than a tenth of the time, and nothing shows that the limit was the reason. Where
    /// the kernel does not count throttling, it may have been the limit all the same.
    Busy,
    /// Nothing noticeable: it waited less, or finished within 50 ms.
    No,
}

impl Measured {
    /// How many times as long it took as the work alone.
    #[must_use]
    pub fn times_as_long(&self) -> f64 {
        self.wall.as_secs_f64() / self.cpu.as_secs_f64().max(1e-9)
    }

    /// Whether it was over before anything could be said of it.
    #[must_use]
    pub fn is_too_quick(&self) -> bool {
        self.wall < SHORT
    }

    /// Whether it got just what its limit allows, and no processor of its own.
    #[must_use]
    pub fn got_its_limit(&self) -> bool {
        let (cpu, wall) = (self.cpu.as_secs_f64(), self.wall.as_secs_f64());
        let Limit::Cores(cores) = self.limit else {
            return false;
        };
        let share = cpu / wall / cores;
        // Work that begins at the end of one period may use up that and the next one's share at once. Nobody can be faster
        // than that, and whoever worked for longer was made to wait.
        let at_once = 2.0 * cores * PERIOD.as_secs_f64();
        let fastest = (cpu - at_once) / cores + at_once;
        let briefly = share > *MEASURED_LIMIT.end() && cpu > at_once && wall >= fastest * ALMOST;
        cores < 1.0 && (MEASURED_LIMIT.contains(&share) || briefly)
    }

    /// The reason why the computation waited. Time in the queue does not count.
    #[must_use]
    pub fn held_back(&self) -> HeldBack {
        let share = self.cpu.as_secs_f64() / self.wall.as_secs_f64();
        let waited = 1.0 - share > NOTICEABLE;
        // A pod's cgroup has the same limit as its only container's, and the kernel counts each wait at the one that was
        // used up first. A container sees its own count alone, but also that it waited and got what its limit allows.
        let throttled = self
            .throttled
            .is_some_and(|time| time > self.wall.mul_f64(NOTICEABLE));
        if self.is_too_quick() {
            HeldBack::No
        } else if throttled || (waited && self.got_its_limit()) {
            HeldBack::Limit
        } else if waited {
            HeldBack::Busy
        } else {
            HeldBack::No
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_has_the_digits_and_a_price() {
        let cgroup = Cgroup::at("/nowhere".as_ref());
        let (algorithm, ten) = (Algorithm::Chudnovsky, Decimals::new(10).unwrap());
        let measured = measure(algorithm, ten, &cgroup, &AtomicBool::new(false)).unwrap();
        assert_eq!(measured.pi, "3.1415926535");
        assert_eq!((measured.throttled, measured.limit), (None, Limit::Unknown));
    }
}
