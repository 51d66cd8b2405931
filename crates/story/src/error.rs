//! What is refused.

use jiff::Timestamp;

/// A record that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A moment that ends before it begins.
    #[error("a moment ends at {latest}, before it begins at {earliest}")]
    Backwards {
        /// Where it begins.
        earliest: Timestamp,
        /// Where it ends.
        latest: Timestamp,
    },
    /// Two facts with one id, so that nobody could say which is the cause.
    #[error("two facts have the id {0}: each needs one of its own")]
    Repeated(u64),
    /// A line that is no fact.
    #[error("line {number} is no fact: {reason}")]
    NoFact {
        /// Its number, from 1.
        number: usize,
        /// Why.
        reason: serde_json::Error,
    },
}
