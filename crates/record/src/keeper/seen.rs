//! How a version of an object came to be known.

use jiff::Timestamp;
use story::{Clock, Moment};

/// How a version of an object came to be known, by this machine's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// When its source had last been heard before.
    pub(crate) before: Timestamp,
    /// When it was seen.
    pub(crate) at: Timestamp,
    /// Whether it came as a watch tells it, right after the version before: a list may leave versions out.
    pub(crate) in_order: bool,
}

impl Seen {
    /// When something happened that no date tells of: after its source had last been heard, and before it was seen.
    pub(super) fn moment(self) -> Option<Moment> {
        Moment::between(self.before.min(self.at), self.at, Clock::Here).ok()
    }
}
