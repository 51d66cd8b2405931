//! A Helm release.

use serde::{Deserialize, Serialize};

use crate::{Claim, Message};

/// How a release that is not there stands in the guide.
const NONE: &str = "none";
/// The states that Helm knows (its documentation of `helm status`).
const STATES: [&str; 9] = [
    "unknown",
    "deployed",
    "uninstalled",
    "superseded",
    "failed",
    "uninstalling",
    "pending-install",
    "pending-upgrade",
    "pending-rollback",
];

/// What its newest revision must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// The number of the newest revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// Its state, as `helm status` has it; `none`: there is no such release.
    pub status: String,
    /// A state that an earlier revision has, such as `failed` where an upgrade was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Release {
    /// The state it has to have; none if it must not be there.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        (self.status != NONE).then_some(self.status.as_str())
    }

    /// That the release has this revision and this state.
    #[must_use]
    pub fn says(&self, revision: Option<u32>, state: Option<&str>) -> Message {
        let message = match (state, revision) {
            (None, _) => Message::new("release-none"),
            (Some(state), Some(revision)) => Message::new("release-revision")
                .with("revision", revision)
                .with("state", state),
            (Some(state), None) => Message::new("release").with("state", state),
        };
        message.with("release", &self.name)
    }
}

impl Claim for Release {
    fn validate(&self) -> Result<(), String> {
        let known = STATES.contains(&self.status.as_str()) || self.status == NONE;
        if !known {
            let states = STATES.join(", ");
            return Err(format!("status: {:?} is none of {states}, {NONE}", self.status));
        }
        if let Some(after) = self
            .after
            .as_ref()
            .filter(|after| !STATES.contains(&after.as_str()))
        {
            return Err(format!("after: {after:?} is none of {}", STATES.join(", ")));
        }
        if self.revision.is_some() && self.status == NONE {
            return Err("revision: a release that is not there has none".into());
        }
        Ok(())
    }

    fn describe(&self) -> Message {
        self.says(self.revision, self.state())
    }

    fn look_at(&self, _: &str) -> Vec<String> {
        vec![format!("helm history {}", self.name)]
    }

    fn is_absence(&self) -> bool {
        self.state().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_those_of_helm() {
        let check = |revision, status: &str| {
            let name = "todo-list".into();
            let status = status.into();
            Release {
                name,
                revision,
                status,
                after: None,
            }
            .validate()
        };
        assert!(check(None, "ok").is_err());
        assert!(check(Some(1), NONE).is_err());
        assert!(check(Some(1), "deployed").is_ok());
    }
}
