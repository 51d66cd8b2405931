use std::{
    cell::{Cell, RefCell},
    sync::atomic::AtomicBool,
};

use num_bigint::BigUint;
use num_traits::Pow;
use proptest::prelude::*;

use super::*;

const BOTH: [Algorithm; 2] = [Algorithm::Machin, Algorithm::Chudnovsky];

/// The first 100 decimals (On-Line Encyclopedia of Integer Sequences, A000796).
const PUBLISHED: &str =
    "3.1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679";

fn pi(algorithm: Algorithm, decimals: u32) -> String {
    digits(
        algorithm,
        Decimals::new(decimals).unwrap(),
        &AtomicBool::new(false),
    )
    .unwrap()
}

#[test]
fn the_published_digits() {
    for algorithm in BOTH {
        assert_eq!(pi(algorithm, 0), "3");
        assert_eq!(pi(algorithm, 1), "3.1");
        // Rounded, it would end in 6, and with four decimals in 6.
        assert_eq!(pi(algorithm, 3), "3.141");
        assert_eq!(pi(algorithm, 4), "3.1415");
        assert_eq!(pi(algorithm, 100), PUBLISHED);
    }
}

/// Six nines from the 762nd decimal on (A048940): a natural test for the guard digits.
#[test]
fn six_nines_in_a_row_are_not_rounded_away() {
    for algorithm in BOTH {
        assert!(pi(algorithm, 767).ends_with("4999999"), "{algorithm}");
        assert!(pi(algorithm, 761).ends_with("21134"), "{algorithm}");
        assert!(pi(algorithm, 768).ends_with("9999998"), "{algorithm}");
    }
}

#[test]
fn both_algorithms_agree() {
    for decimals in [
        2, 5, 6, 10, 99, 101, 762, 763, 1000, 1999, 2000, 2001, 4321, 20_000,
    ] {
        assert_eq!(
            pi(Algorithm::Machin, decimals),
            pi(Algorithm::Chudnovsky, decimals),
            "{decimals}"
        );
    }
}

#[test]
fn digits_that_the_error_could_reach_are_computed_again() {
    assert_eq!(decimal::cut("31415999999990000000", 4, 15), None);
    assert_eq!(decimal::cut("31415000000099999999", 4, 15), None);
    assert_eq!(decimal::cut("31415000000199999999", 4, 15), Some("3.1415".into()));
}

#[test]
fn each_time_with_twice_as_many_guard_digits() {
    let asked = RefCell::new(vec![]);
    let digits = until_certain(2, |guard| {
        asked.borrow_mut().push(guard);
        let last = if guard < 64 { "9" } else { "5" };
        Ok(format!("314{}", last.repeat(guard as usize)))
    });
    assert_eq!(digits, Ok("3.14".into()));
    assert_eq!(asked.into_inner(), [16, 32, 64]);
}

#[test]
fn more_decimals_than_the_error_bounds_hold_for_are_refused() {
    assert!(Decimals::new(Decimals::MAX).is_ok());
    for count in [Decimals::MAX + 1, u32::MAX] {
        let error = Decimals::new(count).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("{count} decimals are too many; allowed: 0 to 1000000")
        );
    }
}

#[test]
fn a_flag_stops_it() {
    for algorithm in BOTH {
        let decimals = Decimals::new(1000).unwrap();
        assert_eq!(
            digits(algorithm, decimals, &AtomicBool::new(true)),
            Err(Cancelled)
        );
    }
}

/// Cancels a computation at its `last` check, and counts its checks.
fn cancelled_at<T>(
    last: usize,
    computation: &impl Fn(Check) -> Result<T, Cancelled>,
) -> (Result<T, Cancelled>, usize) {
    let checks = Cell::new(0);
    let result = computation(&|| {
        checks.set(checks.get() + 1);
        if checks.get() < last {
            Ok(())
        } else {
            Err(Cancelled)
        }
    });
    (result, checks.get())
}

/// Requires `least` checks or more, each of which can end the computation.
fn can_be_cancelled_halfway<T: PartialEq + fmt::Debug>(
    least: usize,
    computation: impl Fn(Check) -> Result<T, Cancelled>,
) {
    let (result, all) = cancelled_at(usize::MAX, &computation);
    assert!(result.is_ok());
    assert!(all >= least, "{all} checks");
    for last in [1, 2, all / 2, all - 1, all] {
        assert_eq!(
            cancelled_at(last, &computation),
            (Err(Cancelled), last),
            "of {all} checks"
        );
    }
}

#[test]
fn each_part_can_be_cancelled_halfway() {
    for algorithm in BOTH {
        let decimals = Decimals::new(2000).unwrap();
        // About as often as a series has terms.
        can_be_cancelled_halfway(140, |check| compute(algorithm, decimals, check));
    }
    // About as often as it divides.
    let number = BigUint::from(10_u32).pow(32_000_u32);
    can_be_cancelled_halfway(15, |check| decimal::to_decimal(&number, 32_001, check));
}

#[test]
fn an_unknown_algorithm_is_named_with_those_that_exist() {
    for algorithm in BOTH {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
    let error = "leibniz".parse::<Algorithm>().unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no algorithm \"leibniz\"; allowed: machin, chudnovsky"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn fewer_decimals_are_the_beginning_of_more(fewer in 1_u32..1500, more in 0_u32..1500) {
        let long = pi(Algorithm::Chudnovsky, fewer + more);
        prop_assert_eq!(&pi(Algorithm::Machin, fewer), &long[..fewer as usize + 2]);
    }
}
