//! What can stop a run.

use super::Signal;

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster does not answer, or stopped to.
    #[error("the cluster of context {context:?} does not answer: {reason}; is it running?")]
    Unreachable {
        /// The kubeconfig's context.
        context: String,
        /// What the client said.
        reason: String,
    },
    /// The cluster refused something that every run needs.
    #[error("the cluster refused to {action}: {reason}")]
    Refused {
        /// What was asked for.
        action: &'static str,
        /// What it said.
        reason: String,
    },
    /// A program is missing.
    #[error("the exercise needs `{0}`, which is not on the PATH; install it and run again")]
    NoProgram(String),
    /// The kubeconfig has no context to use.
    #[error("the kubeconfig has no context {0:?}; `kubectl config get-contexts` lists them")]
    NoContext(String),
    /// Namespaces that the exercise would change or delete are there already.
    #[error(
        "there already: namespace {namespaces}, which this exercise makes or deletes itself; it was left as it is. Yours by \
         hand: `lab reset` removes what the chapter made. Another run's: wait for its end"
    )]
    InTheWay {
        /// Their names.
        namespaces: String,
    },
    /// Another run makes or deletes what this one makes or deletes.
    #[error(
        "another run is under way, in namespace {namespace}, and makes or deletes the same namespaces as this one, which \
         changed nothing; wait for its end. If it was killed: kubectl delete namespace {namespace}"
    )]
    AnotherRun {
        /// Its namespace.
        namespace: String,
    },
    /// A helm that does not print what the guide shows.
    #[error(
        "`helm version` says {0:?}; before 3.18 Helm does not print what hooks say, which the exercise needs: update it"
    )]
    OldHelm(String),
    /// A helm whose commands are not known.
    #[error("`helm version` says {0:?}; the guide has commands for Helm 3 and Helm 4")]
    UnknownHelm(String),
    /// The folder to run in could not be made.
    #[error("cannot prepare a folder to run in: {0}")]
    Folder(#[from] std::io::Error),
    /// Something that the run made is still there.
    #[error(
        "still there: namespace {namespaces}: {reason}\nDelete it: kubectl --context {context} delete namespace {namespaces}"
    )]
    LeftBehind {
        /// Their names.
        namespaces: String,
        /// The kubeconfig's context.
        context: String,
        /// Why.
        reason: String,
    },
    /// A signal came.
    #[error("interrupted by {}", .0.name())]
    Interrupted(Signal),
}
