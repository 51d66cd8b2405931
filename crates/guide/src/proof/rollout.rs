//! How far a Deployment's update has come.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{in_namespace, named, place},
};

/// What must be true of it, all at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// The Deployment.
    pub of: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many pods are of the newest version, 0 or more.
    pub updated: i32,
    /// How many pods, of any version, are available, 0 or more.
    pub available: i32,
    /// Whether all pods are of the newest version, available, and no others are left.
    pub done: bool,
    /// The number of the newest version at least. Each change of the pod template is one more, also a change back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

impl Rollout {
    /// The Deployment with its namespace.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.of, self.namespace.as_deref())
    }
}

impl Claim for Rollout {
    fn validate(&self) -> Result<(), String> {
        named(&self.of, "of: write a Deployment's name")?;
        if self.updated < 0 || self.available < 0 {
            return Err("updated and available: write 0 or more".into());
        }
        Ok(())
    }

    fn describe(&self) -> Message {
        let state = if self.done {
            Message::new("rollout-done")
        } else {
            Message::new("rollout-not-done")
        };
        let message = match self.revision {
            Some(revision) => Message::new("rollout-revision").with("revision", revision),
            None => Message::new("rollout"),
        };
        message
            .with("deployment", self.place())
            .with("state", state)
            .with("updated", self.updated)
            .with("available", self.available)
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![
            format!("{kubectl} get deployment,replicaset"),
            format!("{kubectl} describe deployment {}", self.of),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}
