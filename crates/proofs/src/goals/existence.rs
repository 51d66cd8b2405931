//! Whether there is a namespace to look into.

/// Whether there is a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Existence {
    /// There is, or this person may not know.
    #[default]
    There,
    /// It is being deleted.
    Ending,
    /// There is none.
    Missing,
}
