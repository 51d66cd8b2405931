//! One exercise in the list.

use guide::{Exercise, Language, Message};
use jiff::{Timestamp, ZonedDateTime};
use learner::tidies_up;

use crate::{memory::Reached, stands::Seen};

/// Two lines; with `long`, what it teaches between them.
pub(super) fn entry(exercise: &Exercise, state: Option<Message>, long: bool, language: Language) -> String {
    let time = Message::new("list-time").with("minutes", exercise.seconds.div_ceil(60));
    let facts = Message::joined(" · ", state.into_iter().chain([time]));
    let below = |text: &str| report::paragraph("      ", text) + "\n";
    let title = report::paragraph(&format!("{:5} ", exercise.id), &exercise.title);
    let teaches = if long {
        below(&exercise.teaches)
    } else {
        String::new()
    };
    format!("{title}\n{teaches}{}", below(&language.tell(&facts)))
}

/// Where a learner stands, from what is there now and what is remembered; none if neither is known.
pub(super) fn state(
    exercise: &Exercise,
    seen: Option<Seen>,
    reached: Option<Reached>,
    now: &ZonedDateTime,
) -> Option<Message> {
    let steps = exercise.steps.len();
    let at = |step| Message::new("list-step").with("step", step).with("steps", steps);
    let there = seen.filter(|seen| seen.step > 0 && !seen.finished);
    let again = there.map(|seen| Message::new("list-now").with("step", at(seen.step)));
    let remembered = match reached? {
        Reached {
            finished: Some(then), ..
        } => Message::new("list-done").with("when", when(then, now)),
        Reached { step, .. } if there.is_some_and(|seen| seen.step >= step) => return Some(at(step)),
        Reached { step, at: then, .. } => Message::new("list-reached")
            .with("step", at(step))
            .with("when", when(then, now)),
    };
    Some(Message::joined(
        ", ",
        [Some(remembered), again].into_iter().flatten(),
    ))
}

/// What there is to say of an exercise of which nothing is there, and nothing remembered.
pub(super) fn not_begun(exercise: &Exercise) -> Message {
    if tidies_up(exercise) {
        Message::new("list-not-begun-or-tidied")
    } else {
        Message::new("list-not-begun")
    }
}

/// A time as a person on this machine says it, with no more of the date than is needed.
pub(crate) fn when(then: Timestamp, now: &ZonedDateTime) -> String {
    let then = then.to_zoned_datetime(now.time_zone().clone());
    let format = if then.date() == now.date() {
        "%H:%M"
    } else if then.year() == now.year() {
        "%m-%d %H:%M"
    } else {
        "%Y-%m-%d"
    };
    then.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn exercises(language: Language) -> Vec<Exercise> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let ids = guide::list(&root, language).unwrap().into_iter();
        ids.map(|id| Exercise::load(&root, language, &id).unwrap())
            .collect()
    }

    fn now() -> ZonedDateTime {
        "2026-03-02T09:00:00+09:00[+09:00]".parse().unwrap()
    }

    fn reached(step: usize, at: &str, finished: Option<&str>) -> Reached {
        Reached {
            step,
            of: 15,
            at: at.parse().unwrap(),
            finished: finished.map(|at| at.parse().unwrap()),
        }
    }

    /// What is said of 12.1, which has 15 steps.
    fn said(seen: Option<(usize, bool)>, reached: impl Into<Option<Reached>>) -> Option<String> {
        let exercise = &exercises(Language::En)[0];
        let seen = seen.map(|(step, finished)| Seen { step, finished });
        Some(Language::En.tell(&state(exercise, seen, reached.into(), &now())?))
    }

    #[test]
    fn what_is_there_and_what_is_remembered_are_told_apart() {
        let yesterday = "2026-03-01T14:59:00Z";
        let today = "2026-03-01T15:01:00Z";
        let steps = exercises(Language::En)[0].steps.len();
        for (seen, reached, expected) in [
            (None, reached(3, today, Some(today)), "done 00:01".to_owned()),
            (
                Some((0, false)),
                reached(3, today, Some(yesterday)),
                "done 03-01 23:59".into(),
            ),
            (
                Some((9, true)),
                reached(9, today, Some(today)),
                "done 00:01".into(),
            ),
            (
                Some((2, false)),
                reached(0, today, Some(today)),
                format!("done 00:01, now step 2 of {steps}"),
            ),
            (
                Some((4, false)),
                reached(4, today, None),
                format!("step 4 of {steps}"),
            ),
            (
                Some((2, false)),
                reached(4, today, None),
                format!("step 4 of {steps} at 00:01, now step 2 of {steps}"),
            ),
            (
                Some((0, false)),
                reached(4, today, None),
                format!("step 4 of {steps} at 00:01"),
            ),
            (
                None,
                reached(4, yesterday, None),
                format!("step 4 of {steps} at 03-01 23:59"),
            ),
        ] {
            assert_eq!(said(seen, reached).as_deref(), Some(&*expected));
        }
        assert_eq!(said(Some((0, false)), None), None);
    }

    #[test]
    fn the_list_fits_on_a_screen_of_24_lines_and_80_columns() {
        let at = "2026-03-01T10:00:00Z";
        for language in Language::ALL {
            for long in [false, true] {
                let all: String = exercises(language)
                    .iter()
                    .map(|exercise| {
                        let seen = Seen {
                            step: exercise.steps.len() - 1,
                            finished: false,
                        };
                        let longest = state(exercise, Some(seen), Some(reached(99, at, None)), &now());
                        entry(exercise, longest, long, language)
                            + &entry(exercise, Some(not_begun(exercise)), long, language)
                    })
                    .collect();
                assert!(
                    all.lines().all(|line| console::measure_text_width(line) <= 80),
                    "{all}"
                );
                // Each is there twice; there is room for blank lines, a warning and the shell's own lines.
                assert!(long || all.lines().count() / 2 <= 16, "{all}");
            }
        }
    }
}
