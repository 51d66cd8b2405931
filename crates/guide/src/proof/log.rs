//! The last line that pods logged.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message, Pattern,
    claim::{in_namespace, place},
};

/// What the last line must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The pods: a label selector. One pod has to match in one line at least.
    pub of: String,
    /// Their namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The line, as a pattern.
    pub last: String,
    /// Whether the pattern's first number is greater than in the line before that matched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grows: bool,
}

impl Claim for Log {
    fn validate(&self) -> Result<(), String> {
        let pattern = Pattern::parse(&self.last)?;
        if self.grows && !pattern.has_number() {
            return Err(format!("grows: {:?} has no # that could grow", self.last));
        }
        Ok(())
    }

    fn describe(&self) -> Message {
        let message = if self.grows {
            Message::new("log-grows")
        } else {
            Message::new("log")
        };
        message
            .with("pods", place(&self.of, self.namespace.as_deref()))
            .with("line", &self.last)
    }

    fn seen(&self, line: &Message) -> Message {
        Message::new("log")
            .with("pods", place(&self.of, self.namespace.as_deref()))
            .with("line", line.clone())
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} logs -l {} --tail 5 --prefix", self.of)]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}
