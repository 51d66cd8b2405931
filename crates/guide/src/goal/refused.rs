//! More pods than a quota lets there be.

use serde::{Deserialize, Serialize};

use super::resource::Resource;
use crate::{
    Claim, Message,
    claim::{each_namespace, here_or_all, in_namespace},
};

/// In one of some namespaces a controller wants more pods than it has, because a quota refuses them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedGoal {
    /// The namespaces; none: that of the commands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// What there was not enough of.
    pub resource: Resource,
    /// How many pods the controller has, at least, 1 to 110: a quota that refuses before is too small for the task.
    pub beyond: usize,
}

impl Claim for RefusedGoal {
    fn validate(&self) -> Result<(), String> {
        if !(1..=110).contains(&self.beyond) {
            return Err("beyond: write 1 to 110".into());
        }
        each_namespace(&self.namespaces)
    }

    fn describe(&self) -> Message {
        Message::new("goal-refused")
            .with("namespaces", here_or_all(&self.namespaces))
            .with("resource", self.resource.said())
            .with("beyond", self.beyond)
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let first = self.namespaces.first().map(String::as_str);
        let kubectl = in_namespace(kubectl, first);
        vec![format!(
            "{kubectl} get events --field-selector reason=FailedCreate"
        )]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespaces.first().map(String::as_str)
    }
}
