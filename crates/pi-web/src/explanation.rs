//! The figures in a sentence.

use crate::{
    cgroup::Limit,
    measure::{HeldBack, Measured},
    split::{Split, Told},
};

/// Explains the figures in one sentence for people; programs read [`Measured::held_back`].
#[must_use]
pub fn explanation(measured: &Measured) -> String {
    let limit = measured.limit;
    let waited = (1.0 - measured.cpu.as_secs_f64() / measured.wall.as_secs_f64()) * 100.0;
    let at_least = Split::of(measured).and_then(|split| split.at_least()).map(Told);
    match (measured.held_back(), limit) {
        (HeldBack::Limit, _) => {
            let share = match limit {
                Limit::Cores(_) => limit.to_string(),
                Limit::None | Limit::Unknown => "a share of the processors".into(),
            };
            let waited = at_least.map_or(String::new(), |time| {
                format!(" It waited at least {time} for that.")
            });
            format!(
                "The container may use {share}, and the kernel made it wait each time that was used up: {} of work took {}, \
                 {:.1} times as long.{waited}",
                Told(measured.cpu),
                Told(measured.wall),
                measured.times_as_long()
            )
        }
        (HeldBack::Busy, Limit::None) => format!(
            "The container has no CPU limit, but the machine was busy: for {waited:.0} % of the time the work waited \
             while others used the processors."
        ),
        (HeldBack::Busy, _) if measured.throttled.is_none() => format!(
            "For {waited:.0} % of the time the work waited, and the kernel does not tell here whether for a limit or for \
             a busy machine."
        ),
        (HeldBack::Busy, _) if let Some(time) = at_least => format!(
            "The machine was busy: for {waited:.0} % of the time the work waited, and at least {time} of that for the limit."
        ),
        (HeldBack::Busy, _) => format!(
            "No limit held it back, but the machine was busy: for {waited:.0} % of the time the work waited while others \
             used the processors."
        ),
        (HeldBack::No, _) if measured.is_too_quick() => {
            "This was too quick to say whether anything held it back: ask for more decimals.".into()
        }
        (HeldBack::No, Limit::Cores(cores)) if cores < 1.0 => {
            format!("The limit of {limit} was not felt: the work was done before that was used up.")
        }
        (HeldBack::No, Limit::Cores(_)) => {
            format!("The limit of {limit} was not felt: one computation uses one processor at most.")
        }
        (HeldBack::No, Limit::None) => {
            "Nothing held it back: the container has no CPU limit, and a processor was free.".into()
        }
        (HeldBack::No, Limit::Unknown) => {
            "Nothing held it back: a processor was free, and whether there is a limit is unknown.".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pi_digits::Algorithm;

    use super::*;

    fn measured(wall: u64, cpu: u64, throttled: Option<u64>, limit: Limit) -> Measured {
        Measured {
            pi: "3".into(),
            algorithm: Algorithm::Machin,
            queued: Duration::ZERO,
            wall: Duration::from_millis(wall),
            cpu: Duration::from_millis(cpu),
            throttled: throttled.map(Duration::from_millis),
            limit,
        }
    }

    #[test]
    fn each_case_has_its_word_and_its_sentence() {
        let quarter = Limit::Cores(0.25);
        let (by_limit, busy, no) = (HeldBack::Limit, HeldBack::Busy, HeldBack::No);
        for (wall, cpu, throttled, limit, word, sentence) in [
            (1, 1, Some(0), quarter, no, "too quick"),
            (0, 0, None, Limit::None, no, "too quick"),
            (
                4000,
                1000,
                Some(0),
                quarter,
                by_limit,
                "kernel made it wait each time",
            ),
            (
                4000,
                1000,
                Some(2900),
                quarter,
                by_limit,
                "may use 0.25 of a processor (250m), and the kernel made it wait each time that was used up: \
                 1.00 s of work took 4.00 s, 4.0 times as long.",
            ),
            // Throttled by a limit that cannot be read.
            (4000, 1000, Some(2900), Limit::Unknown, by_limit, "a share of"),
            (
                2000,
                1000,
                Some(0),
                Limit::None,
                busy,
                "the machine was busy: for 50 %",
            ),
            (
                2000,
                1000,
                None,
                Limit::None,
                busy,
                "no CPU limit, but the machine",
            ),
            (2000, 1000, Some(0), quarter, busy, "No limit held it back, but"),
            (
                2000,
                1000,
                Some(60),
                quarter,
                busy,
                "for 50 % of the time the work waited, and at least 60 ms of that for the limit",
            ),
            (4000, 1000, Some(0), Limit::Cores(0.9), busy, "No limit held it"),
            (2000, 1000, None, quarter, busy, "does not tell here"),
            (2000, 1000, None, Limit::Unknown, busy, "does not tell here"),
            (49, 1, Some(40), quarter, no, "too quick to say"),
            (49, 1, Some(0), Limit::None, no, "too quick to say"),
            (50, 50, Some(0), quarter, no, "done before that was used up"),
            (70, 70, Some(0), Limit::Cores(0.8), no, "before that was used up"),
            (
                4000,
                500,
                Some(1000),
                quarter,
                by_limit,
                "8.0 times as long. It waited at least 1.00 s for that.",
            ),
            (1010, 1000, Some(0), Limit::Cores(2.0), no, "one processor at"),
            (1010, 1000, Some(0), Limit::None, no, "has no CPU limit, and"),
            (1010, 1000, None, Limit::Unknown, no, "a limit is unknown"),
            // The two clocks tick apart.
            (1000, 1001, Some(0), Limit::None, no, "Nothing held it back"),
        ] {
            let measured = measured(wall, cpu, throttled, limit);
            let said = explanation(&measured);
            assert_eq!(measured.held_back(), word, "{said:?}");
            assert!(said.contains(sentence), "{sentence:?} in {said:?}");
        }
    }
}
