//! When events happen.

use std::time::Instant;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::Event;

/// An event, and when it happened: not when somebody got to hear of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stamped {
    /// The time of day: UTC, in RFC 3339, with milliseconds. It jumps when somebody sets the machine's clock.
    #[serde(serialize_with = "with_milliseconds")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub at: Timestamp,
    /// Seconds since the first of all runs began, which never go back.
    pub elapsed: f64,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

fn with_milliseconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// Stamps the events of runs that began together.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    time_of_day: fn() -> Timestamp,
}

impl Clock {
    /// Starts to count the seconds; `time_of_day` is asked at each event, as `Timestamp::now` is.
    #[must_use]
    pub fn start(time_of_day: fn() -> Timestamp) -> Self {
        Self {
            began: Instant::now(),
            time_of_day,
        }
    }

    /// Seconds since the start.
    #[must_use]
    pub fn elapsed(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// The event, which happens now.
    #[must_use]
    pub fn stamp(&self, event: Event) -> Stamped {
        Stamped {
            at: (self.time_of_day)(),
            elapsed: self.elapsed(),
            event,
        }
    }
}
