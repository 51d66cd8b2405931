//! What comes of a section's steps: `guide/proofs/N.yaml`, one file for all languages.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::{
    Exercise, Goal, KubernetesVersion, Language, Pattern, Proof, Step,
    parse::{self, Fault, Page, Wrong},
    tries,
    written::{goals_of, line, line_at},
};

/// The longest that a run may be said to take, in seconds.
const MAX_SECONDS: u32 = 3600;

/// A file as it was read.
#[derive(Debug)]
pub(crate) struct Results {
    teaches: BTreeMap<Language, String>,
    seconds: u32,
    kubernetes: Option<KubernetesVersion>,
    steps: Vec<Entry>,
    tries: Vec<tries::Entry>,
}

/// What comes of one step.
#[derive(Debug)]
struct Entry {
    /// The line of the file, from 1.
    line: usize,
    commands: Vec<String>,
    prints: Option<Pattern>,
    proofs: Vec<Proof>,
    goals: Vec<Goal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    teaches: Spanned<BTreeMap<Language, String>>,
    seconds: Spanned<u32>,
    kubernetes: Option<Spanned<String>>,
    steps: Vec<WrittenEntry>,
    tries: Option<Spanned<Vec<tries::Written>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    step: Spanned<String>,
    prints: Option<Spanned<String>>,
    proofs: Option<Spanned<Vec<Spanned<Proof>>>>,
    goals: Option<Spanned<Vec<Spanned<Goal>>>>,
}

/// Reads a file.
pub(crate) fn read(text: &str) -> Result<Results, Fault> {
    let written: Written = serde_saphyr::from_str(text).map_err(|error| {
        let at = error.location().map_or(1, |location| line_at(location.line()));
        (at, error.to_string())
    })?;
    let missing = |language: &&Language| {
        let sentence = written.teaches.value.get(*language);
        sentence.is_none_or(|sentence| sentence.trim().is_empty())
    };
    if let Some(language) = Language::ALL.iter().find(missing) {
        let message = format!("teaches: write a sentence for {}", language.code());
        return Err((line(&written.teaches), message));
    }
    if !(1..=MAX_SECONDS).contains(&written.seconds.value) {
        let message = format!(
            "seconds: {} is not from 1 to {MAX_SECONDS}",
            written.seconds.value
        );
        return Err((line(&written.seconds), message));
    }
    let kubernetes = written
        .kubernetes
        .map(|version| version.value.parse().map_err(|message| (line(&version), message)));
    let steps = written
        .steps
        .into_iter()
        .map(entry)
        .collect::<Result<Vec<_>, _>>()?;
    let mut tasks = steps.iter().filter(|entry| !entry.goals.is_empty());
    if let Some(second) = tasks.nth(1) {
        let message = "a section has one task; make its goals one list".into();
        return Err((second.line, message));
    }
    let tries = tries::read(written.tries)?;
    Ok(Results {
        teaches: written.teaches.value,
        seconds: written.seconds.value,
        kubernetes: kubernetes.transpose()?,
        steps,
        tries,
    })
}

fn entry(written: WrittenEntry) -> Result<Entry, Fault> {
    let at = line(&written.step);
    let commands = parse::commands(&written.step.value).map_err(|message| (at, message))?;
    let prints = written
        .prints
        .map(|prints| Pattern::parse(&prints.value).map_err(|message| (line(&prints), message)));
    let mut entry = Entry {
        line: at,
        commands,
        prints: prints.transpose()?,
        proofs: vec![],
        goals: vec![],
    };
    if let Some(proofs) = written.proofs {
        if proofs.value.is_empty() {
            return Err((line(&proofs), "this list proves nothing; leave it out".into()));
        }
        for proof in proofs.value {
            let valid = proof.value.claim().validate();
            valid.map_err(|message| (line(&proof), message))?;
            entry.proofs.push(proof.value);
        }
    }
    if let Some(goals) = written.goals {
        entry.goals = goals_of(goals)?;
    }
    if entry.prints.is_none() && entry.proofs.is_empty() && entry.goals.is_empty() {
        return Err((
            at,
            "this entry proves nothing; give it prints or proofs, or leave it out".into(),
        ));
    }
    Ok(entry)
}

