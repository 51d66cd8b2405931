//! When a run began, by both clocks.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use pictures::recording::milliseconds;
use report::Clock;

/// When a run began: what happens is counted from there, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    clock: Clock,
    at: Timestamp,
}

impl Began {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            clock: Clock::start(Timestamp::now),
            at: Timestamp::now(),
        }
    }

    /// The clock of the run.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The day, in UTC.
    #[must_use]
    pub fn date(&self) -> String {
        self.at.strftime("%Y-%m-%d").to_string()
    }

    pub(crate) fn elapsed(&self) -> f64 {
        milliseconds(self.clock.elapsed())
    }

    /// A time that the cluster tells.
    pub(crate) fn told(&self, time: &Time) -> f64 {
        // The cluster's types have a jiff of their own.
        let cut = Timestamp::from_second(time.0.as_second());
        cut.map_or(f64::NEG_INFINITY, |time| self.to(time))
    }

    /// A time that a program tells.
    pub(crate) fn to(&self, time: Timestamp) -> f64 {
        milliseconds(time.duration_since(self.at).as_secs_f64())
    }
}
