//! From Markdown to steps.

use std::{ops::Range, path::PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::Deserialize;

use crate::{Action, Excerpt, Exercise, Pattern, Step};

/// Shell builtins whose effect ends with the line, as each line gets a shell of its own.
const WITHOUT_EFFECT: [&str; 8] = ["cd", "export", "unset", "set", "source", ".", "alias", "exec"];

const ALLOWED: &str = "write ```sh, ```sh fails, ```sh watch, ```sh helm-3, ```output, ```yaml proof, ```yaml k8s/FILE \
                       or ```yaml helm/FILE";

/// The longest that a run may be said to take, in seconds.
const MAX_SECONDS: u32 = 3600;

/// What stands at the top of a section.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    teaches: String,
    seconds: u32,
}

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS);

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
            excerpts: vec![],
        },
        section: String::new(),
    };
    let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    while let Some((event, Range { start, .. })) = events.next() {
        let at = |message| (line_of(start), message);
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
            Event::Html(_) | Event::InlineHtml(_) => {
                return Err(at("HTML would be shown but not run; write Markdown".into()));
            }
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
                self.exercise.steps.push(Step {
                    section: self.section.clone(),
                    line,
                    action,
                });
            }
            "sh helm-3" => {
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
            }
            _ => match info.strip_prefix("yaml ").map(str::trim) {
                Some(path)
                    if (path.starts_with("k8s/") || path.starts_with("helm/")) && !path.contains("..") =>
                {
                    let lines = code.lines().map(str::to_owned).collect();
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

    fn end(self) -> Result<Exercise, String> {
        self.end_of_step()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: &str = "---\nteaches: something\nseconds: 5\n---\n";
    const STEP: &str = "---\nteaches: something\nseconds: 5\n---\n# T\n\n## S\n\n```sh\nkubectl get pods\n```\n\n```output\nNAME\n```\n";

    fn fault(text: &str) -> Fault {
        section(text, "1.1").unwrap_err()
    }

    #[test]
    fn a_step_has_commands_output_and_proof() {
        let text =
            format!("{STEP}\n```yaml proof\n- address: numbers-api\n```\n\n```sh fails\ncurl \\\n  x\n```\n");
        let exercise = section(&text, "1.1").unwrap();
        assert_eq!(exercise.title, "T");
        assert_eq!(exercise.steps.len(), 2);
        assert_eq!(exercise.steps[0].section, "S");
        assert_eq!(exercise.steps[0].line, 9);
        assert_eq!((exercise.teaches.as_str(), exercise.seconds), ("something", 5));
        assert_eq!(exercise.steps[0].action.proofs.len(), 1);
        assert!(exercise.steps[1].action.must_fail);
        assert_eq!(exercise.steps[1].action.commands, ["curl \\\n  x"]);
    }

    #[test]
    fn whatever_would_not_be_run_is_refused_with_its_line() {
        for (more, part) in [
            ("```bash\nls\n```\n", "marked \"bash\""),
            ("```\nls\n```\n", "marked \"\""),
            ("```sh expect=7\nls\n```\n", "marked \"sh expect=7\""),
            ("```yaml\na: 1\n```\n", "marked \"yaml\""),
            ("```yaml ../secret\na: 1\n```\n", "marked"),
            ("    ls\n", "only indented"),
            ("<pre>ls</pre>\n", "HTML"),
            ("- a\n\n  ```console\n  ls\n  ```\n", "marked \"console\""),
            ("```sh\n$ ls\n```\n", "prompt"),
            ("```sh\n# ls\n```\n", "would not be run"),
            ("```sh\ncd k8s\n```\n", "no effect"),
            ("```sh\nls \\\n```\n", "the block ends"),
            ("```sh\n\n```\n", "without a command"),
            ("```sh fails\nls\nls\n```\n", "one command"),
            ("```output\na\n```\n", "one output block"),
            ("```yaml proof\n- adress: a\n```\n", "adress"),
            ("```yaml proof\n- pods: {of: a=b, runing: 2}\n```\n", "runing"),
            ("```yaml proof\n- pods: {of: a=b}\n```\n", "proves nothing"),
            ("```yaml proof\n- service: {name: a}\n```\n", "proves nothing"),
            ("```yaml proof\n[]\n```\n", "proves nothing"),
            ("# T\n", "second title"),
            ("```sh watch\nls\nls\n```\n", "one command"),
            ("```sh helm-3\nls\n```\n", "directly after"),
            ("```sh watch\nls\n```\n```output\na\n```\n", "forever"),
        ] {
            let (line, message) = fault(&format!("{STEP}\n{more}"));
            assert!(message.contains(part), "{more:?} gave {message:?}");
            assert!(line >= 17, "{more:?} gave line {line}");
        }
    }

    #[test]
    fn a_step_that_proves_nothing_is_refused() {
        let bare = "```sh\nls\n```\n";
        assert!(fault(&format!("{STEP}\n{bare}")).1.contains("proves nothing"));
        assert!(
            fault(&format!("# T\n{bare}\n{bare}"))
                .1
                .contains("line 2 proves nothing")
        );
        assert!(fault("# T\n\n```output\na\n```\n").1.contains("nothing was run"));
        assert!(fault(&format!("{ABOUT}# T\n")).1.contains("runs nothing"));
        assert!(fault("```sh fails\nls\n```\n").1.contains("no title"));
        assert!(fault("# T\n```sh fails\nls\n```\n").1.contains("teaches: ..."));
        for about in [
            "teaches: x",
            "teaches: x\nseconds: 0",
            "teaches: \nseconds: 1",
            "seconds: x",
        ] {
            assert_eq!(fault(&format!("---\n{about}\n---\n# T\n")).0, 1, "{about}");
        }
    }

    #[test]
    fn what_stands_at_the_top_counts_nowhere_else() {
        let about = "teaches: another thing\nseconds: 7\n";
        // A paragraph, a list's item, a heading (which a line of --- makes of what is above it), a second block.
        for more in [
            about.to_owned(),
            format!("- a\n  {about}"),
            format!("{about}---\n"),
            format!("---\n{about}---\n"),
        ] {
            match section(&format!("{STEP}\n{more}"), "1.1") {
                Ok(exercise) => {
                    let about = (exercise.teaches.as_str(), exercise.seconds);
                    assert_eq!(about, ("something", 5), "{more:?}");
                }
                Err((_, message)) => assert!(message.contains("at the top alone"), "{more:?}: {message}"),
            }
            let late = STEP.replacen(ABOUT, "", 1) + "\n" + &more;
            assert!(section(&late, "1.1").is_err(), "{more:?}");
        }
    }

    #[test]
    fn helm_3_has_commands_of_its_own() {
        let text = format!(
            "{ABOUT}# T\n```sh\nhelm install --rollback-on-failure a b\n```\n```sh helm-3\nhelm install --atomic a b\n```\n\
             ```yaml proof\n- release: {{name: a, status: deployed}}\n```\n"
        );
        let exercise = section(&text, "1.1").unwrap();
        let action = &exercise.steps[0].action;
        assert_eq!(action.commands, ["helm install --rollback-on-failure a b"]);
        assert_eq!(action.with_helm_3, ["helm install --atomic a b"]);
    }
}
