//! For a person at a terminal: 80 columns, and as readable without colour.

use std::io::{self, Write};

use console::Style;
use textwrap::{WordSeparator, WordSplitter};

use guide::{Language, Message};

use crate::{Ending, Event, Miss, Reporter, Times};

/// Widest line.
pub(super) const WIDTH: usize = 80;

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colours.
    pub colour: bool,
    /// More than ASCII.
    pub unicode: bool,
}

/// Writes what is done and seen, as it comes.
pub struct Terminal<W> {
    out: W,
    look: Look,
    language: Language,
    steps: usize,
    namespace: String,
    section: String,
    kept: bool,
    done: Vec<Done>,
}

/// A run that is over.
struct Done {
    exercise: String,
    ending: Ending,
    seen: usize,
    took: f64,
    times: Times,
}

impl<W: Write> Terminal<W> {
    /// Writes to `out`.
    pub fn new(out: W, look: Look) -> Self {
        Self {
            out,
            look,
            language: Language::default(),
            steps: 0,
            namespace: String::new(),
            section: String::new(),
            kept: false,
            done: vec![],
        }
    }

    fn caption(&self, id: &'static str) -> String {
        self.language.tell(&Message::new(id))
    }

    fn paint(&self, style: Style, text: &str) -> String {
        style.force_styling(self.look.colour).apply_to(text).to_string()
    }

