//! From Markdown to steps.

mod fold;
#[cfg(test)]
mod tests;

use std::{ops::Range, path::PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::Deserialize;

use self::fold::Folds;
use crate::{Action, Excerpt, Exercise, Pattern, Step, goal, prose::Prose};

/// Shell builtins whose effect ends with the line, as each line gets a shell of its own.
const WITHOUT_EFFECT: [&str; 8] = ["cd", "export", "unset", "set", "source", ".", "alias", "exec"];

const ALLOWED: &str = "write ```sh, ```sh fails, ```sh watch, ```sh helm-3, ```output, ```yaml proof, ```yaml goal, \
                       ```yaml k8s/FILE or ```yaml helm/FILE";

/// The longest that a run may be said to take, in seconds.
const MAX_SECONDS: u32 = 3600;

/// What stands at the top of a section.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    teaches: String,
    seconds: u32,
}

/// Alerts (`> [!NOTE]`) are GitHub's; without them their mark would be a word of the text.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS)
    .union(Options::ENABLE_GFM);

/// Where it is wrong (line, from 1), and what is wrong.
type Fault = (usize, String);

/// Reads a section.
pub(crate) fn section(text: &str, id: &str) -> Result<Exercise, Fault> {
    let line_of = |offset: usize| text[..offset].matches('\n').count() + 1;
    let mut reading = Reading {
        exercise: Exercise {
            id: id.into(),
            title: String::new(),
            teaches: String::new(),
            seconds: 0,
            steps: vec![],
            goals: vec![],
            goals_line: None,
            excerpts: vec![],
        },
        section: String::new(),
        folds: Folds::default(),
        prose: Prose::default(),
    };
    let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    while let Some((event, Range { start, .. })) = events.next() {
        let at = |message| (line_of(start), message);
        reading.prose.take(&event);
        match event {
            Event::Start(Tag::MetadataBlock(_)) => {
                let about = text_until(&mut events, |end| matches!(end, TagEnd::MetadataBlock(_)));
                if start > 0 {
                    return Err(at(
                        "what stands between --- counts at the top alone; move it there".into(),
                    ));
                }
                reading.about(&about).map_err(at)?;
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let heading = text_until(&mut events, |end| matches!(end, TagEnd::Heading(_)));
                reading.heading(level, heading).map_err(at)?;
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let info = info.trim().to_owned();
                let code = text_until(&mut events, |end| *end == TagEnd::CodeBlock);
                reading.block(&info, &code, line_of(start)).map_err(at)?;
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                return Err(at(format!(
                    "a block that is only indented would not be run; {ALLOWED}"
                )));
            }
            Event::Html(html) => reading.folds.line(&html, line_of(start)).map_err(at)?,
            Event::InlineHtml(_) => return Err(at(fold::OTHER.into())),
            _ => {}
        }
    }
    reading.end().map_err(|message| (line_of(text.len()), message))
}

