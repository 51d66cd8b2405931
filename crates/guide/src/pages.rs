//! The guide's sections, read so that what a learner types is what runs.
//!
//! A section is a page of Markdown in each language, `guide/LANGUAGE/N.md`. Every code block has a part; one that would have none is
//! an error:
//!
//! | block | its part |
//! |---|---|
//! | ```` ```sh ```` | the commands of a step, one a line (or more lines, joined by a `\` at their end) |
//! | ```` ```sh fails ```` | one command that has to fail; the text beside it says so |
//! | ```` ```sh watch ```` | one command that goes on until it is interrupted (the text beside it says how), which happens when the proof is seen |
//! | ```` ```sh helm-3 ```` | after a block for Helm 4: what is typed with Helm 3 in its place |
//! | ```` ```output ```` | what the commands of the step printed in a real run, `...` for what is left out |
//! | ```` ```yaml ```` | lines that stand, word for word, in the manifest whose name, a link to it, is the paragraph above |
//!
//! What a reader is to open on purpose, an answer, a hint or a solution, stands between `<details>` with `<summary>...</summary>` below
//! it and `</details>`, each on a line of its own and with an empty line between this and the text. Blocks in there count as
//! anywhere else. Other HTML is refused.
//!
//! Below the heading "Try it yourself" stands what a reader may do without commands to copy: one item, or a numbered list of them. Below
//! each, and outside of its answer, stands the command that checks it, `` `cargo lab check N --try 1` ``, with the item's number (in Korean with `--lang ko`).
//!
//! What comes of the steps is not for readers, and the same in all languages: it stands in `guide/proofs/N.yaml`.
//!
//! | key | what it says |
//! |---|---|
//! | `teaches` | what the section teaches, a sentence for each language |
//! | `seconds` | how long a run takes |
//! | `kubernetes` | the first version of Kubernetes that has all that it shows, as in `"1.35"`; none where the chapter's own will do |
//! | `steps` | a list in the order of the page's steps |
//! | `tries` | what has to be seen of each item of "Try it yourself", in their order: a list of entries with `goals` |
//!
//! Each entry of the list begins with the commands of its step, so that it is found and cannot be that of another. A step
//! needs one, unless it has to fail and nothing else is said of it.
//!
//! | key of an entry | what it says |
//! |---|---|
//! | `step` | the commands, as the page has them |
//! | `prints` | what has to be printed: a [`Pattern`](crate::Pattern). `…` stands for a word or part of one, `……` for any text in the line, `#` for a number, a line `...` for any number of lines, and ` \| ` stands between two forms of a line; a line `Warning: ...` may be missing |
//! | `proofs` | what is then true of the cluster: a list of [`Proof`](crate::Proof)s, and none of it was true before |
//! | `goals` | what the page asks of a person after this step: a list of [`Goal`](crate::Goal)s; no run looks at it |

use std::path::{Path, PathBuf};

use crate::{
    Exercise, Language, Step,
    parse::{self, Wrong},
    results,
};

/// Where, in the clone, stands what comes of the steps.
pub(crate) const PROOFS: &str = "guide/proofs";

/// Largest file that is read, in bytes.
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
        /// The file, in the clone.
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
        let page = File::page(root, language, id)?;
        let proofs = File::read(root, Path::new(PROOFS).join(format!("{id}.yaml")))?;
        let steps = parse::page(&page.text, language).map_err(|fault| page.invalid(fault))?;
        let results = results::read(&proofs.text).map_err(|fault| proofs.invalid(fault))?;
        results.of(steps, id, language).map_err(|wrong| match wrong {
            Wrong::Page(fault) => page.invalid(fault),
            Wrong::Results(fault) => proofs.invalid(fault),
        })
    }
}

/// A file of the guide.
struct File {
    /// In the clone.
    path: PathBuf,
    text: String,
}

impl File {
    fn page(root: &Path, language: Language, id: &str) -> Result<Self, Error> {
        Self::read(root, Path::new(language.folder()).join(format!("{id}.md")))
    }

    fn read(root: &Path, path: PathBuf) -> Result<Self, Error> {
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
        Ok(Self { path, text })
    }

    fn invalid(&self, (line, message): parse::Fault) -> Error {
        let path = self.path.clone();
        Error::Invalid { path, line, message }
    }
}

/// The steps of a page as it stands, whether or not that is what comes of them: without patterns and proofs.
///
/// # Errors
/// The page cannot be read, or something in it would not be run.
pub fn steps(root: &Path, language: Language, id: &str) -> Result<Vec<Step>, Error> {
    let page = File::page(root, language, id)?;
    let read = parse::page(&page.text, language).map_err(|fault| page.invalid(fault))?;
    Ok(read.steps)
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

    #[test]
    fn commands_fit_a_narrow_terminal() {
        for id in list(&root(), Language::En).unwrap() {
            let exercise = Exercise::load(&root(), Language::En, &id).unwrap();
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
