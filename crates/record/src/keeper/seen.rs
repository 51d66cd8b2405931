//! How a version of an object came to be known.

use jiff::Timestamp;

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