fn text_until<'a>(
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    end: impl Fn(&TagEnd) -> bool,
) -> String {
    let mut text = String::new();
    for (event, _) in events {
        match event {
            Event::End(tag) if end(&tag) => break,
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// A section of which a part has been read.
struct Reading {
    exercise: Exercise,
    section: String,
    folds: Folds,
    prose: Prose,
}

impl Reading {
    fn about(&mut self, about: &str) -> Result<(), String> {
        let About { teaches, seconds } = serde_saphyr::from_str(about).map_err(|error| error.to_string())?;
        if teaches.trim().is_empty() || !(1..=MAX_SECONDS).contains(&seconds) {
            return Err(format!(
                "teaches: write a sentence; seconds: write 1 to {MAX_SECONDS}"
            ));
        }
        (self.exercise.teaches, self.exercise.seconds) = (teaches, seconds);
        Ok(())
    }

    fn heading(&mut self, level: HeadingLevel, heading: String) -> Result<(), String> {
        self.prose.close(self.exercise.steps.last_mut());
        if level != HeadingLevel::H1 {
            self.section = heading;
        } else if self.exercise.title.is_empty() {
            self.exercise.title = heading;
        } else {
            return Err("a second title; a file has one section of the guide".into());
        }
        Ok(())
    }

    fn block(&mut self, info: &str, code: &str, line: usize) -> Result<(), String> {
        match info {
            "sh" | "sh fails" | "sh watch" => {
                self.end_of_step()?;
                let action = Action {
                    commands: commands(code)?,
                    must_fail: info == "sh fails",
                    watch: info == "sh watch",
                    ..Action::default()
                };
                if info != "sh" && action.commands.len() != 1 {
                    return Err(format!(
                        "a block marked {info:?} has to have one command: it is clear then which one is meant"
                    ));
                }
                let before = self.prose.lead(self.exercise.steps.last_mut());
                self.exercise.steps.push(Step {
                    section: self.section.clone(),
                    line,
                    before,
                    after: String::new(),
                    action,
                });
            }
            "sh helm-3" => {
                // What leads to it is for those who choose.
                self.prose.lead(None);
                let action = self.action()?;
                let same_place = action.prints.is_none() && action.proofs.is_empty() && !action.watch;
                if !same_place || !action.with_helm_3.is_empty() {
                    return Err("a block for Helm 3 stands directly after the one for Helm 4".into());
                }
                action.with_helm_3 = commands(code)?;
                if action.with_helm_3.len() != action.commands.len() {
                    return Err("the Helm 3 block needs as many commands as the Helm 4 block".into());
                }
            }
            "output" => {
                let action = self.action()?;
                if action.prints.is_some() || !action.proofs.is_empty() {
                    return Err("a step has one output block, before its proof".into());
                }
                action.prints = Some(Pattern::parse(code)?);
                self.prose.result();
            }
            "yaml proof" => {
                let action = self.action()?;
                if !action.proofs.is_empty() {
                    return Err("a step has one proof; make it one list".into());
                }
                action.proofs = serde_saphyr::from_str(code).map_err(|error| error.to_string())?;
                if action.proofs.is_empty() {
                    return Err("this proof proves nothing; leave it out".into());
                }
                for proof in &action.proofs {
                    proof.claim().validate()?;
                }
                self.prose.result();
            }
            "yaml goal" => self.goals(code, line)?,
            _ => match info.strip_prefix("yaml ").map(str::trim) {
                Some(path)
                    if (path.starts_with("k8s/") || path.starts_with("helm/")) && !path.contains("..") =>
                {
                    let lines = code.lines().map(str::to_owned).collect();
                    // What leads to it says nothing of a step.
                    self.prose.lead(self.exercise.steps.last_mut());
                    self.exercise.excerpts.push(Excerpt {
                        path: PathBuf::from(path),
                        lines,
                    });
                }
                _ => return Err(format!("a block marked {info:?} would not be run; {ALLOWED}")),
            },
        }
        Ok(())
    }

    fn goals(&mut self, code: &str, line: usize) -> Result<(), String> {
        let exercise = &mut self.exercise;
        if exercise.goals_line.replace(line).is_some() {
            return Err("a section has one list of goals; make it one".into());
        }
        exercise.goals = serde_saphyr::from_str(code).map_err(|error| error.to_string())?;
        let goals = &exercise.goals;
        if !(1..=goal::MOST).contains(&goals.len()) {
            return Err(format!("a task has 1 to {} goals", goal::MOST));
        }
        for (index, goal) in goals.iter().enumerate() {
            goal.claim().validate()?;
            if goals[..index].contains(goal) {
                return Err(format!("this goal stands there twice: {}", goal.key()));
            }
        }
        Ok(())
    }

    /// The step that a block of results belongs to.
    fn action(&mut self) -> Result<&mut Action, String> {
        let step = self
            .exercise
            .steps
            .last_mut()
            .ok_or("nothing was run yet that could have this result")?;
        Ok(&mut step.action)
    }

    fn end_of_step(&self) -> Result<(), String> {
        let Some(Step { line, action, .. }) = self.exercise.steps.last() else {
            return Ok(());
        };
        if action.watch && action.proofs.is_empty() {
            return Err(format!(
                "the step of line {line} would go on forever: give it a proof, which ends it"
            ));
        }
        if action.prints.is_none() && action.proofs.is_empty() && !action.must_fail {
            return Err(format!(
                "the step of line {line} proves nothing: give it an output block or a proof"
            ));
        }
        Ok(())
    }

    fn end(mut self) -> Result<Exercise, String> {
        self.end_of_step()?;
        self.folds.end()?;
        self.prose.close(self.exercise.steps.last_mut());
        if self.exercise.title.is_empty() {
            return Err("the section has no title (# ...)".into());
        }
        if self.exercise.teaches.is_empty() {
            return Err("the section does not begin with ---, teaches: ..., seconds: ..., ---".into());
        }
        if self.exercise.steps.is_empty() {
            return Err("the section runs nothing".into());
        }
        Ok(self.exercise)
    }
}

/// The commands of a block.
fn commands(code: &str) -> Result<Vec<String>, String> {
    let mut commands = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let mut command = line.trim_end().to_owned();
        while command.ends_with('\\') {
            let more = lines
                .next()
                .ok_or_else(|| format!("{command:?} goes on, but the block ends"))?;
            command.push('\n');
            command.push_str(more.trim_end());
        }
        let first = command.split_whitespace().next();
        match first {
            None => continue,
            Some("$") => {
                return Err(format!(
                    "{command:?}: leave out the prompt, so that the line can be copied"
                ));
            }
            Some(word) if word.starts_with('#') => {
                return Err(format!("{command:?} would not be run; say it in the text"));
            }
            Some(word) if WITHOUT_EFFECT.contains(&word) => {
                return Err(format!(
                    "{command:?} would have no effect: each line has a shell of its own, in k8s/"
                ));
            }
            Some(_) => commands.push(command),
        }
    }
    if commands.is_empty() {
        return Err("a block without a command".into());
    }
    Ok(commands)
}
