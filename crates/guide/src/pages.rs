//! The guide's sections, read so that what a learner types is what runs.
//!
//! A section is Markdown. Lines between `---` at its top say what it `teaches` and how many `seconds` a run takes. Every code
//! block has a part; one that would have none is an error:
//!
//! | block | its part |
//! |---|---|
//! | ```` ```sh ```` | the commands of a step, one a line (or more lines, joined by a `\` at their end) |
//! | ```` ```sh fails ```` | one command that has to fail |
//! | ```` ```sh watch ```` | one command that goes on until it is interrupted, which happens when the proof is seen |
//! | ```` ```sh helm-3 ```` | after a block for Helm 4: what is typed with Helm 3 in its place |
//! | ```` ```output ```` | what the commands of the step print: a [`Pattern`](crate::Pattern); a line `Warning: ...` in it may be missing |
//! | ```` ```yaml proof ```` | what is then true of the cluster: a list of [`Proof`](crate::Proof)s, and none of it was true before |
//! | ```` ```yaml goal ```` | what the section's task asks of a person: a list of [`Goal`](crate::Goal)s; no run looks at it |
//! | ```` ```yaml k8s/FILE ```` | lines that stand in that manifest (or `helm/FILE` of a chart), word for word |
//!
//! What a reader is to open on purpose, an answer, a hint or a solution, stands between `<details>` with `<summary>...</summary>` below
//! it and `</details>`, each on a line of its own and with an empty line between this and the text. Blocks in there count as
//! anywhere else. Other HTML is refused.

use std::path::{Path, PathBuf};

use crate::{Exercise, Language, parse};

/// Largest section that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Why a section cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The guide has no such section.
    #[error("there is no exercise {id:?}; the guide has: {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        id: String,
        /// The guide's sections.
        known: Vec<String>,
    },
    /// A file of the guide cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        reason: std::io::Error,
    },
    /// A block, key or line that would not be run.
    #[error("{}:{line}: {message}", path.display())]
    Invalid {
        /// The section's file.
        path: PathBuf,
        /// Where in it, from 1.
        line: usize,
        /// What is wrong, and what to write instead.
        message: String,
    },
}

impl Exercise {
    /// Reads a section of the guide of the clone at `root`.
    ///
    /// # Errors
    /// There is no such section, it cannot be read, or something in it would not be run.
    pub fn load(root: &Path, language: Language, id: &str) -> Result<Self, Error> {
        let known = list(root, language)?;
        if !known.iter().any(|known| known == id) {
            return Err(Error::Unknown {
                id: id.chars().take(40).collect(),
                known,
            });
        }
        let path = Path::new(language.folder()).join(format!("{id}.md"));
        let file = root.join(&path);
        let unreadable = |reason| Error::Unreadable {
            path: file.clone(),
            reason,
        };
        if std::fs::metadata(&file).map_err(unreadable)?.len() > MAX_SIZE {
            return Err(unreadable(std::io::Error::other(
                "larger than 1 MiB, which no section should be",
            )));
        }
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        parse::section(&text, id).map_err(|(line, message)| Error::Invalid { path, line, message })
    }
}

/// The numbers of all sections, in order.
///
/// # Errors
/// The guide's folder cannot be read.
pub fn list(root: &Path, language: Language) -> Result<Vec<String>, Error> {
    let folder = root.join(language.folder());
    let unreadable = |reason| Error::Unreadable {
        path: folder.clone(),
        reason,
    };
    let mut known = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".md"))
            && id.starts_with(|first: char| first.is_ascii_digit())
        {
            known.push(id.to_owned());
        }
    }
    let number = |id: &String| {
        id.split('.')
            .map(|part| part.parse().unwrap_or(u32::MAX))
            .collect::<Vec<_>>()
    };
    known.sort_by_key(number);
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn all(language: Language) -> Vec<Exercise> {
        let ids = list(&root(), language).unwrap();
        ids.iter()
            .map(|id| Exercise::load(&root(), language, id).unwrap_or_else(|error| panic!("{error}")))
            .collect()
    }

    #[test]
    fn both_languages_do_the_same_and_expect_the_same() {
        let (english, korean) = (all(Language::En), all(Language::Ko));
        assert!(!english.is_empty());
        assert_eq!(
            list(&root(), Language::En).unwrap(),
            list(&root(), Language::Ko).unwrap()
        );
        for (en, ko) in english.iter().zip(&korean) {
            let actions = |exercise: &Exercise| {
                exercise
                    .steps
                    .iter()
                    .map(|step| step.action.clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(actions(en), actions(ko), "{}", en.id);
            assert_eq!(en.goals, ko.goals, "{}", en.id);
            assert_eq!(en.excerpts, ko.excerpts, "{}", en.id);
        }
    }

    #[test]
    fn what_is_quoted_from_manifests_stands_there() {
        for exercise in all(Language::En) {
            for excerpt in &exercise.excerpts {
                let manifest = std::fs::read_to_string(root().join(&excerpt.path)).unwrap();
                assert!(
                    excerpt.stands_in(&manifest),
                    "{} does not have: {:#?}",
                    excerpt.path.display(),
                    excerpt.lines
                );
            }
        }
    }

    #[test]
    fn commands_fit_a_narrow_terminal() {
        for exercise in all(Language::En) {
            let lines = exercise
                .steps
                .iter()
                .flat_map(|step| &step.action.commands)
                .flat_map(|command| command.lines());
            for line in lines {
                assert!(line.chars().count() <= 78, "{line}");
            }
        }
    }

    #[test]
    fn an_unknown_exercise_is_answered_with_those_there_are() {
        for id in ["9.9", "", "../en/12.1", "12.1.md", "-1"] {
            let error = Exercise::load(&root(), Language::En, id).unwrap_err().to_string();
            assert!(
                error.contains("the guide has: 12.1") && error.contains(&format!("{id:?}")),
                "{error}"
            );
        }
    }
}
