//! How far clocks are apart, by what was seen.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// How many samples count.
const SAMPLES: usize = 50;
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

    fn median(&self) -> SignedDuration {
        let mut sorted: Vec<_> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default().abs()
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
        let most = self.kubelets.median().max(self.here.median());
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
    fn the_median_counts_and_not_one_late_report() {
        let mut clocks = Clocks::default();
        for report in [0, 0, 300, 10, 0] {
            clocks.reported(at(0), at(report));
        }
        assert_eq!(clocks.skew(), SignedDuration::ZERO);
        for _ in 0..10 {
            clocks.reported(at(50), at(0));
        }
        assert_eq!(clocks.skew(), SignedDuration::from_secs(5));
    }

    #[test]
    fn a_machine_that_is_behind_narrows_nothing_too_much() {
        let mut clocks = Clocks::default();
        clocks.seen(at(10), at(7));
        assert_eq!(clocks.by(at(12)), at(15));
    }
}
