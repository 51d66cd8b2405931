//! What can go wrong, said so that the reader knows what to do next.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use crate::Missing;

/// Why the cluster is not as it was asked to be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person asked for something that does not exist.
    #[error("{what} {value:?} is not possible; allowed: {allowed}")]
    Invalid {
        /// What was asked for.
        what: &'static str,
        /// The value given.
        value: String,
        /// What would have been accepted.
        allowed: &'static str,
    },
    /// The machine lacks something.
    #[error("this machine cannot run the embedded cluster yet:\n{}\nThe other way open: a cluster you already have, with `lab up --context NAME`.", list(.0))]
    Requirements(Vec<Missing>),
    /// Another `lab` is at work on the same cluster.
    #[error(
        "another `lab up` or `lab down` is at work on this cluster; wait until it is done ({0} is locked)"
    )]
    Busy(PathBuf),
    /// Another `lab` builds in the same cache.
    #[error("another `lab up` builds at this moment; wait until it is done ({0} is locked)")]
    Building(PathBuf),
    /// What is to be removed is in use.
    #[error("the cluster {0:?} runs on these builds; `lab --name {0} down` first, or leave out --purge")]
    InUse(String),
    /// The supervisor was called by hand.
    #[error(
        "`lab supervise` is what `lab up` starts in the namespaces of the cluster {0:?}; it is not for a person to call"
    )]
    Outside(String),
    /// A program that was called failed.
    #[error("`{command}` failed ({outcome}):\n{output}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit status, or why it did not start.
        outcome: String,
        /// The last lines that it printed.
        output: String,
    },
    /// A file could not be read or written.
    #[error("{action} {path}: {reason}")]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A condition did not come true in time.
    #[error("{what} did not happen within {} s; {look}", .within.as_secs())]
    Timeout {
        /// The condition.
        what: String,
        /// How long it was waited for.
        within: Duration,
        /// Where to look.
        look: String,
    },
    /// A certificate could not be made.
    #[error("making the cluster's certificates: {0}")]
    Certificates(#[from] rcgen::Error),
    /// The API server answered oddly.
    #[error("asking the API server: {0}; `lab logs kube-apiserver` shows its side")]
    Api(#[from] Box<kube::Error>),
    /// The cluster is not running.
    #[error("the cluster {0:?} is not running; `lab up` starts it{hint}", hint = seen_by_root())]
    NotRunning(String),
}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::Api(Box::new(error))
    }
}

fn seen_by_root() -> &'static str {
    if rustix::process::geteuid().is_root() {
        ""
    } else {
        " (one that root has started can be seen and used by root only)"
    }
}

fn list(missing: &[Missing]) -> String {
    let mut text = String::new();
    for Missing { what, cure } in missing {
        // Writing to a string cannot fail.
        let _ = write!(text, "  - {what}\n    {cure}\n");
    }
    text.truncate(text.trim_end().len());
    text
}
