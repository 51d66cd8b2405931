//! Progress on standard error: a moving line on a terminal, plain lines elsewhere.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use cluster::Event;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing::Level;

/// How often a line is printed where there is no terminal.
const PLAIN_PERIOD: Duration = Duration::from_secs(30);

/// What takes no longer is not announced.
const SHORT: Duration = Duration::from_secs(2);

/// Draws steps as they come. A step that still runs when this goes out of scope was stopped, by an error or a signal.
pub struct StepProgress {
    step: Mutex<Option<Running>>,
    /// Prints a line of its own.
    print: fn(&str),
    is_silent: bool,
}

impl Default for StepProgress {
    fn default() -> Self {
        Self {
            step: Mutex::default(),
            print: |line| eprintln!("{line}"),
            is_silent: false,
        }
    }
}

struct Running {
    title: String,
    started: Instant,
    printed: Instant,
    bar: ProgressBar,
    usual: Duration,
}

impl StepProgress {
    /// Draws nothing, for what happens beside the steps of another.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            step: Mutex::default(),
            print: |_| (),
            is_silent: true,
        }
    }

    /// A step begins that usually takes `usual`.
    pub fn start(&self, title: &str, usual: Duration) {
        if self.is_silent {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(usual.as_secs().max(1)), ProgressDrawTarget::stderr());
        if moves(&bar) {
            bar.set_style(spinner());
            bar.set_message(format!("{title}{}", about(usual)));
            bar.enable_steady_tick(Duration::from_millis(100));
        } else if usual > SHORT {
            eprintln!("... {title}{}", about(usual));
        }
        let now = Instant::now();
        *self.lock() = Some(Running {
            title: title.into(),
            started: now,
            printed: now,
            bar,
            usual,
        });
    }

    /// Something begins beside the steps, which is only shown once they are done.
    pub fn meanwhile(&self, title: &str, usual: Duration) {
        if usual > SHORT {
            (self.print)(&format!("... {title} meanwhile{}", about(usual)));
        }
    }

    /// `done` of `total` parts of the step are done, the last of them `now`.
    pub fn advance(&self, done: usize, total: usize, now: &str) {
        let mut step = self.lock();
        let Some(step) = step.as_mut() else { return };
        let elapsed = step.started.elapsed();
        let left = left(elapsed, done, total, step.usual);
        if moves(&step.bar) {
            step.bar.set_style(bar());
            step.bar.set_length(total as u64);
            step.bar.set_position(done as u64);
            step.bar.set_prefix(step.title.clone());
            step.bar
                .set_message(format!("{} left  {now}", HumanDuration(left)));
        } else if step.printed.elapsed() >= PLAIN_PERIOD {
            step.printed = Instant::now();
            eprintln!("    {done} of {total}, {} left", HumanDuration(left));
        }
    }

    /// The step is done.
    pub fn finish(&self) {
        self.end("ok");
    }

    /// The step is done, and found these things lacking, or none.
    pub fn finish_looking<T>(&self, lacking: &[T]) {
        self.end(if lacking.is_empty() { "ok" } else { "lacking" });
    }

    /// The step is done, which goes without saying.
    pub fn finish_quietly(&self) {
        if let Some(step) = self.lock().take() {
            step.bar.finish_and_clear();
        }
    }

    fn end(&self, word: &str) {
        if let Some(step) = self.lock().take() {
            step.bar.finish_and_clear();
            let took = step.started.elapsed().as_secs_f64();
            (self.print)(&format!("{word}  {:<44} {took:>8.1} s", step.title));
        }
    }

    /// Takes an event of the cluster.
    pub fn take(&self, event: Event) {
        match event {
            Event::Started(step) => self.start(step.title(), step.usual()),
            Event::Advanced { done, total, now } => self.advance(done, total, &now),
            Event::Finished(_) => self.finish(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StepProgress {
    fn drop(&mut self) {
        self.end("stopped");
    }
}

/// Whether a line can move: on a terminal that moves its cursor (not Emacs' shell, `TERM=dumb`), unless a trace is written
/// between.
fn moves(bar: &ProgressBar) -> bool {
    !bar.is_hidden() && !tracing::enabled!(Level::DEBUG)
}

fn about(usual: Duration) -> String {
    if usual > SHORT {
        format!(", about {}", HumanDuration(usual))
    } else {
        String::new()
    }
}

/// The time left: from the pace so far once that says something, before that from the usual time.
fn left(elapsed: Duration, done: usize, total: usize, usual: Duration) -> Duration {
    if done * 20 < total || done == 0 {
        return usual.saturating_sub(elapsed);
    }
    let remaining = total.saturating_sub(done) as f64 / done as f64;
    elapsed.mul_f64(remaining)
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} [{elapsed}] {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn bar() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix} {bar:16} {percent}% {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local!(static PRINTED: RefCell<Vec<String>> = RefCell::default());

    fn printing() -> StepProgress {
        StepProgress {
            step: Mutex::default(),
            print: |line| PRINTED.with_borrow_mut(|printed| printed.push(line.to_owned())),
            is_silent: false,
        }
    }

    #[test]
    fn what_goes_on_beside_the_steps_is_said_if_it_takes_long() {
        let progress = printing();
        progress.meanwhile("Reading", SHORT);
        progress.meanwhile("Building", Duration::from_secs(180));
        assert_eq!(PRINTED.take(), ["... Building meanwhile, about 3 minutes"]);
    }

    #[test]
    fn each_step_says_how_it_ended() {
        let progress = printing();
        progress.start("Looking", Duration::ZERO);
        progress.finish();
        progress.start("Looking", Duration::ZERO);
        progress.finish_looking(&["a right"]);
        progress.start("Looking", Duration::ZERO);
        drop(progress);
        let words = PRINTED.take().into_iter().map(|line| {
            let (word, rest) = line.split_once("  Looking ").unwrap();
            assert!(rest.ends_with(" s"), "{line}");
            word.to_owned()
        });
        assert_eq!(words.collect::<Vec<_>>(), ["ok", "lacking", "stopped"]);
    }

    #[test]
    fn the_time_left_follows_the_pace_once_there_is_one() {
        let minute = Duration::from_secs(60);
        assert_eq!(left(minute, 0, 100, minute * 10), minute * 9);
        assert_eq!(left(minute, 1, 100, minute / 2), Duration::ZERO);
        assert_eq!(left(minute, 50, 100, minute * 10), minute);
        assert_eq!(left(minute, 100, 100, minute * 10), Duration::ZERO);
    }
}
