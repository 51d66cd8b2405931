//! Something that is not as an exercise wants it.

use guide::{Message, ObjectName};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub message: Message,
    /// Whether it is wrong for certain. Otherwise it is a fact that may explain what is missing, and may be wanted.
    pub wrong: bool,
}

impl Finding {
    pub(crate) fn wrong(message: Message) -> Self {
        Self { message, wrong: true }
    }

    pub(crate) fn fact(message: Message) -> Self {
        Self {
            message,
            wrong: false,
        }
    }
}

/// `Deployment numbers-api`, with its namespace where it names one.
pub(crate) fn title(name: &ObjectName) -> String {
    match &name.namespace {
        Some(namespace) => format!("{} {namespace}/{}", name.kind, name.name),
        None => format!("{} {}", name.kind, name.name),
    }
}
