//! Where the time of a computation went, as far as its figures show.

use std::{fmt, time::Duration};

use crate::{
    cgroup::Limit,
    measure::{HeldBack, Measured},
};

/// The parts of the time from a computation's start to its end. Together they are all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// It worked.
    pub(crate) worked: Duration,
    /// It waited because the CPU limit was used up.
    pub(crate) for_limit: Duration,
    /// Whether that is only what is certain, so that some of the rest may have been the limit too.
    pub(crate) at_least: bool,
    /// The rest: it waited, and nothing shows that it was for the limit.
    pub(crate) otherwise: Duration,
}

impl Split {
    /// The parts; none where all of it was too quick to say.
    ///
    /// The kubelet gives a pod's cgroup the limit of its only container, and the kernel counts each wait at the one that was
    /// used up first. A container sees its own count alone, so that this is a lower bound. Where the computation got just what
    /// its limit allows, all of its waiting was for the limit.
    #[must_use]
    pub(crate) fn of(measured: &Measured) -> Option<Self> {
        if measured.is_too_quick() {
            return None;
        }
        let worked = measured.cpu.min(measured.wall);
        let waited = measured.wall.saturating_sub(worked);
        let all = measured.held_back() == HeldBack::Limit && measured.got_its_limit();
        let may_be_limited = measured.limit != Limit::None;
        let for_limit = if all {
            waited
        } else {
            measured.throttled.unwrap_or_default().min(waited)
        };
        let otherwise = waited.saturating_sub(for_limit);
        Some(Self {
            worked,
            for_limit,
            at_least: may_be_limited && !all && !otherwise.is_zero(),
            otherwise,
        })
    }

    /// The time that it waited for the limit, where some of the rest may have been for it too.
    pub(crate) fn at_least(&self) -> Option<Duration> {
        (self.at_least && !self.for_limit.is_zero()).then_some(self.for_limit)
    }

    /// A part in percent of the whole, for a picture.
    #[must_use]
    pub(crate) fn percent(&self, part: Duration) -> f64 {
        let all = self.worked + self.for_limit + self.otherwise;
        (part.as_secs_f64() / all.as_secs_f64().max(1e-9) * 1000.0).round() / 10.0
    }
}

/// A time for people, with the unit that says something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told(pub(crate) Duration);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        match self.0.as_micros() {
            0 => f.write_str("0 s"),
            1..1_000 => write!(f, "{:.0} µs", seconds * 1e6),
            1_000..10_000 => write!(f, "{:.1} ms", seconds * 1e3),
            10_000..100_000 => write!(f, "{:.0} ms", seconds * 1e3),
            _ => write!(f, "{seconds:.2} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use pi_digits::Algorithm;

    use super::*;

    fn split(wall: u64, cpu: u64, throttled: Option<u64>, limit: Limit) -> Option<([u64; 3], bool)> {
        let [wall, cpu] = [wall, cpu].map(Duration::from_millis);
        let measured = Measured {
            pi: "3".into(),
            algorithm: Algorithm::Machin,
            queued: Duration::from_secs(9),
            wall,
            cpu,
            throttled: throttled.map(Duration::from_millis),
            limit,
        };
        let split = Split::of(&measured)?;
        assert_eq!(split.worked + split.for_limit + split.otherwise, wall);
        let parts = [split.worked, split.for_limit, split.otherwise];
        let parts = parts.map(|part| u64::try_from(part.as_millis()).unwrap_or_default());
        Some((parts, split.at_least))
    }

    #[test]
    fn waiting_is_for_the_limit_as_far_as_the_figures_say() {
        let quarter = Limit::Cores(0.25);
        for (wall, cpu, throttled, limit, parts) in [
            // It got what the limit allows, whatever the container's own cgroup counted: 0.58 s of 2.32 s.
            (2470, 580, Some(220), quarter, Some(([580, 1890, 0], false))),
            (2470, 580, Some(0), quarter, Some(([580, 1890, 0], false))),
            (2470, 580, None, quarter, Some(([580, 1890, 0], false))),
            // Short work may use up two shares at once, and waited for the others.
            (264, 88, Some(39), quarter, Some(([88, 176, 0], false))),
            (110, 60, Some(0), quarter, Some(([60, 50, 0], false))),
            // But no limit lets this pass.
            (150, 88, Some(0), quarter, Some(([88, 0, 62], true))),
            (80, 45, Some(0), quarter, Some(([45, 0, 35], true))),
            // It got far less than that: the rest was something else, or the pod's cgroup.
            (4000, 500, Some(1000), quarter, Some(([500, 1000, 2500], true))),
            (
                4000,
                1000,
                Some(2900),
                Limit::Unknown,
                Some(([1000, 2900, 100], true)),
            ),
            (2000, 1000, Some(0), quarter, Some(([1000, 0, 1000], true))),
            (2000, 1000, Some(50), quarter, Some(([1000, 50, 950], true))),
            (2000, 1000, None, Limit::None, Some(([1000, 0, 1000], false))),
            (
                1010,
                1000,
                Some(0),
                Limit::Cores(2.0),
                Some(([1000, 0, 10], true)),
            ),
            // Two clocks tick apart, and the kernel counts for all of a container's threads.
            (1000, 1001, Some(500), Limit::None, Some(([1000, 0, 0], false))),
            (49, 1, Some(40), quarter, None),
            (0, 0, None, Limit::None, None),
        ] {
            let told = split(wall, cpu, throttled, limit);
            assert_eq!(told, parts, "{wall} {cpu} {throttled:?} {limit:?}");
        }
    }

    #[test]
    fn a_time_has_the_unit_that_says_something() {
        for (micros, told) in [
            (0, "0 s"),
            (1, "1 µs"),
            (999, "999 µs"),
            (1_500, "1.5 ms"),
            (42_400, "42 ms"),
            (580_000, "0.58 s"),
            (61_234_000, "61.23 s"),
        ] {
            assert_eq!(Told(Duration::from_micros(micros)).to_string(), told);
        }
    }
}
