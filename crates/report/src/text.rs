//! Lines that fit a terminal, and do nothing else to it.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Widest line.
pub(super) const WIDTH: usize = 80;

/// A paragraph of 80 columns with `first` before its first line and as much space before the others.
#[must_use]
pub fn paragraph(first: &str, text: &str) -> String {
    let rest = " ".repeat(console::measure_text_width(first));
    let options = Options::new(WIDTH)
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
