//! A namespace's share of what the nodes have.

use serde::{Deserialize, Serialize};

use super::resource::Resource;
use crate::{
    Claim, Message,
    claim::{here, in_namespace, namespace_named},
};

/// A share that quotas give a namespace, on limits or on requests, under any name; several that together bind count as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaGoal {
    /// The namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What is shared.
    pub resource: Resource,
    /// How much of what the nodes have, 1 to 100; one hundredth of it more or less is as good.
    pub percent: u8,
}

impl Claim for QuotaGoal {
    fn validate(&self) -> Result<(), String> {
        if !(1..=100).contains(&self.percent) {
            return Err("percent: write 1 to 100".into());
        }
        namespace_named(self.namespace.as_deref())
    }

    fn describe(&self) -> Message {
        Message::new("goal-quota")
            .with("namespace", here(self.namespace.as_deref()))
            .with("percent", u32::from(self.percent))
            .with("resource", self.resource.said())
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let inside = in_namespace(kubectl, self.namespace.as_deref());
        vec![
            format!("{inside} describe resourcequota"),
            format!("{kubectl} describe nodes"),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}
