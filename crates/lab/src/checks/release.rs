//! A Helm release, by the Secrets in which Helm 3 and Helm 4 keep it.

use k8s_openapi::api::core::v1::Secret;
use kube::{ResourceExt, api::ListParams};
use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, say};
use crate::guide::Language;

/// How a release that is not there stands in the guide.
const NONE: &str = "none";
/// The states that Helm knows (its documentation of `helm status`), and ours for no release.
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
}

impl Kind for Release {
    /// The newest revision and its state.
    type Facts = Option<(u32, String)>;

    fn validate(&self) -> Result<(), String> {
        let known = STATES.contains(&self.status.as_str()) || self.status == NONE;
        if !known {
            let states = STATES.join(", ");
            return Err(format!("status: {:?} is none of {states}, {NONE}", self.status));
        }
        if self.revision.is_some() && self.status == NONE {
            return Err("revision: a release that is not there has none".into());
        }
        Ok(())
    }

    fn describe(&self, language: Language) -> String {
        let there = self.revision.map_or_else(
            || (None, self.status.clone()),
            |revision| (Some(revision), self.status.clone()),
        );
        self.sentence(language, there)
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        let selector = ListParams::default().labels(&format!("owner=helm,name={}", self.name));
        let secrets = view.api::<Secret>(None).list(&selector).await?;
        let revision = |secret: &Secret| {
            let labels = secret.labels();
            Some((
                labels.get("version")?.parse().ok()?,
                labels.get("status")?.clone(),
            ))
        };
        Ok(secrets.iter().filter_map(revision).max())
    }

    fn judge(&self, newest: &Self::Facts, language: Language) -> Verdict {
        let (revision, status) = newest
            .clone()
            .map_or((None, NONE.to_owned()), |(revision, status)| {
                (Some(revision), status)
            });
        let holds = status == self.status && (self.revision.is_none() || revision == self.revision);
        let name = &self.name;
        let observed = self.sentence(language, (revision, status.clone()));
        Verdict::new(holds, observed, || {
            if status == NONE {
                say(
                    language,
                    format!(
                        "There is no release {name} in this namespace: helm list -a shows those there are."
                    ),
                    format!("이 네임스페이스에 {name} 릴리스가 없습니다. helm list -a로 있는 것을 보세요."),
                )
            } else if status.starts_with("pending") {
                say(
                    language,
                    format!(
                        "Helm is at work, or was interrupted. If no helm runs any more: helm rollback {name}, or \
                         uninstall and install again."
                    ),
                    format!(
                        "Helm이 작업 중이거나 중간에 끊겼습니다. 실행 중인 helm이 없다면 helm rollback {name}을 하거나, \
                         지우고 다시 설치하세요."
                    ),
                )
            } else {
                say(
                    language,
                    format!("helm history {name} tells what was tried, and what came of it."),
                    format!("무엇을 시도했고 어떻게 되었는지는 helm history {name}에 나옵니다."),
                )
            }
        })
    }

    fn look_at(&self, _: &str) -> Vec<String> {
        vec![format!("helm history {}", self.name)]
    }
}

impl Release {
    /// Whether it says that there is no release.
    pub(super) fn is_none(&self) -> bool {
        self.status == NONE
    }

    fn sentence(&self, language: Language, (revision, status): (Option<u32>, String)) -> String {
        let name = &self.name;
        match revision {
            _ if status == NONE => say(
                language,
                format!("there is no Helm release {name}"),
                format!("Helm 릴리스 {name}이(가) 없음"),
            ),
            Some(revision) => say(
                language,
                format!("the Helm release {name} has revision {revision}: {status}"),
                format!("Helm 릴리스 {name}의 리비전 {revision}: {status}"),
            ),
            None => say(
                language,
                format!("the Helm release {name} is {status}"),
                format!("Helm 릴리스 {name}: {status}"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(revision: Option<u32>, status: &str) -> Release {
        Release {
            name: "todo-list".into(),
            revision,
            status: status.into(),
        }
    }

    #[test]
    fn the_newest_revision_counts() {
        let holds = |check: Release, there: Option<(u32, &str)>| {
            let there = there.map(|(revision, status)| (revision, status.to_owned()));
            check.judge(&there, Language::En).holds
        };
        assert!(holds(check(Some(3), "deployed"), Some((3, "deployed"))));
        assert!(holds(check(None, "deployed"), Some((3, "deployed"))));
        assert!(!holds(check(Some(2), "deployed"), Some((3, "deployed"))));
        assert!(!holds(check(None, "deployed"), Some((2, "pending-upgrade"))));
        assert!(!holds(check(None, "deployed"), None));
        assert!(holds(check(None, NONE), None));
        assert!(!holds(check(None, NONE), Some((1, "failed"))));
    }

    #[test]
    fn states_are_those_of_helm() {
        assert!(check(None, "ok").validate().is_err());
        assert!(check(Some(1), NONE).validate().is_err());
        assert!(check(Some(1), "deployed").validate().is_ok());
    }
}