    fn mark(&self, good: bool) -> String {
        let mark = match (good, self.look.unicode) {
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

    /// A paragraph with `first` before its first line and as much space before the others.
    fn paragraph(&mut self, first: &str, text: &str) -> io::Result<()> {
        let width = console::measure_text_width(first);
        let rest = " ".repeat(width);
        let options = textwrap::Options::new(WIDTH.saturating_sub(width).max(20))
            .break_words(true)
            // Names have hyphens, and Korean is read best when it breaks at spaces too.
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        for (index, line) in textwrap::wrap(text, options).iter().enumerate() {
            writeln!(self.out, "{}{line}", if index == 0 { first } else { &rest })?;
        }
        Ok(())
    }

    fn heading(&mut self, exercise: &str, title: &str, context: &str) -> io::Result<()> {
        let title = textwrap::fill(&format!("{exercise}  {title}"), WIDTH);
        writeln!(self.out, "{}", self.paint(Style::new().bold(), &title))?;
        let place = Message::new("place")
            .with("context", context)
            .with("namespace", &self.namespace);
        writeln!(self.out, "{}\n", self.language.tell(&place))
    }

    fn step(&mut self, step: usize, section: &str) -> io::Result<()> {
        if self.section != section {
            section.clone_into(&mut self.section);
            let heading = self.paint(Style::new().bold(), section);
            writeln!(self.out, "{heading}\n")?;
        }
        let number = format!("[{step}/{}]", self.steps);
        let number = self.paint(Style::new().dim(), &number);
        writeln!(self.out, "{number}")
    }

    fn command(&mut self, command: &str, output: &str, exit_code: Option<i32>) -> io::Result<()> {
        for (index, line) in command.lines().enumerate() {
            let line = self.paint(Style::new().cyan(), line);
            writeln!(self.out, "{} {line}", if index == 0 { '$' } else { ' ' })?;
        }
        for line in output.lines() {
            let line = clean(line);
            if console::measure_text_width(&line) + 2 <= WIDTH {
                // Columns stay where they are.
                writeln!(self.out, "{}", format!("  {line}").trim_end())?;
            } else {
                self.paragraph("  ", &line)?;
            }
        }
        match exit_code {
            Some(0) => Ok(()),
            Some(code) => {
                let code = Message::new("exit-code").with("code", code);
                writeln!(self.out, "  ({})", self.language.tell(&code))
            }
            None => writeln!(self.out, "  ({})", self.caption("cut-off")),
        }
    }

    fn seen(&mut self, expected: &str, took: f64) -> io::Result<()> {
        let mark = format!("{} ", self.mark(true));
        let time = if took >= 1.0 {
            format!(" ({took:.0} s)")
        } else {
            String::new()
        };
        self.paragraph(&mark, &format!("{expected}{time}"))
    }

    fn missed(&mut self, miss: &Miss) -> io::Result<()> {
        let mark = format!("{} ", self.mark(false));
        let label = |label: &str| {
            let space = 12_usize.saturating_sub(console::measure_text_width(label));
            format!("  {label}{}", " ".repeat(space))
        };
        writeln!(
            self.out,
            "{mark}{}",
            self.paint(Style::new().red().bold(), &self.caption("ending-missed"))
        )?;
        self.paragraph(&label(&self.caption("expected")), &miss.expected)?;
        self.paragraph(&label(&self.caption("observed")), &miss.observed)?;
        self.paragraph(&label(&self.caption("guide")), &miss.guide)?;
        for (caption, lines) in [
            (self.caption("pods-caption"), &miss.pods),
            (self.caption("events"), &miss.events),
        ] {
            for (index, line) in lines.iter().enumerate() {
                self.paragraph(&label(if index == 0 { &caption } else { "" }), &clean(line))?;
            }
        }
        // To be copied: not wrapped.
        let look_at = self.caption("look-at");
        for (index, line) in miss.look_at.iter().enumerate() {
            writeln!(
                self.out,
                "{}{line}",
                label(if index == 0 { &look_at } else { "" })
            )?;
        }
        writeln!(self.out)
    }

    fn over(&mut self, ending: &Ending, seen: usize, took: f64) -> io::Result<()> {
        let (good, head, more) = match ending {
            Ending::Seen => (true, self.caption("ending-seen"), String::new()),
            Ending::Missed => (false, self.caption("ending-missed"), String::new()),
            Ending::Interrupted { signal } => {
                (false, self.caption("ending-interrupted"), format!(" ({signal})"))
            }
            Ending::Failed { .. } => (false, self.caption("ending-failed"), String::new()),
        };
        let (mark, head) = (self.mark(good), self.paint(Style::new().bold(), &head));
        let count = Message::new("proofs-seen")
            .with("count", seen)
            .with("seconds", format!("{took:.0}"));
        let count = self.language.tell(&count);
        writeln!(self.out, "{mark} {head}{more}: {count}")
    }
}

impl<W: Write> Terminal<W> {
    /// A line for each run, and one for all of them.
    fn summary(&mut self, took: f64) -> io::Result<()> {
        let done = std::mem::take(&mut self.done);
        let heading = self.paint(Style::new().bold(), &self.caption("times"));
        writeln!(self.out, "\n{heading}\n")?;
        let columns = [
            self.caption("column-proofs"),
            self.caption("column-commands"),
            self.caption("column-waiting"),
            self.caption("column-clean-up"),
            self.caption("column-all"),
        ];
        writeln!(self.out, "{:8}{}", "", cells(&columns))?;
        let seconds = |seconds: f64| format!("{seconds:.0}");
        for run in &done {
            let mark = self.mark(run.ending == Ending::Seen);
            let space = " "
                .repeat(8_usize.saturating_sub(console::measure_text_width(&mark) + 1 + run.exercise.len()));
            let row = cells(&[
                run.seen.to_string(),
                seconds(run.times.commands),
                seconds(run.times.waiting),
                seconds(run.times.cleaning_up),
                seconds(run.took),
            ]);
            writeln!(self.out, "{mark} {}{space}{row}", run.exercise)?;
        }
        let seen = done.iter().filter(|run| run.ending == Ending::Seen).count();
        let sentence = Message::new("all-seen")
            .with("seen", seen)
            .with("all", done.len())
            .with("seconds", seconds(took))
            .with("alone", seconds(done.iter().map(|run| run.took).sum()));
        let mark = self.mark(seen == done.len());
        writeln!(self.out, "\n{mark} {}", self.language.tell(&sentence))
    }
}

/// Columns of a table, flush right.
fn cells(cells: &[String; 5]) -> String {
    let cells = cells.iter().map(|cell| {
        let space = 10_usize.saturating_sub(console::measure_text_width(cell));
        format!("{}{cell}", " ".repeat(space))
    });
    cells.collect()
}

impl<W: Write> Reporter for Terminal<W> {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                exercise,
                title,
                language,
                steps,
                context,
                namespace,
            } => {
                if !self.done.is_empty() {
                    writeln!(self.out)?;
                }
                self.language = *language;
                self.steps = *steps;
                self.namespace.clone_from(namespace);
                self.section.clear();
                self.kept = false;
                self.heading(exercise, title, context)?;
            }
            Event::StepStarted { step, section } => self.step(*step, section)?,
            Event::CommandFinished {
                command,
                output,
                exit_code,
                ..
            } => self.command(command, output, *exit_code)?,
            Event::Seen { expected, took, .. } => self.seen(expected, *took)?,
            Event::Missed(miss) => self.missed(miss)?,
            Event::StepFinished { .. } => writeln!(self.out)?,
            Event::CleanupFinished { kept, .. } if kept.is_empty() => {
                writeln!(self.out, "{}", self.caption("removed"))?;
            }
            Event::CleanupFinished { kept, .. } => {
                self.kept = true;
                writeln!(self.out, "{} {}", self.caption("kept"), kept.join(" "))?;
            }
            Event::Warning { message } => self.paragraph("! ", message)?,
            Event::RunFinished {
                exercise,
                ending,
                seen,
                took,
                times,
            } => {
                self.done.push(Done {
                    exercise: exercise.clone(),
                    ending: ending.clone(),
                    seen: *seen,
                    took: *took,
                    times: *times,
                });
                if self.namespace.is_empty() {
                    // It never began, so that nothing has said which it is.
                    writeln!(self.out, "{}", self.paint(Style::new().bold(), exercise))?;
                }
                self.namespace.clear();
                self.over(ending, *seen, *took)?;
                if *ending == Ending::Missed && !self.kept {
                    let keep = self.caption("keep");
                    self.paragraph("", &keep)?;
                }
            }
            Event::AllFinished { took } if self.done.len() > 1 => self.summary(*took)?,
            Event::AllFinished { .. } => {}
            Event::CommandStarted { .. } | Event::ProofStarted { .. } | Event::CleanupStarted { .. } => {}
        }
        self.out.flush()
    }
}

/// Without what would move the cursor or change colours: a program under test may print anything.
fn clean(line: &str) -> String {
    console::strip_ansi_codes(line)
        .replace('\t', "    ")
        .chars()
        .filter(|char| !char.is_control())
        .collect()
}
