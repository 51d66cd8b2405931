//! What a reader opens on purpose: the one HTML that a section may have.

/// Why other HTML is refused.
pub(super) const OTHER: &str = "HTML would be shown but not run; write Markdown. What is to be opened on purpose stands between \
    <details> with <summary>...</summary> below it, an empty line, and </details>";

/// How far the last fold is read.
#[derive(Default)]
pub(super) enum Folds {
    /// None is open.
    #[default]
    Closed,
    /// It has begun at this line, and its summary is missing.
    Begun(usize),
    /// It has begun at this line, and its text is read.
    Open(usize),
}

impl Folds {
    /// Takes a line of HTML, the number of which is `at`.
    pub(super) fn line(&mut self, html: &str, at: usize) -> Result<(), String> {
        *self = match (&*self, html.trim()) {
            (Self::Closed, "<details>") => Self::Begun(at),
            (Self::Begun(begun), summary) if is_summary(summary) => Self::Open(*begun),
            (Self::Open(_), "</details>") => Self::Closed,
            _ => return Err(OTHER.into()),
        };
        Ok(())
    }

    /// Whether none is open.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Accepts a page where none is left open.
    pub(super) fn end(&self) -> Result<(), String> {
        match self {
            Self::Closed => Ok(()),
            Self::Begun(line) | Self::Open(line) => Err(format!(
                "what is folded from line {line} on would hide all that follows: write </details>"
            )),
        }
    }
}

fn is_summary(line: &str) -> bool {
    let text = line
        .strip_prefix("<summary>")
        .and_then(|rest| rest.strip_suffix("</summary>"));
    text.is_some_and(|text| !text.trim().is_empty() && !text.contains(['<', '>']))
}
