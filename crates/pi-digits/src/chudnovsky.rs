//! The Chudnovsky series with binary splitting
//! (D. and G. Chudnovsky, "Approximations and complex multiplication according to Ramanujan", 1988).

use dashu_int::{IBig, UBig, ops::SquareRoot};

use crate::{Cancelled, Check};

/// Decimals that each term of the series adds: log10(640320^3 / 1728) is 14.18.
const DECIMALS_PER_TERM: u32 = 14;
/// 640320^3 / 24.
const C3_OVER_24: u64 = 10_939_058_860_032_000;

/// The digits of pi times 10 to the power of `places`, with an error below 10^8: the square root, the quotient and the
/// series, which is cut off one term later than needed, are each off by a few units.
pub(crate) fn scaled(places: u32, check: Check) -> Result<String, Cancelled> {
    let terms = u64::from(places / DECIMALS_PER_TERM + 2);
    let (_, q, t) = split(0, terms, check)?;
    let one = UBig::from(10_u8).pow(places as usize);
    check()?;
    let root = (UBig::from(10_005_u16) * &one * &one).sqrt();
    check()?;
    let numerator = q * IBig::from(426_880_u32) * IBig::from(root);
    check()?;
    let pi = numerator / t;
    check()?;
    Ok(pi.to_string())
}

/// The terms from `from` up to, not including, `to`, as the P, Q and T of binary splitting.
fn split(from: u64, to: u64, check: Check) -> Result<(IBig, IBig, IBig), Cancelled> {
    check()?;
    if to - from == 1 {
        let (p, q) = if from == 0 {
            (IBig::ONE, IBig::ONE)
        } else {
            let k = IBig::from(from);
            let p = IBig::from(6 * from - 5) * IBig::from(2 * from - 1) * IBig::from(6 * from - 1);
            (p, &k * &k * &k * IBig::from(C3_OVER_24))
        };
        let t = &p * (IBig::from(13_591_409_u32) + IBig::from(545_140_134_u32) * IBig::from(from));
        return Ok((p, q, if from % 2 == 1 { -t } else { t }));
    }
    let middle = from.midpoint(to);
    let (p1, q1, t1) = split(from, middle, check)?;
    let (p2, q2, t2) = split(middle, to, check)?;
    let t = &q2 * t1 + &p1 * t2;
    Ok((p1 * p2, q1 * q2, t))
}
