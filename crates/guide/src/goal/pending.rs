//! More than the nodes have.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{each_namespace, here_or_all, in_namespace, named},
};

/// In one of some namespaces a pod has no node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingGoal {
    /// The namespaces; none: that of the commands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Part of what the scheduler says of it, such as `Insufficient cpu`.
    pub reason: String,
}

impl Claim for PendingGoal {
    fn validate(&self) -> Result<(), String> {
        named(
            &self.reason,
            "reason: write what the scheduler says, such as Insufficient cpu",
        )?;
        each_namespace(&self.namespaces)
    }

    fn describe(&self) -> Message {
        Message::new("goal-pending")
            .with("namespaces", here_or_all(&self.namespaces))
            .with("reason", &self.reason)
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let first = self.namespaces.first().map(String::as_str);
        let kubectl = in_namespace(kubectl, first);
        vec![
            format!("{kubectl} get pods"),
            format!("{kubectl} get events --field-selector reason=FailedScheduling"),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespaces.first().map(String::as_str)
    }
}
