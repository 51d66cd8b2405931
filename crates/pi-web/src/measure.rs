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
/// Below this, the clocks are too coarse for a verdict.
const SHORT: Duration = Duration::from_millis(5);

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
    /// Nothing noticeable: it waited less, or finished within 5 ms.
    No,
}

impl Measured {
    /// The reason why the computation waited. Time in the queue does not count.
    #[must_use]
    pub fn held_back(&self) -> HeldBack {
        let share = self.cpu.as_secs_f64() / self.wall.as_secs_f64();
        let waited = 1.0 - share > NOTICEABLE;
        // A pod's cgroup has the same limit as its only container's, and the kernel counts each wait at the one that was
        // used up first. A container sees its own count alone, but also that it waited and got what its limit allows.
        let got_its_limit = matches!(self.limit, Limit::Cores(cores) if cores < 1.0 && MEASURED_LIMIT.contains(&(share / cores)));
        let throttled = self
            .throttled
            .is_some_and(|time| time > self.wall.mul_f64(NOTICEABLE));
        if self.wall < SHORT {
            HeldBack::No
        } else if throttled || (waited && got_its_limit) {
            HeldBack::Limit
        } else if waited {
            HeldBack::Busy
        } else {
            HeldBack::No
        }
    }
}

/// Explains the figures in one sentence for people; programs read [`Measured::held_back`].
#[must_use]
pub fn explanation(measured: &Measured) -> String {
    let limit = measured.limit;
    let (wall, cpu) = (measured.wall.as_secs_f64(), measured.cpu.as_secs_f64());
    let waited = (1.0 - cpu / wall) * 100.0;
    match (measured.held_back(), limit) {
        (HeldBack::Limit, _) => {
            let share = match limit {
                Limit::Cores(_) => limit.to_string(),
                Limit::None | Limit::Unknown => "a share of the processors".into(),
            };
            format!(
                "The container may use {share}, and the kernel made it wait each time that was used up: \
                 {cpu:.2} s of work took {wall:.2} s, {:.1} times as long.",
                wall / cpu.max(1e-9)
            )
        }
        (HeldBack::Busy, Limit::None) => format!(
            "The container has no CPU limit, but the machine was busy: for {waited:.0} % of the time the work waited \
             while others used the processors."
        ),
        (HeldBack::Busy, _) if measured.throttled.is_none() => format!(
            "For {waited:.0} % of the time the work waited, and the kernel does not tell here whether for a limit or for \
             a busy machine."
        ),
        (HeldBack::Busy, _) => format!(
            "No limit held it back, but the machine was busy: for {waited:.0} % of the time the work waited while others \
             used the processors."
        ),
        (HeldBack::No, _) if measured.wall < SHORT => {
            "This was too quick for any limit to be felt: ask for more decimals.".into()
        }
        (HeldBack::No, Limit::Cores(cores)) if cores < 1.0 => {
            format!("The limit of {limit} was not felt: the work was done before that was used up.")
        }
        (HeldBack::No, Limit::Cores(_)) => {
            format!("The limit of {limit} was not felt: one computation uses one processor at most.")
        }
        (HeldBack::No, Limit::None) => {
            "Nothing held it back: the container has no CPU limit, and a processor was free.".into()
        }
        (HeldBack::No, Limit::Unknown) => {
            "Nothing held it back: a processor was free, and whether there is a limit is unknown.".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(wall: u64, cpu: u64, throttled: Option<u64>, limit: Limit) -> Measured {
        Measured {
            pi: "3".into(),
            algorithm: Algorithm::Machin,
            queued: Duration::ZERO,
            wall: Duration::from_millis(wall),
            cpu: Duration::from_millis(cpu),
            throttled: throttled.map(Duration::from_millis),
            limit,
        }
    }

    #[test]
    fn each_case_has_its_word_and_its_sentence() {
        let quarter = Limit::Cores(0.25);
        let (by_limit, busy, no) = (HeldBack::Limit, HeldBack::Busy, HeldBack::No);
        for (wall, cpu, throttled, limit, word, sentence) in [
            (1, 1, Some(0), quarter, no, "too quick"),
            (0, 0, None, Limit::None, no, "too quick"),
            (
                4000,
                1000,
                Some(0),
                quarter,
                by_limit,
                "kernel made it wait each time",
            ),
            (
                4000,
                1000,
                Some(2900),
                quarter,
                by_limit,
                "may use 0.25 of a processor (250m), and the kernel made it wait each time that was used up: \
                 1.00 s of work took 4.00 s, 4.0 times as long.",
            ),
            // Throttled by a limit that cannot be read.
            (4000, 1000, Some(2900), Limit::Unknown, by_limit, "a share of"),
            (
                2000,
                1000,
                Some(0),
                Limit::None,
                busy,
                "the machine was busy: for 50 %",
            ),
            (
                2000,
                1000,
                None,
                Limit::None,
                busy,
                "no CPU limit, but the machine",
            ),
            (2000, 1000, Some(0), quarter, busy, "No limit held it back, but"),
            (4000, 1000, Some(0), Limit::Cores(0.9), busy, "No limit held it"),
            (2000, 1000, None, quarter, busy, "does not tell here"),
            (2000, 1000, None, Limit::Unknown, busy, "does not tell here"),
            (20, 20, Some(0), quarter, no, "done before that was used up"),
            (20, 20, Some(0), Limit::Cores(0.8), no, "before that was used up"),
            (1010, 1000, Some(0), Limit::Cores(2.0), no, "one processor at"),
            (1010, 1000, Some(0), Limit::None, no, "has no CPU limit, and"),
            (1010, 1000, None, Limit::Unknown, no, "a limit is unknown"),
            // The two clocks tick apart.
            (1000, 1001, Some(0), Limit::None, no, "Nothing held it back"),
        ] {
            let measured = measured(wall, cpu, throttled, limit);
            let said = explanation(&measured);
            assert_eq!(measured.held_back(), word, "{said:?}");
            assert!(said.contains(sentence), "{sentence:?} in {said:?}");
        }
    }

    #[test]
    fn a_measurement_has_the_digits_and_a_price() {
        let cgroup = Cgroup::at("/nowhere".as_ref());
        let (algorithm, ten) = (Algorithm::Chudnovsky, Decimals::new(10).unwrap());
        let measured = measure(algorithm, ten, &cgroup, &AtomicBool::new(false)).unwrap();
        assert_eq!(measured.pi, "3.1415926535");
        assert_eq!((measured.throttled, measured.limit), (None, Limit::Unknown));
    }
}
