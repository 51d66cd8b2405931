//! What is going on, while it does: one moving line, for terminals.

use std::{
    io,
    time::{Duration, Instant},
};

use guide::{Language, Message};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::{Event, Reporter, Stamped};

/// How long something runs before it is worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(1);

/// Draws on standard error, and leaves nothing behind.
#[derive(Default)]
pub struct Progress {
    language: Language,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn start(&mut self, what: &str, limit: f64) {
        let began = Instant::now();
        let limit = Duration::from_secs_f64(limit);
        let what: String = what.chars().take(52).collect();
        let language = self.language;
        let line = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            if state.elapsed() < WORTH_A_LINE {
                return;
            }
            let left =
                Message::new("seconds-left").with("seconds", limit.saturating_sub(began.elapsed()).as_secs());
            // Drawing goes on even if a part of the line could not be written.
            let _ = write!(out, "   {what}  {}", language.tell(&left));
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

impl Reporter for Progress {
    fn take(&mut self, Stamped { event, .. }: &Stamped) -> io::Result<()> {
        self.stop();
        match event {
            Event::RunStarted { language, .. } => self.language = *language,
            Event::CommandStarted { command, limit } => {
                self.start(command.lines().next().unwrap_or_default(), *limit);
            }
            Event::ProofStarted { expected, limit } => self.start(expected, *limit),
            Event::CleanupStarted { limit } => {
                let removing = self.language.tell(&Message::new("removing"));
                self.start(&removing, *limit);
            }
            // Each of these ends what was going on, or comes between two such things.
            Event::StepStarted { .. }
            | Event::CommandFinished { .. }
            | Event::Seen { .. }
            | Event::Missed(_)
            | Event::StepFinished { .. }
            | Event::CleanupFinished { .. }
            | Event::Warning { .. }
            | Event::RunFinished { .. }
            | Event::AllFinished { .. } => {}
        }
        Ok(())
    }
}
