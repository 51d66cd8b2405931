//! When something happened: an interval, for no source tells more.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Whose clock a moment was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The API server's, cut to whole seconds: `managedFields[].time`, `creationTimestamp`, `deletionTimestamp`.
    ApiServer,
    /// The kubelet's, cut to whole seconds: the conditions of pods, and its events.
    Kubelet,
    /// The container runtime's, cut to whole seconds by the kubelet: `startedAt`, `finishedAt`.
    Runtime,
    /// The scheduler's, in microseconds: `eventTime`.
    Scheduler,
    /// The kernel's of a node: what its counters and the kubelet's samples of them have, and kube-proxy's.
    Kernel,
    /// This machine's: when something was asked, or arrived.
    Here,
}

impl Clock {
    /// How wide a moment of this clock is at most if it was told as well as the clock can: the whole second that a time was
    /// cut to, or a few turns of something that looks each second, and a second on the way here.
    #[must_use]
    pub const fn resolution(self) -> SignedDuration {
        match self {
            Self::ApiServer | Self::Kubelet | Self::Runtime => SignedDuration::from_secs(1),
            Self::Scheduler | Self::Kernel => SignedDuration::from_secs(5),
            Self::Here => SignedDuration::from_secs(6),
        }
    }

    /// Whether its times are cut to whole seconds.
    const fn is_whole(self) -> bool {
        matches!(self, Self::ApiServer | Self::Kubelet | Self::Runtime)
    }

    /// Whether both are read where one and the same clock is set: nodes, control plane and this machine may differ.
    pub(crate) fn agrees_with(self, other: Self) -> bool {
        let place = |clock| match clock {
            Self::Kubelet | Self::Runtime | Self::Kernel => 0,
            Self::ApiServer | Self::Scheduler => 1,
            Self::Here => 2,
        };
        place(self) == place(other)
    }
}

/// The interval in which something happened, both ends included, in whole microseconds.
///
/// One that a clock of whole seconds begins, begins with a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Told")]
pub struct Moment {
    #[serde(serialize_with = "with_fractions")]
    earliest: Timestamp,
    #[serde(serialize_with = "with_fractions")]
    latest: Timestamp,
    clock: Clock,
}

impl Moment {
    /// Between two times of a clock.
    ///
    /// # Errors
    /// The second is before the first.
    pub fn between(earliest: Timestamp, latest: Timestamp, clock: Clock) -> Result<Self, Error> {
        if latest < earliest {
            return Err(Error::Backwards { earliest, latest });
        }
        let microseconds =
            latest.as_nanosecond().div_euclid(1000) + i128::from(latest.subsec_nanosecond() % 1000 != 0);
        Ok(Self {
            earliest: cut(earliest, if clock.is_whole() { 1_000_000_000 } else { 1000 }),
            latest: Timestamp::from_nanosecond(microseconds * 1000).unwrap_or(latest),
            clock,
        })
    }

    /// Somewhere in the second that a time was cut to.
    #[must_use]
    pub fn second(time: Timestamp, clock: Clock) -> Self {
        let earliest = cut(time, 1_000_000_000);
        Self {
            earliest,
            latest: later(earliest, SignedDuration::from_secs(1)),
            clock,
        }
    }

    /// The same, but not after `seen`, as it had been seen by then.
    ///
    /// A time that was seen before it began says that two clocks differ, and nothing about the moment: it is left as it is.
    #[must_use]
    pub fn by(self, seen: Timestamp) -> Self {
        if seen < self.earliest {
            return self;
        }
        Self {
            latest: self.latest.min(seen),
            ..self
        }
    }

    /// When an object was written: in the second that the API server noted, and before it was seen.
    ///
    /// A server that notes no times (KEP-5958 would let clients ask for that) leaves what is known otherwise: that it was not so
    /// at `before`, and was when it was seen.
    ///
    /// # Errors
    /// It was seen before `before`.
    pub fn write(noted: Option<Timestamp>, before: Timestamp, seen: Timestamp) -> Result<Self, Error> {
        match noted {
            Some(noted) => Ok(Self::second(noted, Clock::ApiServer).by(seen)),
            None => Self::between(before, seen, Clock::ApiServer),
        }
    }