impl Results {
    /// The section of a page, each step with what comes of it. Both go in the same order.
    pub(crate) fn of(self, page: Page, id: &str, language: Language) -> Result<Exercise, Wrong> {
        let Page {
            title,
            mut steps,
            excerpts,
            headings,
            items,
        } = page;
        let file = format!("{}/{id}.md", language.folder());
        let (mut goals, mut goals_line) = (vec![], None);
        let mut entries = self.steps.into_iter().peekable();
        let mut ahead = steps.as_mut_slice();
        while let Some((step, later)) = ahead.split_first_mut() {
            if let Some(entry) = entries.next_if(|entry| entry.commands == step.action.commands) {
                if !entry.goals.is_empty() {
                    goals = entry.goals;
                    goals_line = headings.iter().find(|heading| **heading > step.line).copied();
                }
                (step.action.prints, step.action.proofs) = (entry.prints, entry.proofs);
                proves_something(step).map_err(|message| Wrong::Results((entry.line, message)))?;
            } else if let Some(entry) = entries.peek()
                && !later.iter().any(|step| step.action.commands == entry.commands)
            {
                return Err(Wrong::Results((
                    entry.line,
                    belongs_nowhere(entry, &file, Some(step)),
                )));
            } else {
                proves_something(step).map_err(|message| Wrong::Page((step.line, message)))?;
            }
            sample(step).map_err(Wrong::Page)?;
            ahead = later;
        }
        if let Some(entry) = entries.next() {
            return Err(Wrong::Results((entry.line, belongs_nowhere(&entry, &file, None))));
        }
        let tries = tries::of(self.tries, items, id, language)?;
        let mut teaches = self.teaches;
        Ok(Exercise {
            id: id.into(),
            title,
            teaches: teaches.remove(&language).unwrap_or_default(),
            seconds: self.seconds,
            kubernetes: self.kubernetes,
            steps,
            goals,
            goals_line,
            tries,
            excerpts,
        })
    }
}

fn belongs_nowhere(entry: &Entry, file: &str, next: Option<&Step>) -> String {
    let commands = entry.commands.join("\n");
    let next = match next {
        Some(step) => format!(
            "{file}:{} has {:?} next",
            step.line,
            step.action.commands.join("\n")
        ),
        None => format!("{file} has no more steps"),
    };
    format!("no step here has the commands {commands:?}: {next}")
}

fn proves_something(step: &Step) -> Result<(), String> {
    let action = &step.action;
    if action.watch && action.proofs.is_empty() {
        return Err(
            "this step would go on forever: its entry in guide/proofs needs proofs, which end it".into(),
        );
    }
    if action.prints.is_none() && action.proofs.is_empty() && !action.must_fail {
        return Err(
            "this step proves nothing: give it an entry with prints or proofs in guide/proofs".into(),
        );
    }
    Ok(())
}

/// What the page shows has to be what its pattern allows, once a run has filled its block.
fn sample(step: &Step) -> Result<(), Fault> {
    let Some(sample) = step.sample.as_ref().filter(|sample| !sample.text.is_empty()) else {
        return Ok(());
    };
    let Some(pattern) = &step.action.prints else {
        let message = "nothing in guide/proofs says what has to be in this output: give the step's entry a pattern (prints)";
        return Err((sample.line, message.into()));
    };
    let pattern = if step.action.watch {
        pattern.among_others()
    } else {
        pattern.clone()
    };
    pattern.compare(sample.text.lines()).map_err(|difference| {
        let line =
            |line: Option<String>| line.map_or_else(|| "nothing more".into(), |line| format!("{line:?}"));
        let message = format!(
            "this output is not what guide/proofs has under prints: it has {} where the pattern has {}",
            line(difference.printed),
            line(difference.expected)
        );
        (sample.line, message)
    })
}

#[cfg(test)]
mod tests;
