//! What is going on, while it does: one moving line below what another reporter has written, for terminals.

use std::{io, time::Duration};

use console::{Term, measure_text_width, truncate_str};
use guide::{Language, Message};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::{Clock, Event, Reporter, Stamped, text::WIDTH};

/// How long something runs before it is worth a line: where nothing moves for longer, a person wonders.
const WORTH_A_LINE: Duration = Duration::from_millis(700);
/// What stands before the line: the spinner, and a space for those of its forms that are wide.
const BEFORE: usize = 4;
/// How much may be left of a deadline, in parts of it, when it is first told of.
const NEAR_THE_END: f64 = 0.25;

/// Draws on standard error around another reporter, which finds the line gone whenever it writes.
pub struct Progress<R> {
    clock: Clock,
    language: Language,
    inner: R,
    bar: Option<ProgressBar>,
}

/// What is waited for, and what is known of how long that takes, in seconds.
#[derive(Clone, Debug, Default)]
struct Wait {
    /// What it is, where nothing above the line says it.
    what: String,
    at_least: f64,
    gives_up: Option<f64>,
    /// None where nobody would give up.
    limit: Option<f64>,
}

impl Wait {
    /// The line after so many seconds, in at most so many columns. It says nothing of a time that nobody measured or stated:
    /// how long it has been, what it takes at least, when it gives up by itself, and the deadline once that is near.
    fn line(&self, elapsed: f64, columns: usize, language: Language) -> String {
        let whole = |seconds: f64| format!("{seconds:.0}");
        let left = self.limit.map(|limit| (limit - elapsed).max(0.0));
        let near = self
            .limit
            .zip(left)
            .filter(|(limit, left)| *left <= limit * NEAR_THE_END);
        let time = match (near, self.gives_up) {
            (Some((_, left)), _) => Message::new("wait-ends").with("left", whole(left)),
            (None, _) if elapsed < self.at_least => Message::new("wait-of").with("all", whole(self.at_least)),
            (None, Some(gives_up)) if elapsed < gives_up => {
                Message::new("wait-gives-up").with("all", whole(gives_up))
            }
            (None, _) => Message::new("wait-so-far"),
        };
        let time = language.tell(&time.with("seconds", whole(elapsed.floor())));
        let room = columns.saturating_sub(BEFORE + 2 + measure_text_width(&time));
        let what = truncate_str(&self.what, room, "…");
        let gap = if what.is_empty() { "" } else { "  " };
        truncate_str(&format!("{what}{gap}{time}"), columns.saturating_sub(BEFORE), "…").into_owned()
    }
}

impl<R> Progress<R> {
    /// Draws around `inner`, beginning with that the cluster is being looked at. `clock` stamps the events.
    pub fn around(inner: R, language: Language, clock: Clock) -> Self {
        let mut progress = Self {
            clock,
            language,
            inner,
            bar: None,
        };
        progress.start(progress.looking(), 0.0);
        progress
    }

    fn looking(&self) -> Wait {
        Wait {
            what: self.language.tell(&Message::new("looking")),
            ..Wait::default()
        }
    }

    /// What is going on after an event; none where nothing is.
    fn wait(&self, event: &Event) -> Option<Wait> {
        Some(match event {
            // The command stands above.
            Event::CommandStarted {
                at_least,
                gives_up,
                limit,
                ..
            } => Wait {
                what: String::new(),
                at_least: *at_least,
                gives_up: *gives_up,
                limit: Some(*limit),
            },
            Event::ProofStarted {
                expected,
                at_least,
                limit,
            } => Wait {
                what: expected.clone(),
                at_least: *at_least,
                gives_up: None,
                limit: Some(*limit),
            },
            Event::CleanupStarted { limit } => Wait {
                what: self.language.tell(&Message::new("removing")),
                limit: Some(*limit),
                ..Wait::default()
            },
            // A person is waited for, or nothing more is.
            Event::Paused { .. } | Event::AllFinished { .. } => return None,
            // Between two such things the cluster is asked something.
            Event::RunStarted { .. }
            | Event::StepStarted { .. }
            | Event::CommandFinished { .. }
            | Event::Seen { .. }
            | Event::Missed(_)
            | Event::StepFinished { .. }
            | Event::Resumed { .. }
            | Event::CleanupFinished { .. }
            | Event::Warning { .. }
            | Event::RunFinished { .. } => self.looking(),
        })
    }

    /// Shows what has been going on for so many seconds already.
    fn start(&mut self, wait: Wait, since: f64) {
        let language = self.language;
        let line = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            if state.elapsed() < WORTH_A_LINE {
                return;
            }
            let elapsed = since + state.elapsed().as_secs_f64();
            let columns = Term::stderr()
                .size_checked()
                .map_or(WIDTH, |(_, columns)| columns.into());
            // Drawing goes on even if a part of the line could not be written.
            let _ = write!(out, "   {}", wait.line(elapsed, columns.min(WIDTH), language));
        };
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner}{line}") {
            bar.set_style(style.with_key("line", line));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        self.bar = Some(bar);
    }

    fn stop(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl<R: Reporter> Reporter for Progress<R> {
    fn take(&mut self, stamped: &Stamped) -> io::Result<()> {
        self.stop();
        let taken = self.inner.take(stamped);
        if let Some(wait) = self.wait(&stamped.event) {
            // Of several runs, what happened in a later one is told when its turn comes.
            self.start(wait, (self.clock.elapsed() - stamped.elapsed).max(0.0));
        }
        taken
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use guide::Language::{En, Ko};

    use super::*;

    #[test]
    fn no_time_is_told_but_what_was_measured_or_stated() {
        let wait = |at_least, gives_up| Wait {
            at_least,
            gives_up,
            limit: Some(150.0),
            ..Wait::default()
        };
        for (wait, elapsed, line) in [
            (wait(0.0, None), 12.9, "12 s so far"),
            (wait(10.0, None), 4.2, "4 of 10 s"),
            (wait(10.0, None), 10.2, "10 s so far"),
            (wait(0.0, Some(30.0)), 12.0, "12 s so far, gives up after 30 s"),
            // What follows the giving up takes its time too.
            (wait(0.0, Some(30.0)), 31.0, "31 s so far"),
            (wait(0.0, None), 120.0, "120 s so far, at most 30 s more"),
            (wait(0.0, Some(300.0)), 160.0, "160 s so far, at most 0 s more"),
            (
                Wait {
                    what: "Looking".into(),
                    ..Wait::default()
                },
                500.0,
                "Looking  500 s so far",
            ),
        ] {
            assert_eq!(wait.line(elapsed, 80, En), line);
        }
    }

    #[test]
    fn a_line_fits_with_wide_letters_too() {
        let what =
            "numbers-api의 준비된 엔드포인트 2개; numbers-api/healthz 호출 응답 200; 그동안 내내 그대로";
        for columns in [10, 20, 40, 80] {
            for elapsed in [1.0, 150.0] {
                let wait = Wait {
                    what: what.into(),
                    limit: Some(160.0),
                    ..Wait::default()
                };
                for language in [En, Ko] {
                    let line = wait.line(elapsed, columns, language);
                    let width = measure_text_width(&line) + BEFORE;
                    assert!(width <= columns.max(BEFORE), "{columns}: {width} {line}");
                }
            }
        }
        let line = Wait {
            what: what.into(),
            ..Wait::default()
        }
        .line(5.0, 80, Ko);
        assert!(line.contains("5초"), "{line}");
    }
}