    /// Not before this.
    #[must_use]
    pub fn earliest(&self) -> Timestamp {
        self.earliest
    }

    /// Not after this.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        self.latest
    }

    /// The time that it is told by: the second of a clock of whole seconds, and with others the time by which it had happened, as
    /// that was seen.
    #[must_use]
    pub fn told(&self) -> Timestamp {
        if self.clock.is_whole() {
            self.earliest
        } else {
            self.latest
        }
    }

    /// Whose clock says so.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// From the earliest to the latest.
    #[must_use]
    pub fn width(&self) -> SignedDuration {
        self.latest.duration_since(self.earliest)
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.earliest <= other.earliest && other.latest <= self.latest
    }

    /// Whether it is wider than its clock's resolution, so that time alone could prove nothing.
    #[must_use]
    pub fn is_vague(&self) -> bool {
        self.width() > self.clock.resolution()
    }
}

/// A moment as it is written down.
#[derive(Deserialize)]
struct Told {
    earliest: Timestamp,
    latest: Timestamp,
    clock: Clock,
}

impl TryFrom<Told> for Moment {
    type Error = Error;

    fn try_from(told: Told) -> Result<Self, Error> {
        Self::between(told.earliest, told.latest, told.clock)
    }
}

/// A time with its microseconds, so that all lines have the same form.
fn with_fractions<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.6}"))
}

fn cut(time: Timestamp, nanoseconds: i128) -> Timestamp {
    let whole = time.as_nanosecond().div_euclid(nanoseconds) * nanoseconds;
    // Only the first second of all has nothing before it.
    Timestamp::from_nanosecond(whole).unwrap_or(time)
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-01-01T00:00:{text}Z").parse().unwrap()
    }

    #[test]
    fn a_time_that_was_cut_is_a_second_and_ends_where_it_was_seen() {
        let cut = Moment::second(at("10"), Clock::Kubelet);
        assert_eq!((cut.earliest(), cut.latest()), (at("10"), at("11")));
        assert_eq!(cut.by(at("10.25")).latest(), at("10.25"));
        assert_eq!(cut.by(at("12")), cut);
        assert!(!cut.is_vague());
    }

    #[test]
    fn a_receipt_before_the_time_bends_nothing() {
        let cut = Moment::second(at("10"), Clock::Kubelet);
        assert_eq!(cut.by(at("05")), cut);
    }

    #[test]
    fn without_the_servers_note_a_write_is_between_two_looks() {
        let noted = Moment::write(Some(at("10")), at("08.5"), at("10.2")).unwrap();
        let unnoted = Moment::write(None, at("08.5"), at("10.2")).unwrap();
        assert_eq!((noted.earliest(), noted.latest()), (at("10"), at("10.2")));
        assert_eq!((unnoted.earliest(), unnoted.latest()), (at("08"), at("10.2")));
        assert!(unnoted.holds(&noted) && unnoted.is_vague() && !noted.is_vague());
    }

    #[test]
    fn a_moment_does_not_run_backwards() {
        let refused = Moment::between(at("11"), at("10"), Clock::Here).unwrap_err();
        assert!(refused.to_string().contains("before it begins"), "{refused}");
    }

    #[test]
    fn ends_are_rounded_outwards_to_what_is_written_down() {
        let moment = Moment::between(at("10.0000001"), at("10.0000001"), Clock::Here).unwrap();
        assert_eq!((moment.earliest(), moment.latest()), (at("10"), at("10.000001")));
        let text = serde_json::to_string(&moment).unwrap();
        assert_eq!(
            text,
            r#"{"earliest":"2026-01-01T00:00:10.000000Z","latest":"2026-01-01T00:00:10.000001Z","clock":"here"}"#
        );
        assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
    }
}
