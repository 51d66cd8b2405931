//! Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239).

use std::mem;

use num_bigint::BigUint;
use num_traits::{Pow, Zero};

use crate::{Cancelled, Check, decimal::to_decimal};

/// The digits of pi times 10 to the power of `places`, rounded down with an error of less than 10^8.
///
/// Each term of a series is off by less than 2, and a place needs fewer than 1.5 terms. With the factors 16 and 4 the
/// error is below 48 x `places`, which stays below 10^8 up to two million places.
pub(crate) fn scaled(places: u32, check: Check) -> Result<String, Cancelled> {
    let one = BigUint::from(10_u32).pow(places);
    let five = arctan_of_inverse(5, &one, check)?;
    let two_hundred_thirty_nine = arctan_of_inverse(239, &one, check)?;
    to_decimal(
        &(five * 16_u32 - two_hundred_thirty_nine * 4_u32),
        places + 1,
        check,
    )
}

/// arctan(1/x) = 1/x - 1/(3 x^3) + 1/(5 x^5) - …, times `one`. The positive and the negative terms have a sum each, because
/// these numbers have no sign.
fn arctan_of_inverse(x: u32, one: &BigUint, check: Check) -> Result<BigUint, Cancelled> {
    let square = x * x;
    let mut power = one / x;
    let (mut sum, mut other) = (power.clone(), BigUint::zero());
    let mut denominator = 1_u32;
    loop {
        check()?;
        // By value, so that the division is done in place.
        power /= square;
        if power.is_zero() {
            break;
        }
        denominator += 2;
        mem::swap(&mut sum, &mut other);
        sum += &power / denominator;
    }
    // After an odd number of swaps the positive terms are in `other`.
    Ok(if denominator / 2 % 2 == 1 {
        other - sum
    } else {
        sum - other
    })
}
