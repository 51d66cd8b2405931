//! Lines that fit a terminal, and do nothing else to it.

use std::sync::OnceLock;

use textwrap::{Options, WordSeparator, WordSplitter};

/// Widest line.
pub(super) const WIDTH: usize = 80;
/// What is left of a line on the narrowest terminal.
const NARROWEST: usize = 20;

static FITTED: OnceLock<usize> = OnceLock::new();

/// Makes the paragraphs of this process fit a terminal of so many columns, if it is narrower than 80. Only the first call
/// counts.
pub fn fit(columns: usize) {
    FITTED.get_or_init(|| columns.clamp(NARROWEST, WIDTH));
}

/// The width of paragraphs: 80 columns, or fewer on a narrow terminal.
#[must_use]
pub fn width() -> usize {
    FITTED.get().copied().unwrap_or(WIDTH)
}

/// A paragraph as wide as [`width`] with `first` before its first line and as much space before the others.
#[must_use]
pub fn paragraph(first: &str, text: &str) -> String {
    let rest = " ".repeat(console::measure_text_width(first));
    let options = Options::new(width())
        .initial_indent(first)
        .subsequent_indent(&rest)
        .break_words(true)
        // Names have hyphens, and Korean is read best when it breaks at spaces too.
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// Without what would move the cursor or change colours: a program under test may print anything.
pub(super) fn clean(line: &str) -> String {
    console::strip_ansi_codes(line)
        .replace('\t', "    ")
        .chars()
        .filter(|char| !char.is_control())
        .collect()
}
