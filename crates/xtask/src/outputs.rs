//! What the guide's pages show of outputs: what was printed in a run.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Context;
use guide::{Language, Sample, Step};
use serde::Deserialize;

use crate::repeated::{Stale, read};

/// How many lines in a row are shown that the step's pattern says nothing of; of what is watched, all that happens is told.
const KEPT: usize = 2;
const KEPT_OF_A_WATCH: usize = 12;

/// Stands for lines that are left out.
const GAP: &str = "...";

/// Where a run keeps its files, which a reader has elsewhere.
const RUNS: &str = "/runs/run-";

/// What is read of a run's events.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    RunStarted {
        exercise: String,
        namespace: String,
    },
    StepStarted {
        step: usize,
    },
    CommandFinished {
        output: String,
        shown: Vec<usize>,
    },
    #[serde(other)]
    Other,
}

/// What a command printed: each line, with whether the step's pattern has it.
type Printed = Vec<(String, bool)>;

/// What was printed in each section: by the number of the step, from 1, what each of its commands printed.
type Recorded = BTreeMap<String, BTreeMap<usize, Vec<Printed>>>;

/// The pages whose outputs are not those of `run`, a file with what `lab run --output json` printed.
///
/// # Errors
/// The file or a page cannot be read, or the run has no step that a page shows an output of.
pub(crate) fn out_of_step(root: &Path, run: &Path) -> anyhow::Result<Vec<Stale>> {
    let recorded = recorded(&read(run)?)?;
    let mut found = vec![];
    for (section, steps) in &recorded {
        for language in Language::ALL {
            let page = PathBuf::from(language.folder()).join(format!("{section}.md"));
            let text = read(&root.join(&page))?;
            let should_be = with_outputs(&text, &guide::steps(root, language, section)?, steps)
                .with_context(|| page.display().to_string())?;
            if should_be != text {
                found.push(Stale {
                    file: root.join(&page),
                    why: vec!["has outputs of another run".into()],
                    should_be,
                });
            }
        }
    }
    Ok(found)
}

fn recorded(run: &str) -> anyhow::Result<Recorded> {
    let mut recorded = Recorded::new();
    let (mut section, mut own, mut at) = (String::new(), String::new(), 0);
    for (index, line) in run.lines().enumerate() {
        let event = serde_json::from_str(line).with_context(|| format!("line {} is no event", index + 1))?;
        match event {
            Event::RunStarted { exercise, namespace } => {
                recorded.insert(exercise.clone(), BTreeMap::new());
                (section, own) = (exercise, namespace);
            }
            Event::StepStarted { step } => at = step,
            Event::CommandFinished { output, shown } => {
                let lines = output.lines().enumerate();
                let lines = lines.map(|(index, line)| {
                    let line = line.replace(&own, "default");
                    (spaced(&line), shown.contains(&index))
                });
                let steps = recorded.entry(section.clone()).or_default();
                steps.entry(at).or_default().push(lines.collect());
            }
            Event::Other => {}
        }
    }
    Ok(recorded)
}

/// A line as a terminal shows it, without tabs.
fn spaced(line: &str) -> String {
    let mut spaced = String::new();
    for char in line.trim_end().chars() {
        let width = if char == '\t' {
            8 - spaced.chars().count() % 8
        } else {
            0
        };
        match char {
            '\t' => spaced.push_str(&" ".repeat(width)),
            _ => spaced.push(char),
        }
    }
    spaced
}

/// What a page shows of what the commands of a step printed.
fn shown(commands: &[Printed], watch: bool) -> Vec<String> {
    let most = if watch { KEPT_OF_A_WATCH } else { KEPT };
    let mut lines: Vec<String> = vec![];
    for printed in commands {
        let without_end = printed.iter().rposition(|(line, _)| !line.is_empty());
        let printed = &printed[..without_end.map_or(0, |last| last + 1)];
        // Warnings have no place that a gap could take.
        let is_kept = |(line, has): &(String, bool)| *has || line.starts_with("Warning: ");
        for part in printed.chunk_by(|one, next| is_kept(one) == is_kept(next)) {
            let text = part.iter().filter(|(line, _)| !line.is_empty());
            let here = part.iter().any(|(line, _)| line.contains(RUNS));
            if is_kept(&part[0]) || (text.count() <= most && !here) {
                lines.extend(part.iter().map(|(line, _)| line.clone()));
            } else if lines.last().is_none_or(|last| last != GAP) {
                lines.push(GAP.into());
            }
        }
    }
    lines
}

fn with_outputs(
    page: &str,
    steps: &[Step],
    recorded: &BTreeMap<usize, Vec<Printed>>,
) -> anyhow::Result<String> {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    // From the last to the first, as each may move what follows it.
    for (index, step) in steps.iter().enumerate().rev() {
        let Some(Sample { line, text }) = &step.sample else {
            continue;
        };
        let printed = recorded.get(&(index + 1));
        let printed = printed.with_context(|| format!("line {line}: the run has no such step"))?;
        let old = *line..*line + text.lines().count();
        lines.splice(old, shown(printed, step.action.watch));
    }
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = r#"{"event":"run_started","exercise":"1.1","namespace":"lab-1-1-0a"}
{"event":"step_started","step":1}
{"event":"command_finished","output":"a in lab-1-1-0a\n\tx\n","shown":[0]}
{"event":"command_finished","output":"1\n2\n3\nWarning: w\nb\nat /runs/run-x/\n","shown":[4]}
{"event":"seen"}
"#;
    const PAGE: &str = "# T\n\n```sh\na\nb\n```\n\n```output\nold\n```\n\nText.\n";

    #[test]
    fn a_page_gets_what_was_printed() {
        let root = tempfile::tempdir().unwrap();
        for language in Language::ALL {
            let folder = root.path().join(language.folder());
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("1.1.md"), PAGE).unwrap();
        }
        let run = root.path().join("run.json");
        std::fs::write(&run, RUN).unwrap();
        let found = out_of_step(root.path(), &run).unwrap();
        let expected = "a in default\n        x\n...\nWarning: w\nb\n...\n";
        let expected = PAGE.replace("old\n", expected);
        assert_eq!(found.len(), 2);
        for stale in found {
            assert_eq!(stale.should_be, expected);
            std::fs::write(stale.file, stale.should_be).unwrap();
        }
        assert!(out_of_step(root.path(), &run).unwrap().is_empty());
        std::fs::write(&run, RUN.replace("\"step\":1", "\"step\":2")).unwrap();
        let error = out_of_step(root.path(), &run).unwrap_err();
        assert!(format!("{error:#}").contains("1.1.md: line 8: the run has no such step"));
        std::fs::write(&run, "{}").unwrap();
        let error = out_of_step(root.path(), &run).unwrap_err();
        assert!(format!("{error:#}").contains("line 1 is no event"));
    }

    #[test]
    fn of_a_watch_more_is_shown() {
        let printed: Printed = (0..5).map(|line| (line.to_string(), line == 4)).collect();
        let commands = [printed];
        assert_eq!(shown(&commands, true).len(), 5);
        assert_eq!(shown(&commands, false), [GAP, "4"]);
    }
}
