//! One computation, and what it cost.

use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use pi_digits::{Algorithm, Cancelled, digits};
use rustix::time::{ClockId, clock_gettime};

use crate::cgroup::{Cgroup, Limit};

/// Pi with its price.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The digits.
    pub pi: String,
    /// How.
    pub algorithm: Algorithm,
    /// From the start of the computation to its end.
    pub wall: Duration,
    /// How long a processor worked on it.
    pub cpu: Duration,
    /// How long the kernel held the container back meanwhile; none where it does not say.
    pub throttled: Option<Duration>,
    /// The container's CPU limit.
    pub limit: Limit,
}

/// Computes, and looks at clocks and cgroup before and after.
///
/// # Errors
/// `cancelled` was set.
pub fn measure(
    algorithm: Algorithm,
    decimals: u32,
    cgroup: &Cgroup,
    cancelled: &AtomicBool,
) -> Result<Measured, Cancelled> {
    let (begin, cpu_begin, throttled_begin) = (Instant::now(), thread_cpu_time(), cgroup.throttled());
    let pi = digits(algorithm, decimals, cancelled)?;
    Ok(Measured {
        pi,
        algorithm,
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

/// A part of the waiting below this is noise.
const NOTICEABLE: f64 = 0.1;
/// Below this, clocks say nothing worth a sentence.
const SHORT: Duration = Duration::from_millis(5);

/// What the figures mean together, in one sentence.
#[must_use]
pub fn explanation(measured: &Measured) -> String {
    let Measured {
        wall,
        cpu,
        throttled,
        limit,
        ..
    } = measured;
    let (wall, cpu) = (*wall, *cpu);
    let throttled = throttled.unwrap_or_default();
    let times = wall.as_secs_f64() / cpu.as_secs_f64().max(1e-9);
    let waited = 1.0 - 1.0 / times.max(1.0);
    if wall < SHORT {
        return "This was too quick for any limit to be felt: ask for more decimals.".into();
    }
    if throttled.as_secs_f64() > wall.as_secs_f64() * NOTICEABLE {
        let limit = match limit {
            Limit::Cores(cores) => format!("{cores:.2} of a processor"),
            Limit::None | Limit::Unknown => "a limit".into(),
        };
        return format!(
            "The container may use {limit}, and the kernel made it wait whenever that was used up: the same work took \
             {times:.1} times as long as without a limit."
        );
    }
    match limit {
        _ if waited > NOTICEABLE => format!(
            "No limit held it back, but others wanted the processors too: {:.0} % of the time went by waiting for one.",
            waited * 100.0
        ),
        Limit::Cores(cores) => format!(
            "The container's limit of {cores:.2} processors was not felt: one computation uses one processor at most."
        ),
        Limit::None => {
            "Nothing held it back: the container has no CPU limit, and a processor was free.".into()
        }
        Limit::Unknown => "Nothing held it back: a processor was free all the time.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(wall: u64, cpu: u64, throttled: Option<u64>, limit: Limit) -> String {
        explanation(&Measured {
            pi: "3".into(),
            algorithm: Algorithm::Machin,
            wall: Duration::from_millis(wall),
            cpu: Duration::from_millis(cpu),
            throttled: throttled.map(Duration::from_millis),
            limit,
        })
    }

    #[test]
    fn each_case_has_its_sentence() {
        let limited = measured(4000, 1000, Some(2900), Limit::Cores(0.25));
        assert!(
            limited.contains("0.25 of a processor") && limited.contains("4.0 times as long"),
            "{limited}"
        );
        assert!(measured(1010, 1000, Some(0), Limit::None).contains("no CPU limit"));
        assert!(measured(1010, 1000, None, Limit::Unknown).contains("a processor was free"));
        assert!(measured(2000, 1000, Some(0), Limit::None).contains("50 % of the time"));
        assert!(measured(1010, 1000, Some(0), Limit::Cores(2.0)).contains("was not felt"));
        assert!(measured(1, 1, Some(0), Limit::Cores(0.25)).contains("too quick"));
    }

    #[test]
    fn a_measurement_has_the_digits_and_a_price() {
        let cgroup = Cgroup::at("/nowhere".as_ref());
        let measured = measure(Algorithm::Chudnovsky, 10, &cgroup, &AtomicBool::new(false)).unwrap();
        assert_eq!(measured.pi, "3.1415926535");
        assert_eq!((measured.throttled, measured.limit), (None, Limit::Unknown));
    }
}
