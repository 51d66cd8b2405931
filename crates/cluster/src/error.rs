//! The errors, each with a message that tells the reader what to do next.

use std::{fmt, path::PathBuf, time::Duration};

use crate::typed::command;

/// How long the supervisor, or the API server, may take to answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A reason why the cluster cannot run on this machine.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The problem, in a sentence.
    pub what: String,
    /// Its cure, in a sentence.
    pub cure: String,
}

/// Why the cluster is not in the state that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value outside of what is allowed.
    #[error("{what} {} is not possible; allowed: {allowed}", quoted(.value))]
    Invalid {
        /// The kind of value, such as "network".
        what: &'static str,
        /// The value.
        value: String,
        /// The values that are accepted.
        allowed: String,
    },
    /// The machine cannot run the cluster.
    #[error("this machine cannot run the embedded cluster yet:\n{}\nAlternatively, use a cluster that you already have: `lab up --context NAME`.", list(.0))]
    Machine(Vec<Problem>),
    /// Another process is changing the same cluster.
    #[error(
        "another `lab up` or `lab down` is at work on this cluster; wait until it is done ({0} is locked)"
    )]
    Busy(PathBuf),
    /// Another process is building in the same cache.
    #[error("another `lab up` is building; wait until it is done ({0} is locked)")]
    Building(PathBuf),
    /// The builds to be removed are in use.
    #[error("the cluster {0:?} uses these builds; run `lab --name {0} down` first, or leave out --purge")]
    InUse(String),
    /// The supervisor was called by hand.
    #[error(
        "`lab up` starts `lab supervise` in the namespaces of the cluster {0:?}; it is not for a person to call"
    )]
    Outside(String),
    /// Another program failed.
    #[error(transparent)]
    Command(#[from] programs::Failed),
    /// A file could not be read or written.
    #[error("{action} {path}: {reason}")]
    File {
        /// The attempt, such as "reading".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        reason: std::io::Error,
    },
    /// A condition did not come true in time.
    #[error("{what} did not happen within {} s; {look}", .within.as_secs())]
    Timeout {
        /// The condition.
        what: String,
        /// The time that it had.
        within: Duration,
        /// Advice on where to look.
        look: String,
    },
    /// A component's program cannot be run.
    #[error(
        "{component} {reason}. The cluster tries again every few seconds; once that is mended, `lab up` goes on"
    )]
    Unstartable {
        /// The component.
        component: String,
        /// What the operating system says, with the program.
        reason: String,
    },
    /// There is no way to the API server.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// A certificate could not be made.
    #[error("making the cluster's certificates: {0}")]
    Certificates(#[from] rcgen::Error),
    /// The API server refused a request, or did not answer it.
    #[error("asking the API server: {0}; `lab logs kube-apiserver` shows its side")]
    Api(#[from] Box<kube::Error>),
    /// The cluster is not running.
    #[error("the cluster {0:?} is not running; `{up}` starts it{hint}", up = command(.0, "up"), hint = seen_by_root())]
    NotRunning(String),
    /// The cluster is there, and a part of it that every command needs does not answer.
    #[error(
        "the cluster {name:?} is there, but {part} does not answer ({}); `{}` says more",
        because(.reason.as_deref()),
        command(.name, .part.look())
    )]
    Silent {
        /// The cluster's name.
        name: String,
        /// Which part.
        part: Part,
        /// Why, unless it was just not heard for [`ANSWER_WITHIN`](crate::ANSWER_WITHIN).
        reason: Option<String>,
    },
}

/// A part of a cluster that commands ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What starts and restarts the components.
    Supervisor,
    /// Kubernetes' API server.
    ApiServer,
}

impl Part {
    /// What a person types to see more of it.
    const fn look(self) -> &'static str {
        match self {
            Self::Supervisor => "logs supervisor",
            Self::ApiServer => "status",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Supervisor => "its supervisor",
            Self::ApiServer => "its API server",
        })
    }
}

fn because(reason: Option<&str>) -> String {
    match reason {
        Some(reason) => reason.into(),
        None => format!("within {} s", ANSWER_WITHIN.as_secs()),
    }
}

impl Error {
    /// The command that a person types next, where there is one.
    #[must_use]
    pub fn cure(&self) -> Option<String> {
        match self {
            Self::NotRunning(name) => Some(command(name, "up")),
            Self::Silent { name, part, .. } => Some(command(name, part.look())),
            _ => None,
        }
    }
}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::Api(Box::new(error))
    }
}

/// The most letters of a value that an error repeats.
const MOST_REPEATED: usize = 200;

/// A value in quotes, on one line; of a long one the beginning.
pub(crate) fn quoted(value: &str) -> String {
    match value.char_indices().nth(MOST_REPEATED) {
        Some((end, _)) => format!("{:?}... ({} bytes)", &value[..end], value.len()),
        None => format!("{value:?}"),
    }
}

fn seen_by_root() -> &'static str {
    if rustix::process::geteuid().is_root() {
        ""
    } else {
        " (only root can see and use a cluster that root started)"
    }
}

fn list(problems: &[Problem]) -> String {
    let lines = problems
        .iter()
        .map(|Problem { what, cure }| format!("  - {what}\n    {cure}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_repeated_on_one_line_and_not_at_any_length() {
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
        assert_eq!(quoted(&"ä".repeat(200)), format!("{:?}", "ä".repeat(200)));
        let long = quoted(&"ä".repeat(5000));
        assert_eq!(long, format!("{:?}... (10000 bytes)", "ä".repeat(200)));
    }
}
