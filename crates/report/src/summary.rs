//! The table at the end of several runs: how each went, and where its time went.

use std::io::{self, Write};

use console::{Alignment, Style, pad_str};
use guide::{Language, Message};

use crate::{Ending, Look, Times};

/// Width of a run's mark and number, and of each column after them.
const FIRST: usize = 8;
const COLUMN: usize = 10;

/// A run that is over.
pub(super) struct Finished {
    pub(super) exercise: String,
    pub(super) ending: Ending,
    pub(super) seen: usize,
    pub(super) took: f64,
    pub(super) times: Times,
}

/// Writes a line for each run, and one for all of them, which took this long together.
pub(super) fn write(
    out: &mut impl Write,
    look: Look,
    language: Language,
    runs: &[Finished],
    took: f64,
) -> io::Result<()> {
    let caption = |id| language.tell(&Message::new(id));
    writeln!(out, "\n{}\n", look.paint(Style::new().bold(), &caption("times")))?;
    let columns = [
        caption("column-proofs"),
        caption("column-commands"),
        caption("column-waiting"),
        caption("column-clean-up"),
        caption("column-all"),
    ];
    writeln!(out, "{:FIRST$}{}", "", cells(&columns))?;
    let seconds = |seconds: f64| format!("{seconds:.0}");
    for run in runs {
        let name = format!("{} {}", look.mark(run.ending == Ending::Seen), run.exercise);
        let row = cells(&[
            run.seen.to_string(),
            seconds(run.times.commands),
            seconds(run.times.waiting),
            seconds(run.times.cleaning_up),
            seconds(run.took),
        ]);
        writeln!(out, "{}{row}", pad_str(&name, FIRST, Alignment::Left, None))?;
    }
    let seen = runs.iter().filter(|run| run.ending == Ending::Seen).count();
    let sentence = Message::new("all-seen")
        .with("seen", seen)
        .with("all", runs.len())
        .with("seconds", seconds(took))
        .with("alone", seconds(runs.iter().map(|run| run.took).sum()));
    writeln!(
        out,
        "\n{} {}",
        look.mark(seen == runs.len()),
        language.tell(&sentence)
    )
}

/// Columns of the table, flush right.
fn cells(cells: &[String; 5]) -> String {
    let flush_right = |cell: &String| pad_str(cell, COLUMN, Alignment::Right, None).into_owned();
    cells.iter().map(flush_right).collect()
}
