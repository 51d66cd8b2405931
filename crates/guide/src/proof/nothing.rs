//! That nothing with a label is left.

use serde::{Deserialize, Serialize};

use crate::{Claim, Message};

/// What must be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {
    /// The label, as `key=value`.
    pub label: String,
    /// Whether to look beyond the namespace of the commands, at objects that are in none: namespaces, first of all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cluster: bool,
}

impl Claim for Nothing {
    fn validate(&self) -> Result<(), String> {
        match self.label.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok(()),
            _ => Err(format!("label: {:?} is not key=value", self.label)),
        }
    }

    fn describe(&self) -> Message {
        let message = if self.cluster {
            Message::new("nothing-anywhere")
        } else {
            Message::new("nothing-in-namespace")
        };
        message.with("label", &self.label)
    }

    fn seen(&self, _: &Message) -> Message {
        self.describe()
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        vec![format!(
            "{kubectl} get all,secret,configmap,pvc,ns,resourcequota -l {}",
            self.label
        )]
    }

    fn is_absence(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_a_key_and_a_value() {
        for label in ["", "kiamol", "=ch12", "kiamol="] {
            let check = Nothing {
                label: label.into(),
                cluster: true,
            };
            assert!(check.validate().is_err(), "{label}");
        }
    }
}
