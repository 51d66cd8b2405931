//! Events, as goals name them.

use serde::{Deserialize, Serialize};

use crate::{Claim, Message, Pattern, claim::in_namespace, claim::named, claim::namespace_named};

/// An event of a reason, for as long as the cluster keeps it: an hour, as it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Its reason, such as `Unhealthy`.
    pub reason: String,
    /// Its message, as a pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
}

impl Told {
    pub(super) fn validate(&self) -> Result<(), String> {
        named(&self.reason, "reason: write an event's reason, such as Unhealthy")?;
        self.says
            .as_ref()
            .map_or(Ok(()), |says| Pattern::parse(says).map(|_| ()))
    }

    pub(super) fn describe(&self) -> Message {
        match &self.says {
            Some(says) => Message::new("object-told-saying").with("says", says.replace("……", "…")),
            None => Message::new("object-told"),
        }
        .with("reason", &self.reason)
    }

    /// Whether this event is one.
    #[must_use]
    pub fn is(&self, reason: &str, message: &str) -> bool {
        let says = self.says.as_ref().map(|says| Pattern::parse(says));
        // What a message quotes may have more than one line.
        let message = message.replace('\n', " ");
        reason == self.reason
            && says.is_none_or(|says| says.is_ok_and(|pattern| pattern.compare([message.trim_end()]).is_ok()))
    }
}

/// An event about something that may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventGoal {
    /// The namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The kind of what it is about, such as `Job`.
    pub kind: String,
    /// The name of that.
    pub name: String,
    /// The event.
    pub told: Told,
}

impl Claim for EventGoal {
    fn validate(&self) -> Result<(), String> {
        namespace_named(self.namespace.as_deref())?;
        named(&self.kind, "kind: write what the event is about, such as Job")?;
        named(&self.name, "name: write the name of what the event is about")?;
        self.told.validate()
    }

    fn describe(&self) -> Message {
        Message::new("goal-event")
            .with("kind", &self.kind)
            .with("name", &self.name)
            .with("told", self.told.describe())
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!(
            "{kubectl} get events --field-selector reason={}",
            self.told.reason
        )]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_by_its_reason_and_its_words() {
        let told = |says: Option<&str>| Told {
            reason: "Unhealthy".into(),
            says: says.map(str::to_owned),
        };
        let message = "Liveness probe failed: Get \"http://10.0.0.1:8080/\": context deadline exceeded\n";
        assert!(told(None).is("Unhealthy", message));
        assert!(told(Some("Liveness probe failed……deadline exceeded……")).is("Unhealthy", message));
        assert!(!told(Some("Liveness probe failed……statuscode……")).is("Unhealthy", message));
        assert!(!told(None).is("Killing", message));
    }
}
