//! Pods that are ready, whatever made them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{in_namespace, named, namespace_named, place},
};

/// The most pods that a task may ask for: as many as a node takes.
const MOST: usize = 110;

/// At least so many ready pods behind a Service, or with labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadGoal {
    /// The namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The Service whose selector they match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// In its place, their labels, as `key=value`, with commas between several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// How many of them are ready, at least, 1 to 110.
    pub ready: usize,
}

impl WorkloadGoal {
    /// The Service or the labels, with the namespace.
    #[must_use]
    pub fn place(&self) -> String {
        let of = self.service.as_ref().or(self.selector.as_ref());
        place(of.map_or("", String::as_str), self.namespace.as_deref())
    }

    /// The labels that it names itself.
    #[must_use]
    pub fn labels(&self) -> Option<BTreeMap<String, String>> {
        labels(self.selector.as_deref()?)
    }
}

impl Claim for WorkloadGoal {
    fn validate(&self) -> Result<(), String> {
        namespace_named(self.namespace.as_deref())?;
        if !(1..=MOST).contains(&self.ready) {
            return Err(format!("ready: write 1 to {MOST}"));
        }
        match (&self.service, &self.selector) {
            (Some(service), None) => named(service, "service: write a Service's name"),
            (None, Some(selector)) if labels(selector).is_some() => Ok(()),
            (None, Some(selector)) => Err(format!(
                "selector: {selector:?} is not key=value, or several of them"
            )),
            _ => Err("write either service or selector".into()),
        }
    }

    fn describe(&self) -> Message {
        Message::new("goal-workload")
            .with("place", self.place())
            .with("count", self.ready)
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![
            format!("{kubectl} get all --show-labels"),
            format!("{kubectl} get events --field-selector reason=FailedCreate"),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// `a=b,c=d`.
pub(super) fn labels(selector: &str) -> Option<BTreeMap<String, String>> {
    let good = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        !part.is_empty() && part.chars().all(plain)
    };
    let label = |label: &str| {
        let (key, value) = label.trim().split_once('=')?;
        (good(key) && good(value)).then(|| (key.to_owned(), value.to_owned()))
    };
    selector.split(',').map(label).collect()
}
