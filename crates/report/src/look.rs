//! What a terminal can show.

use console::Style;

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colours.
    pub colour: bool,
    /// More than ASCII.
    pub unicode: bool,
}

impl Look {
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        style.force_styling(self.colour).apply_to(text).to_string()
    }

    pub(super) fn mark(self, good: bool) -> String {
        let mark = match (good, self.unicode) {
            (true, true) => "✓",
            (false, true) => "✗",
            (true, false) => "ok",
            (false, false) => "NO",
        };
        let style = if good {
            Style::new().green()
        } else {
            Style::new().red().bold()
        };
        self.paint(style, mark)
    }
}
