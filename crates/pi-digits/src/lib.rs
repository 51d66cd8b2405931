#![doc = include_str!("../README.md")]

mod chudnovsky;
mod decimal;
mod machin;

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

/// A way to compute pi.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Machin's formula: slow on purpose.
    #[default]
    Machin,
    /// The Chudnovsky series: fast.
    Chudnovsky,
}

/// The error for a name that no algorithm has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no algorithm {0:?}; allowed: machin, chudnovsky")]
pub struct UnknownAlgorithm(String);

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "machin" => Ok(Self::Machin),
            "chudnovsky" => Ok(Self::Chudnovsky),
            _ => Err(UnknownAlgorithm(name.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machin => "machin",
            Self::Chudnovsky => "chudnovsky",
        })
    }
}

/// A number of decimals, from 0 to [`Decimals::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimals(u32);

/// The error for more than [`Decimals::MAX`] decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} decimals are too many; allowed: 0 to {most}", most = Decimals::MAX)]
pub struct TooMany(u32);

impl Decimals {
    /// The largest number. The errors of both algorithms grow with the number of decimals; up to twice this number they
    /// are known to stay small enough.
    pub const MAX: u32 = 1_000_000;

    /// Creates a number of decimals.
    ///
    /// # Errors
    /// It is larger than [`Decimals::MAX`].
    pub fn new(count: u32) -> Result<Self, TooMany> {
        if count <= Self::MAX {
            Ok(Self(count))
        } else {
            Err(TooMany(count))
        }
    }
}

/// The error of a computation that was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the computation was cancelled")]
pub struct Cancelled;

/// Called again and again during a computation, whose end an error is. At 100,000 decimals at most some tens of
/// milliseconds pass between two calls.
pub(crate) type Check<'a> = &'a dyn Fn() -> Result<(), Cancelled>;

/// Enough for the error bounds of both algorithms up to [`Decimals::MAX`].
const GUARD_DIGITS: u32 = 16;

/// Pi as `3` for 0 decimals, otherwise as `3.` and exactly this number of digits, truncated and not rounded.
///
/// # Errors
/// `cancelled` was set before the end.
pub fn digits(algorithm: Algorithm, decimals: Decimals, cancelled: &AtomicBool) -> Result<String, Cancelled> {
    compute(algorithm, decimals, &|| {
        if cancelled.load(Ordering::Relaxed) {
            Err(Cancelled)
        } else {
            Ok(())
        }
    })
}

fn compute(algorithm: Algorithm, Decimals(decimals): Decimals, check: Check) -> Result<String, Cancelled> {
    until_certain(decimals, |guard| match algorithm {
        Algorithm::Machin => machin::scaled(decimals + guard, check),
        Algorithm::Chudnovsky => chudnovsky::scaled(decimals + guard, check),
    })
}

/// Asks for the digits with more and more guard digits, until these say that the error reaches none of the others.
fn until_certain(
    decimals: u32,
    scaled: impl Fn(u32) -> Result<String, Cancelled>,
) -> Result<String, Cancelled> {
    let mut guard = GUARD_DIGITS;
    loop {
        if let Some(digits) = decimal::cut(&scaled(guard)?, decimals, guard) {
            return Ok(digits);
        }
        guard *= 2;
    }
}

#[cfg(test)]
mod tests;
