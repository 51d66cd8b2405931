//! How far clocks are apart, by what was seen.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// How many samples count.
const SAMPLES: usize = 50;
/// How many samples it takes to call a clock behind: what looks like it may be a report that came late.
const ENOUGH: usize = 5;
/// What times that are cut to seconds can differ by and mean nothing.
const NOTHING: SignedDuration = SignedDuration::from_secs(1);

/// The clocks of the kubelets and of this machine, against that of the API server.
#[derive(Default)]
pub(crate) struct Clocks {
    kubelets: Samples,
    here: Samples,
    /// How far this machine's is behind at least, as something was seen before it was written.
    behind: SignedDuration,
}

#[derive(Default)]
struct Samples(VecDeque<SignedDuration>);

impl Samples {
    fn take(&mut self, sample: SignedDuration) {
        if self.0.len() == SAMPLES {
            self.0.pop_front();
        }
        self.0.push_back(sample);
    }

    /// How far the clock is apart. Reports come late and never early, so the least of all differences says most: less than nothing proves
    /// that it is ahead, and more only suggests that it is behind.
    fn apart(&self) -> SignedDuration {
        let least = self.0.iter().min().copied().unwrap_or_default();
        if least.is_negative() || self.0.len() >= ENOUGH {
            least.abs()
        } else {
            SignedDuration::ZERO
        }
    }
}

impl Clocks {
    /// A write that the API server noted and that was seen as it came.
    pub(super) fn seen(&mut self, noted: Timestamp, seen: Timestamp) {
        self.here.take(seen.duration_since(noted));
        self.behind = self.behind.max(noted.duration_since(seen));
    }

    /// The same of a write in which a kubelet reported what it had dated itself.
    pub(super) fn reported(&mut self, dated: Timestamp, noted: Timestamp) {
        self.kubelets.take(noted.duration_since(dated));
    }

    /// How far they are apart; nothing up to a second.
    pub(super) fn skew(&self) -> SignedDuration {
        let most = self.kubelets.apart().max(self.here.apart());
        if most > NOTHING {
            most
        } else {
            SignedDuration::ZERO
        }
    }

    /// The latest that it can have been elsewhere when this machine's clock said `seen`.
    pub(super) fn by(&self, seen: Timestamp) -> Timestamp {
        seen.checked_add(self.skew().max(self.behind))
            .unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(tenths: i64) -> Timestamp {
        Timestamp::from_millisecond(tenths * 100).unwrap()
    }

    #[test]
    fn times_that_were_cut_to_seconds_are_no_skew() {
        let mut clocks = Clocks::default();
        for tenths in 0..10 {
            clocks.seen(at(0), at(tenths));
            clocks.reported(at(0), at(10 * (tenths % 2)));
        }
        assert_eq!(clocks.skew(), SignedDuration::ZERO);
        assert_eq!(clocks.by(at(5)), at(5));
    }

    #[test]
    fn reports_that_come_late_are_no_skew() {
        let mut clocks = Clocks::default();
        for report in [60, 300, 60, 10, 60, 60] {
            clocks.reported(at(0), at(report));
            assert_eq!(clocks.skew(), SignedDuration::ZERO);
        }
    }

    #[test]
    fn clocks_that_differ_are_told_apart() {
        let mut behind = Clocks::default();
        for report in [50, 60, 70, 50, 50] {
            behind.reported(at(0), at(report));
        }
        assert_eq!(behind.skew(), SignedDuration::from_secs(5));
        let mut ahead = Clocks::default();
        ahead.reported(at(50), at(0));
        assert_eq!(ahead.skew(), SignedDuration::from_secs(5));
    }

    #[test]
    fn a_machine_that_is_behind_narrows_nothing_too_much() {
        let mut clocks = Clocks::default();
        clocks.seen(at(10), at(7));
        assert_eq!(clocks.by(at(12)), at(15));
    }
}
