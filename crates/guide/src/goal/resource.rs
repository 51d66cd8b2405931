//! What nodes have, and what quotas and limits are about.

use serde::{Deserialize, Serialize};

use crate::Message;

/// A resource of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Processors.
    Cpu,
    /// Memory.
    Memory,
}

impl Resource {
    /// Its name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// Its name in a sentence.
    #[must_use]
    pub fn said(self) -> Message {
        match self {
            Self::Cpu => Message::Verbatim("CPU".into()),
            Self::Memory => Message::new("goal-memory"),
        }
    }
}
