//! Whether a part of what is asked is so.

/// Whether a part is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Yes,
    /// Not yet: time alone may bring it.
    Soon,
    No,
}

impl From<bool> for Held {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
