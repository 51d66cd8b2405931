//! An exercise: what is typed, what it prints, and what it proves.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::{Goal, Pattern, Proof};

/// Major and minor number of a Kubernetes: `1.35`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesVersion(pub u32, pub u32);

/// A section of the guide.
#[derive(Clone, Debug)]
pub struct Exercise {
    /// Its number, as in `12.1`.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it teaches, in a sentence.
    pub teaches: String,
    /// How long a run takes, in seconds, as it was measured.
    pub seconds: u32,
    /// The first version of Kubernetes that has all that it shows; none where the chapter's own will do.
    pub kubernetes: Option<KubernetesVersion>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What its task asks of a person, who may get there in any way; empty where it has no task.
    pub goals: Vec<Goal>,
    /// The line of the page where the task begins, from 1.
    pub goals_line: Option<usize>,
    /// What it leaves to try, in order.
    pub tries: Vec<Try>,
    /// The parts of manifests that it shows.
    pub excerpts: Vec<Excerpt>,
}

/// Something that a section leaves to try, in any way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The line of the page where it begins, from 1.
    pub line: usize,
    /// What has to have been seen of it.
    pub goals: Vec<Goal>,
}

/// A block of commands with what has to come of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The heading that it stands under.
    pub section: String,
    /// The line of the file where its commands begin, from 1.
    pub line: usize,
    /// The paragraph that leads to its commands, as plain text; empty where none stands directly above them.
    pub before: String,
    /// The first paragraph that follows its results and does not lead to the next step, as plain text; empty where there
    /// is none.
    pub after: String,
    /// What a run of it has printed, if the page shows that.
    pub sample: Option<Sample>,
    /// The same in every language.
    pub action: Action,
}

/// What the commands of a step have printed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The line of the page where its block begins, from 1.
    pub line: usize,
    /// Its lines. `...` stands for lines that are left out, where the step's pattern leaves some out.
    pub text: String,
}

/// What a step does and what must be seen of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// What is typed, in order.
    pub commands: Vec<String>,
    /// What is typed in its place by those who have Helm 3; empty where it is the same.
    pub with_helm_3: Vec<String>,
    /// Whether its one command has to fail.
    pub must_fail: bool,
    /// Whether its one command goes on until it is interrupted.
    pub watch: bool,
    /// What has to be printed.
    pub prints: Option<Pattern>,
    /// What is true of the cluster afterwards and was not before.
    pub proofs: Vec<Proof>,
}

/// Lines that a section quotes from a manifest.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The line of the page where its block begins, from 1.
    pub line: usize,
    /// The manifest's path in the clone.
    pub path: PathBuf,
    /// The lines; how far they are indented as a whole does not matter.
    pub lines: Vec<String>,
}

impl Exercise {
    /// All that is typed, in order.
    pub fn commands(&self) -> impl Iterator<Item = &String> {
        self.steps.iter().flat_map(|step| &step.action.commands)
    }
}

impl FromStr for KubernetesVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('.')
            .and_then(|(major, minor)| Some(Self(major.parse().ok()?, minor.parse().ok()?)));
        numbers.ok_or(format!("kubernetes: {text:?} is not like \"1.35\""))
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.0, self.1)
    }
}

impl Excerpt {
    /// Whether the lines stand together in `manifest`.
    #[must_use]
    pub fn stands_in(&self, manifest: &str) -> bool {
        let wanted = unindented(&self.lines.iter().map(String::as_str).collect::<Vec<_>>());
        let lines: Vec<_> = manifest.lines().collect();
        !wanted.is_empty()
            && lines
                .windows(wanted.len())
                .any(|window| unindented(window) == wanted)
    }
}

fn unindented<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .map(|line| line.get(common..).unwrap_or_default().trim_end())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_may_be_indented_less_but_not_changed() {
        let manifest = "spec:\n  a:\n    b: 1\n    c: 2\n";
        let stands = |text: &str| {
            Excerpt {
                line: 1,
                path: PathBuf::new(),
                lines: text.lines().map(str::to_owned).collect(),
            }
            .stands_in(manifest)
        };
        assert!(stands("a:\n  b: 1"));
        assert!(!stands("a:\n  c: 2"));
        assert!(!stands("a:\nb: 1"));
        assert!(!stands(""));
    }
}
