//! A Service that answers callers from outside.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{in_namespace, named, namespace_named, place},
    proof::Answers,
};

/// What callers at a Service's outside address get, all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswersGoal {
    /// The namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The Service.
    pub service: String,
    /// The path that is asked for.
    pub get: String,
    /// The HTTP status.
    pub status: u16,
    /// What stands in the answer, so that nobody else's does for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
}

impl AnswersGoal {
    /// The Service with its namespace.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.service, self.namespace.as_deref())
    }
}

impl Claim for AnswersGoal {
    fn validate(&self) -> Result<(), String> {
        namespace_named(self.namespace.as_deref())?;
        named(&self.service, "service: write a Service's name")?;
        if !(200..=599).contains(&self.status) {
            return Err("status: write an HTTP status, 200 to 599".into());
        }
        if self.holds.as_ref().is_some_and(String::is_empty) {
            return Err("holds: write something, or leave it out".into());
        }
        let (get, answers) = (self.get.clone(), vec![self.status]);
        Answers { get, answers }.validate()
    }

    fn describe(&self) -> Message {
        let message = match &self.holds {
            Some(holds) => Message::new("goal-answers-with").with("holds", holds),
            None => Message::new("goal-answers"),
        };
        message
            .with("url", format!("{}{}", self.place(), self.get))
            .with("status", u32::from(self.status))
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} describe service {}", self.service)]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    fn calls_from_outside(&self) -> bool {
        true
    }
}
