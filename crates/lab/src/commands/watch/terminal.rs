//! The terminal while it shows a screen of its own.

use std::{
    env,
    io::{IsTerminal, stdin},
};

use console::Term;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The other screen, without a cursor (xterm's control sequences, `DECSET` 1049 and 25).
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
/// The screen that was there before, as it was.
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// A screen of its own. What the terminal was like before comes back when this goes out of scope, whatever the reason.
pub(super) struct Terminal {
    term: Term,
    before: Option<Termios>,
}

impl Terminal {
    /// The terminal of this process; none where there is none that can move its cursor and has keys.
    pub(super) fn enter() -> Option<Self> {
        let term = Term::stdout();
        let is_dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        if is_dumb || !term.is_term() || !stdin().is_terminal() {
            return None;
        }
        term.write_str(ENTER).ok()?;
        Some(Self {
            term,
            before: tcgetattr(stdin()).ok(),
        })
    }

    /// How many lines and columns it has.
    pub(super) fn size(&self) -> (usize, usize) {
        let (rows, columns) = self.term.size();
        (rows.into(), columns.into())
    }

    /// Shows these lines in place of those before. One write, so that nothing flickers.
    pub(super) fn draw(&self, lines: &[String]) {
        let end = "\x1b[K";
        let text = lines.join(&format!("{end}\r\n"));
        // A terminal that has gone is noticed by its signal.
        let _ = self.term.write_str(&format!("\x1b[H{text}{end}\x1b[J"));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.term.write_str(LEAVE);
        if let Some(before) = &self.before {
            // Whoever waits for a key has changed it.
            let _ = tcsetattr(stdin(), OptionalActions::Drain, before);
        }
    }
}
