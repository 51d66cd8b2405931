//! From Markdown to steps.

mod fold;
mod name;
#[cfg(test)]
mod tests;
mod tries;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

pub(crate) use self::tries::{Item, check};
use self::{fold::Folds, name::FileName, tries::Tries};
use crate::{Action, Excerpt, Language, Sample, Step, prose::Prose};

/// Shell builtins whose effect ends with the line, as each line gets a shell of its own.
const WITHOUT_EFFECT: [&str; 8] = ["cd", "export", "unset", "set", "source", ".", "alias", "exec"];

const ALLOWED: &str = "write ```sh, ```sh fails, ```sh watch, ```sh helm-3, ```output, or ```yaml";

/// Where pictures are, from a page.
const PICTURES: &str = "../pictures/";

/// Alerts (`> [!NOTE]`) are GitHub's; without them their mark would be a word of the text.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS)
    .union(Options::ENABLE_GFM);

/// Where it is wrong (line, from 1), and what is wrong.
pub(crate) type Fault = (usize, String);

/// Which of a section's two files is wrong, and where and how.
#[derive(Debug)]
pub(crate) enum Wrong {
    Page(Fault),
    Results(Fault),
}

/// A page, with nothing yet of what its steps prove.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub title: String,
    pub steps: Vec<Step>,
    pub excerpts: Vec<Excerpt>,
    /// The lines of its headings, from 1, in order.
    pub headings: Vec<usize>,
    /// What it leaves to try, in order.
    pub items: Vec<Item>,
}

/// Reads a page.
pub(crate) fn page(text: &str, language: Language) -> Result<Page, Fault> {
    let line_of = |offset: usize| text[..offset].matches('\n').count() + 1;
    let mut reading = Reading::default();
    let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    while let Some((event, Range { start, .. })) = events.next() {
        let at = |message: String| (line_of(start), message);
        reading.prose.take(&event);
        reading.file.take(&event);
        let folded = !reading.folds.is_closed();
        reading.tries.take(&event, line_of(start), folded).map_err(at)?;
        match event {
            Event::Start(Tag::MetadataBlock(_)) => {
                return Err(at(
                    "a forge would show this as a table; what a section teaches and how long it takes stands in guide/proofs"
                        .into(),
                ));
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let heading = text_until(&mut events, |end| matches!(end, TagEnd::Heading(_)));
                reading.tries.heading(&heading, language);
                reading.heading(level, heading, line_of(start)).map_err(at)?;
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
            Event::Start(Tag::Image { dest_url, .. }) => {
                let says = text_until(&mut events, |end| *end == TagEnd::Image);
                picture(&dest_url, &says).map_err(at)?;
            }
            Event::Html(html) => reading.folds.line(&html, line_of(start)).map_err(at)?,
            Event::InlineHtml(_) => return Err(at(fold::OTHER.into())),
            _ => {}
        }
    }
    let page = reading.end().map_err(|message| (line_of(text.len()), message))?;
    for step in &page.steps {
        labelled(step, language).map_err(|message| (step.line, message))?;
    }
    Ok(page)
}

/// A forge hides what stands behind the first word of a fence, so a reader has to be told in words.
fn labelled(step: &Step, language: Language) -> Result<(), String> {
    let word = match (step.action.must_fail, step.action.watch, language) {
        (true, _, Language::En) => "fail",
        (true, _, Language::Ko) => "실패",
        (_, true, _) => "Ctrl-C",
        _ => return Ok(()),
    };
    if step.before.contains(word) || step.after.contains(word) {
        return Ok(());
    }
    Err(format!(
        "readers don't see how this block is marked: write {word:?} into the paragraph before or after it"
    ))
}

fn picture(path: &str, says: &str) -> Result<(), String> {
    if !path.starts_with(PICTURES) {
        return Err(format!(
            "the picture {path:?} is elsewhere; put it into guide/pictures"
        ));
    }
    if says.trim().is_empty() {
        return Err(format!(
            "the picture {path:?} says nothing to those who don't see it: write ![what it shows](...)"
        ));
    }
    Ok(())
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

/// A page of which a part has been read.
#[derive(Default)]
struct Reading {
    page: Page,
    section: String,
    folds: Folds,
    prose: Prose,
    file: FileName,
    tries: Tries,
}

impl Reading {
    fn heading(&mut self, level: HeadingLevel, heading: String, line: usize) -> Result<(), String> {
        self.prose.close(self.page.steps.last_mut());
        self.page.headings.push(line);
        if level != HeadingLevel::H1 {
            self.section = heading;
        } else if self.page.title.is_empty() {
            self.page.title = heading;
        } else {
            return Err("a second title; a file has one section of the guide".into());
        }
        Ok(())
    }

    fn block(&mut self, info: &str, code: &str, line: usize) -> Result<(), String> {
        let file = self.file.end();
        match info {
            "sh" | "sh fails" | "sh watch" => {
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
                let before = self.prose.lead(self.page.steps.last_mut());
                self.page.steps.push(Step {
                    section: self.section.clone(),
                    line,
                    before,
                    after: String::new(),
                    sample: None,
                    action,
                });
            }
            "sh helm-3" => {
                // What leads to it is for those who choose.
                self.prose.lead(None);
                let step = self.step()?;
                let action = &mut step.action;
                if step.sample.is_some() || action.watch || !action.with_helm_3.is_empty() {
                    return Err("a block for Helm 3 stands directly after the one for Helm 4".into());
                }
                action.with_helm_3 = commands(code)?;
                if action.with_helm_3.len() != action.commands.len() {
                    return Err("the Helm 3 block needs as many commands as the Helm 4 block".into());
                }
            }
            "output" => {
                let step = self.step()?;
                if step.sample.is_some() {
                    return Err("a step has one output block".into());
                }
                step.sample = Some(Sample {
                    line,
                    text: code.to_owned(),
                });
                self.prose.result();
            }
            "yaml" => {
                let path = file.ok_or(
                    "a manifest has its file's name above it: [`FILE`](../../k8s/FILE), a paragraph of its own",
                )?;
                // What leads to it, and its file's name, say nothing of a step.
                self.prose.name();
                self.prose.lead(self.page.steps.last_mut());
                self.page.excerpts.push(Excerpt {
                    line,
                    path,
                    lines: code.lines().map(str::to_owned).collect(),
                });
            }
            _ => return Err(format!("a block marked {info:?} would not be run; {ALLOWED}")),
        }
        Ok(())
    }

    /// The step that a block belongs to.
    fn step(&mut self) -> Result<&mut Step, String> {
        let last = self.page.steps.last_mut();
        last.ok_or_else(|| "nothing was run yet that could have this result".into())
    }

    fn end(mut self) -> Result<Page, String> {
        self.folds.end()?;
        self.prose.close(self.page.steps.last_mut());
        if self.page.title.is_empty() {
            return Err("the section has no title (# ...)".into());
        }
        if self.page.steps.is_empty() {
            return Err("the section runs nothing".into());
        }
        self.page.items = self.tries.end();
        Ok(self.page)
    }
}

/// The commands of a block.
pub(crate) fn commands(code: &str) -> Result<Vec<String>, String> {
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
