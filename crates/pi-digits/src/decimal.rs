//! Converts a large number to its digits.

use num_bigint::BigUint;
use num_traits::Pow;

use crate::{Cancelled, Check};

/// Up to this number of digits, the library's conversion takes well under a millisecond.
const SMALL: u32 = 2_000;

/// The error of a scaled value is below 10 to this power, in units of its last digit.
const ERROR_DIGITS: usize = 8;

/// Pi from the digits of pi times a power of ten, whose last `guard` digits are inexact; none if the error could reach the
/// digits before them.
pub(crate) fn cut(scaled: &str, decimals: u32, guard: u32) -> Option<String> {
    let (exact, guard) = scaled.split_at(scaled.len() - guard as usize);
    let leading = &guard[..guard.len() - ERROR_DIGITS];
    if leading.bytes().all(|digit| digit == b'0') || leading.bytes().all(|digit| digit == b'9') {
        return None;
    }
    let (whole, fraction) = exact.split_at(exact.len() - decimals as usize);
    Some(if decimals == 0 {
        whole.into()
    } else {
        format!("{whole}.{fraction}")
    })
}

/// The digits of `number`, at least `width` of them. The library's conversion cannot be cancelled, so large numbers are
/// halved until each part is small.
pub(crate) fn to_decimal(number: &BigUint, width: u32, check: Check) -> Result<String, Cancelled> {
    let mut powers = Vec::new();
    let mut digits = SMALL;
    let mut power: BigUint = BigUint::from(10_u32).pow(digits);
    while digits < width {
        check()?;
        let next = &power * &power;
        powers.push((std::mem::replace(&mut power, next), digits));
        digits *= 2;
    }
    let mut text = String::with_capacity(digits as usize);
    append(number, digits, &powers, check, &mut text)?;
    let surplus = text.len() - width as usize;
    let zeros = text
        .bytes()
        .take(surplus)
        .take_while(|digit| *digit == b'0')
        .count();
    Ok(text.split_off(zeros))
}

fn append(
    number: &BigUint,
    digits: u32,
    powers: &[(BigUint, u32)],
    check: Check,
    text: &mut String,
) -> Result<(), Cancelled> {
    check()?;
    let Some(((power, half), smaller)) = powers.split_last() else {
        text.push_str(&format!("{number:0>width$}", width = digits as usize));
        return Ok(());
    };
    let high = number / power;
    check()?;
    let low = number - &high * power;
    append(&high, *half, smaller, check, text)?;
    append(&low, *half, smaller, check, text)
}
