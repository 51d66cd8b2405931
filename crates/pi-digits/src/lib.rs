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

/// The computation was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the computation was cancelled")]
pub struct Cancelled;

/// Gives up when the flag is set. Between two calls lie at most some tens of milliseconds at 100,000 decimals.
pub(crate) fn check(cancelled: &AtomicBool) -> Result<(), Cancelled> {
    if cancelled.load(Ordering::Relaxed) {
        Err(Cancelled)
    } else {
        Ok(())
    }
}

/// Enough for the error bounds of both algorithms up to a billion decimals.
const GUARD_DIGITS: u32 = 16;

/// Pi as `3` for 0 decimals, else as `3.` with exactly `decimals` digits, cut off, not rounded.
///
/// # Errors
/// `cancelled` was set.
pub fn digits(algorithm: Algorithm, decimals: u32, cancelled: &AtomicBool) -> Result<String, Cancelled> {
    let mut guard = GUARD_DIGITS;
    loop {
        let scaled = match algorithm {
            Algorithm::Machin => machin::scaled(decimals + guard, cancelled)?,
            Algorithm::Chudnovsky => chudnovsky::scaled(decimals + guard, cancelled)?,
        };
        if let Some(digits) = decimal::cut(&scaled, decimals, guard) {
            return Ok(digits);
        }
        guard *= 2;
    }
}

#[cfg(test)]
mod tests;
