//! For a person at a terminal: 80 columns at most, and as readable without colour.

use std::io::{self, Write};

use console::{Alignment, Style, pad_str};
use guide::{Language, Message};

use crate::{
    Ending, Event, Look, Miss, Reporter, Stamped,
    summary::{self, Finished},
    text::{clean, paragraph, width},
};

/// Width of the captions of what is told of a miss.
const CAPTION: usize = 14;

/// Writes what is done and seen, as it comes.
pub struct Terminal<W> {
    out: W,
    look: Look,
    language: Language,
    steps: usize,
    namespace: String,
    section: String,
    kept: bool,
    /// Whether a person has been asked for something and has not answered: the line is not ended.
    asked: bool,
    finished: Vec<Finished>,
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
            asked: false,
            finished: vec![],
        }
    }

    fn caption(&self, id: &'static str) -> String {
        self.language.tell(&Message::new(id))
    }

    fn paragraph(&mut self, first: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", paragraph(first, text))
    }

    fn heading(&mut self, exercise: &str, title: &str, context: &str, usual: f64) -> io::Result<()> {
        let title = textwrap::fill(&format!("{exercise}  {title}"), width());
        writeln!(self.out, "{}", self.look.paint(Style::new().bold(), &title))?;
        let place = Message::new("place")
            .with("context", context)
            .with("namespace", &self.namespace);
        writeln!(self.out, "{}", self.language.tell(&place))?;
        let usual = Message::new("usually").with("seconds", format!("{usual:.0}"));
        writeln!(self.out, "{}\n", self.language.tell(&usual))
    }

    fn step(&mut self, step: usize, section: &str) -> io::Result<()> {
        if self.section != section {
            section.clone_into(&mut self.section);
            let heading = self.look.paint(Style::new().bold(), section);
            writeln!(self.out, "{heading}\n")?;
        }
        let number = format!("[{step}/{}]", self.steps);
        let number = self.look.paint(Style::new().dim(), &number);
        writeln!(self.out, "{number}")
    }

    /// A command stands there while it runs, with all its lines.
    fn command(&mut self, command: &str) -> io::Result<()> {
        for (index, line) in command.lines().enumerate() {
            let line = self.look.paint(Style::new().cyan(), line);
            writeln!(self.out, "{} {line}", if index == 0 { '$' } else { ' ' })?;
        }
        Ok(())
    }

    /// What it printed. Where the guide shows some of the lines, these stand out.
    fn printed(&mut self, output: &str, shown: &[usize], exit_code: Option<i32>) -> io::Result<()> {
        let blank = |line: &str| line.trim().is_empty();
        let all = output.lines().filter(|line| !blank(line)).count();
        for (index, line) in output.lines().enumerate() {
            let line = clean(line);
            let style = match shown.contains(&index) {
                _ if blank(&line) || shown.is_empty() || shown.len() == all => Style::new(),
                true => Style::new().bold(),
                false => Style::new().dim(),
            };
            // Columns stay where they are.
            let line = if console::measure_text_width(&line) + 2 <= width() {
                format!("  {line}").trim_end().to_owned()
            } else {
                paragraph("  ", &line)
            };
            for line in line.split('\n') {
                writeln!(self.out, "{}", self.look.paint(style.clone(), line))?;
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

    /// Says what the guide says, and asks for Enter; what the person types ends the line.
    fn ask(&mut self, says: &str) -> io::Result<()> {
        if !says.is_empty() {
            self.paragraph("", says)?;
        }
        let prompt = self.caption("press-enter");
        write!(self.out, "{} ", self.look.paint(Style::new().dim(), &prompt))?;
        self.asked = true;
        Ok(())
    }

    fn seen(&mut self, expected: &str, took: f64) -> io::Result<()> {
        let mark = format!("{} ", self.look.mark(true));
        let time = if took >= 1.0 {
            format!(" ({took:.0} s)")
        } else {
            String::new()
        };
        self.paragraph(&mark, &format!("{expected}{time}"))
    }

    fn missed(&mut self, miss: &Miss) -> io::Result<()> {
        let mark = format!("{} ", self.look.mark(false));
        let label = |caption: &str| {
            let caption = format!("  {caption}");
            pad_str(&caption, CAPTION, Alignment::Left, None).into_owned()
        };
        writeln!(
            self.out,
            "{mark}{}",
            self.look
                .paint(Style::new().red().bold(), &self.caption("ending-missed"))
        )?;
        self.paragraph(&label(&self.caption("expected")), &miss.expected)?;
        self.paragraph(&label(&self.caption("observed")), &miss.observed)?;
        self.paragraph(&label(&self.caption("guide")), &miss.guide)?;
        for (caption, lines) in [
            (self.caption("pods-caption"), &miss.pods),
            (self.caption("events"), &miss.events),
            (self.caption("story-caption"), &miss.story),
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

    fn removed(&mut self, kept: &[String]) -> io::Result<()> {
        if kept.is_empty() {
            return writeln!(self.out, "{}", self.caption("removed"));
        }
        self.kept = true;
        // To be copied: not wrapped.
        let kept = kept.join(" ");
        writeln!(
            self.out,
            "{}\n  kubectl delete namespace {kept}",
            self.caption("kept")
        )
    }

    fn finished(&mut self, run: Finished) -> io::Result<()> {
        if self.namespace.is_empty() {
            // It never began, so that nothing has said which it is.
            let exercise = self.look.paint(Style::new().bold(), &run.exercise);
            writeln!(self.out, "{exercise}")?;
        }
        self.namespace.clear();
        self.ending(&run)?;
        if run.ending == Ending::Missed && !self.kept {
            let keep = self.caption("keep");
            self.paragraph("", &keep)?;
        }
        self.finished.push(run);
        Ok(())
    }

    fn ending(&mut self, run: &Finished) -> io::Result<()> {
        let (good, head, more) = match &run.ending {
            Ending::Seen => (true, self.caption("ending-seen"), String::new()),
            Ending::Missed => (false, self.caption("ending-missed"), String::new()),
            Ending::Interrupted { signal } => {
                (false, self.caption("ending-interrupted"), format!(" ({signal})"))
            }
            Ending::Failed { .. } => (false, self.caption("ending-failed"), String::new()),
        };
        let (mark, head) = (self.look.mark(good), self.look.paint(Style::new().bold(), &head));
        let count = Message::new("proofs-seen")
            .with("count", run.seen)
            .with("seconds", format!("{:.0}", run.took));
        let count = self.language.tell(&count);
        writeln!(self.out, "{mark} {head}{more}: {count}")
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn take(&mut self, Stamped { event, .. }: &Stamped) -> io::Result<()> {
        if std::mem::take(&mut self.asked) && !matches!(event, Event::Resumed { .. }) {
            // Nobody pressed Enter.
            writeln!(self.out)?;
        }
        match event {
            Event::RunStarted {
                exercise,
                title,
                language,
                steps,
                usual,
                context,
                namespace,
            } => {
                if !self.finished.is_empty() {
                    writeln!(self.out)?;
                }
                self.language = *language;
                self.steps = *steps;
                self.namespace.clone_from(namespace);
                self.section.clear();
                self.kept = false;
                self.heading(exercise, title, context, *usual)?;
            }
            Event::StepStarted { step, section } => self.step(*step, section)?,
            Event::CommandStarted { command, .. } => self.command(command)?,
            Event::CommandFinished {
                output,
                shown,
                exit_code,
                ..
            } => self.printed(output, shown, *exit_code)?,
            Event::Paused { says } => self.ask(says)?,
            Event::Seen { expected, took, .. } => self.seen(expected, *took)?,
            Event::Missed(miss) => self.missed(miss)?,
            Event::StepFinished { .. } => writeln!(self.out)?,
            Event::CleanupFinished { kept, .. } => self.removed(kept)?,
            Event::Warning { message } => self.paragraph("! ", message)?,
            Event::RunFinished {
                exercise,
                ending,
                seen,
                took,
                times,
            } => self.finished(Finished {
                exercise: exercise.clone(),
                ending: ending.clone(),
                seen: *seen,
                took: *took,
                times: *times,
            })?,
            Event::AllFinished { took } => {
                // One run has said all of it by itself.
                if self.finished.len() > 1 {
                    summary::write(&mut self.out, self.look, self.language, &self.finished, *took)?;
                }
                self.finished.clear();
            }
            // What begins is the moving line's; here it is told once it has ended.
            Event::ProofStarted { .. } | Event::CleanupStarted { .. } => {}
            Event::Resumed { .. } => writeln!(self.out)?,
        }
        self.out.flush()
    }
}
