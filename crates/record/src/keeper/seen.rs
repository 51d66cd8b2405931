//! How a version of an object came to be known.

use jiff::{SignedDuration, Timestamp};
use story::{Clock, Moment};

/// For how long what a watch tells may have been on its way: when one change was heard of, the next one may have been made already. The
/// benchmark saw watches that were a second late on a machine that others kept busy.
pub(super) const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(1);

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
    /// When something happened that no date tells of: after what its source had told before, and before it was seen.
    pub(super) fn moment(self) -> Option<Moment> {
        let before = self.before.min(self.at).checked_sub(ON_ITS_WAY).ok()?;
        Moment::between(before, self.at, Clock::Here).ok()
    }
}
