#![doc = include_str!("../README.md")]

mod chudnovsky;
mod decimal;
mod machin;

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

/// How to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Machin's formula: slow, on purpose.
    #[default]
    Machin,
    /// The Chudnovsky series: fast.
    Chudnovsky,
}

/// There is no algorithm of that name.
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

/// How many decimals, [`Decimals::MAX`] at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimals(u32);

/// So many decimals cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} decimals are too many; allowed: 0 to {most}", most = Decimals::MAX)]
pub struct TooMany(u32);

impl Decimals {
    /// The most. The errors of both algorithms grow with the decimals, and are known to stay small enough up to twice
    /// as many.
    pub const MAX: u32 = 1_000_000;

    /// So many.
    ///
    /// # Errors
    /// They are more than [`Decimals::MAX`].
    pub fn new(count: u32) -> Result<Self, TooMany> {
        if count <= Self::MAX {
            Ok(Self(count))
        } else {
            Err(TooMany(count))
        }
    }
}

/// The computation was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the computation was cancelled")]
pub struct Cancelled;

/// Asked again and again on the way; its error ends the computation. Between two calls lie at most some tens of
/// milliseconds at 100,000 decimals.
pub(crate) type Check<'a> = &'a dyn Fn() -> Result<(), Cancelled>;

/// Enough for the error bounds of both algorithms up to [`Decimals::MAX`].
const GUARD_DIGITS: u32 = 16;

/// Pi as `3` for 0 decimals, else as `3.` with exactly as many digits, cut off, not rounded.
///
/// # Errors
/// `cancelled` was set.
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
    let mut guard = GUARD_DIGITS;
    loop {
        let scaled = match algorithm {
            Algorithm::Machin => machin::scaled(decimals + guard, check)?,
            Algorithm::Chudnovsky => chudnovsky::scaled(decimals + guard, check)?,
        };
        if let Some(digits) = decimal::cut(&scaled, decimals, guard) {
            return Ok(digits);
        }
        guard *= 2;
    }
}

#[cfg(test)]
mod tests;
