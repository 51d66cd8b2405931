//! What can stop a run.

use std::fmt;

use access::{Access, plainly};
use guide::{Language, Message};

use super::stop::Signal;

/// Why a run could not go on.
#[derive(Debug)]
pub enum Error {
    /// There is no way to the cluster, or not any more.
    Access(access::Error),
    /// The cluster refused something that every run needs.
    Refused {
        /// What was asked for.
        action: Message,
        /// What it said.
        reason: Message,
    },
    /// A program is missing.
    NoProgram(String),
    /// Namespaces that the exercise would change or delete are there already.
    InTheWay {
        /// Their names.
        namespaces: String,
    },
    /// Namespaces that the exercise would change or delete are being deleted: their names.
    Going(String),
    /// PriorityClasses that the exercise would change are there already: their names.
    ClassInTheWay(String),
    /// Another run makes or deletes what this one makes or deletes, or takes a port that it needs.
    AnotherRun {
        /// Its namespace.
        namespace: String,
    },
    /// A helm that does not print what the guide shows.
    OldHelm(String),
    /// A helm whose commands are not known.
    UnknownHelm(String),
    /// The folder to run in could not be made.
    Folder(std::io::Error),
    /// Something that the run made is still there.
    LeftBehind {
        /// Their names.
        namespaces: String,
        /// The kubeconfig's context.
        context: String,
        /// Why.
        reason: Message,
    },
    /// The cluster did not say whether it made the run's namespace.
    MaybeMade {
        /// Its name.
        namespace: String,
        /// The kubeconfig's context.
        context: String,
        /// What the client said.
        reason: String,
    },
    /// A signal came.
    Interrupted(Signal),
}

impl Error {
    /// A cluster that answers no, or one that does not answer.
    pub(super) fn refused(access: &Access, action: Message, error: &kube::Error) -> Self {
        let reason = plainly(error);
        if matches!(error, kube::Error::Api(_)) {
            let reason = Message::Verbatim(reason);
            return Self::Refused { action, reason };
        }
        let context = access.context.clone();
        Self::Access(access::Error::Unreachable { context, reason })
    }

    /// The error as a sentence.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Access(error) => no_way(error),
            Self::Refused { action, reason } => Message::new("error-refused")
                .with("action", action.clone())
                .with("reason", reason.clone()),
            Self::NoProgram(program) => Message::new("error-no-program").with("program", program),
            Self::InTheWay { namespaces } => Message::new("error-in-the-way").with("namespaces", namespaces),
            Self::Going(namespaces) => Message::new("error-going").with("namespaces", namespaces),
            Self::ClassInTheWay(classes) => Message::new("error-class-in-the-way").with("classes", classes),
            Self::AnotherRun { namespace } => Message::new("error-another-run").with("namespace", namespace),
            Self::OldHelm(version) => Message::new("error-old-helm").with("version", format!("{version:?}")),
            Self::UnknownHelm(version) => {
                Message::new("error-unknown-helm").with("version", format!("{version:?}"))
            }
            Self::Folder(reason) => Message::new("error-folder").with("reason", reason.to_string()),
            Self::LeftBehind {
                namespaces,
                context,
                reason,
            } => Message::new("error-left-behind")
                .with("namespaces", namespaces)
                .with("context", context)
                .with("reason", reason.clone()),
            Self::MaybeMade {
                namespace,
                context,
                reason,
            } => Message::new("error-maybe-made")
                .with("namespace", namespace)
                .with("context", context)
                .with("reason", reason),
            Self::Interrupted(signal) => Message::new("error-interrupted").with("signal", signal.name()),
        }
    }
}

/// Why there is no way to a cluster, as a sentence.
#[must_use]
pub fn no_way(error: &access::Error) -> Message {
    let quoted = |context: &String| format!("{context:?}");
    match error {
        access::Error::Unreachable { context, reason } => Message::new("error-unreachable")
            .with("context", quoted(context))
            .with("reason", reason),
        access::Error::Refused { context, reason } => Message::new("error-user-refused")
            .with("context", quoted(context))
            .with("reason", reason),
        access::Error::NoContext { context, known } if known.is_empty() => {
            Message::new("error-no-contexts").with("context", quoted(context))
        }
        access::Error::NoContext { context, known } => Message::new("error-no-context")
            .with("context", quoted(context))
            .with("known", known.join(", ")),
        access::Error::Kubeconfig(reason) => Message::new("error-kubeconfig").with("reason", reason),
        access::Error::Invalid { context, reason } => Message::new("error-context")
            .with("context", quoted(context))
            .with("reason", reason),
        access::Error::Plugin { plugin, reason } => Message::new("error-plugin")
            .with("plugin", format!("{plugin:?}"))
            .with("reason", reason),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&Language::En.tell(&self.message()))
    }
}

impl std::error::Error for Error {}

impl From<access::Error> for Error {
    fn from(error: access::Error) -> Self {
        Self::Access(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Folder(error)
    }
}
