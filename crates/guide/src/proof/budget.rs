//! How many pods a PodDisruptionBudget lets go now.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{in_namespace, named, place},
};

/// What must be true of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The PodDisruptionBudget.
    pub of: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many pods may be evicted now, 0 or more.
    pub allowed: i32,
}

impl Budget {
    /// That it allows so many evictions.
    #[must_use]
    pub fn says(&self, allowed: i32) -> Message {
        Message::new("budget")
            .with("budget", place(&self.of, self.namespace.as_deref()))
            .with("allowed", allowed)
    }
}

impl Claim for Budget {
    fn validate(&self) -> Result<(), String> {
        named(&self.of, "of: write a PodDisruptionBudget's name")?;
        if self.allowed < 0 {
            return Err("allowed: write 0 or more".into());
        }
        Ok(())
    }

    fn describe(&self) -> Message {
        self.says(self.allowed)
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} describe poddisruptionbudget {}", self.of)]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}
