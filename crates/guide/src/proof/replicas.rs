//! A Deployment's newest ReplicaSet: how many pods it wants, how many it has, and why it has no more.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{in_namespace, named, place},
};

/// What must be true of it, all at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replicas {
    /// The Deployment.
    pub of: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many pods are wanted, 0 or more.
    pub wanted: i32,
    /// How many there are, 0 or more.
    pub there: i32,
    /// Part of the API server's refusal to make more; without it nothing may have been refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Replicas {
    /// The Deployment with its namespace.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.of, self.namespace.as_deref())
    }
}

impl Claim for Replicas {
    fn validate(&self) -> Result<(), String> {
        named(&self.of, "of: write a Deployment's name")?;
        if self.wanted < 0 || self.there < 0 {
            return Err("wanted and there: write 0 or more".into());
        }
        Ok(())
    }

    fn describe(&self) -> Message {
        let message = match &self.refused {
            Some(refused) => Message::new("replicas-refused").with("refusal", refused),
            None => Message::new("replicas"),
        };
        message
            .with("deployment", self.place())
            .with("there", self.there)
            .with("wanted", self.wanted)
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} describe replicaset")]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}
