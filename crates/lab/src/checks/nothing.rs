//! That nothing with a label is left.

use kube::{
    Api, ResourceExt,
    api::{DynamicObject, ListParams},
    discovery::{Scope, verbs},
};
use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, say};
use crate::{guide::Language, kinds::kinds};

/// How many of what is left are named.
const NAMED: usize = 5;

/// What must be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {
    /// The label, as `key=value`.
    pub label: String,
    /// Whether it is looked for beyond the namespace of the commands, among what is in none: namespaces, first of all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cluster: bool,
}

impl Kind for Nothing {
    /// What there still is, as `kind/name`.
    type Facts = Vec<String>;

    fn validate(&self) -> Result<(), String> {
        match self.label.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok(()),
            _ => Err(format!("label: {:?} is not key=value", self.label)),
        }
    }

    fn describe(&self, language: Language) -> String {
        let label = &self.label;
        if self.cluster {
            return say(
                language,
                format!("nothing with {label} is left, of any kind, in the namespace or in none"),
                format!(
                    "네임스페이스 안에도, 네임스페이스에 속하지 않는 것 중에도 {label} 레이블이 붙은 것이 종류를 막론하고 \
                     하나도 없음"
                ),
            );
        }
        say(
            language,
            format!("nothing with {label} is left in the namespace, of any kind"),
            format!("네임스페이스에 {label} 레이블이 붙은 것이 종류를 막론하고 하나도 없음"),
        )
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        self.labelled(view).await
    }

    fn judge(&self, left: &Self::Facts, language: Language) -> Verdict {
        let mut named = left.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if let Some(more @ 1..) = left.len().checked_sub(NAMED) {
            named.push_str(&say(
                language,
                format!(" and {more} more"),
                format!(" 외 {more}개"),
            ));
        }
        let observed = if left.is_empty() {
            say(language, "nothing", "없음")
        } else {
            named
        };
        Verdict::new(left.is_empty(), observed, || {
            say(
                language,
                "Deleting takes as long as the pods' time to stop. What stays was not named by the commands: kubectl \
                 delete KIND -l does it, as does lab reset.",
                "삭제에는 파드가 멈추는 시간만큼 걸립니다. 계속 남는 것은 명령에 없던 종류이니 kubectl delete 종류 -l이나 \
                 lab reset으로 지우세요.",
            )
        })
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        vec![format!(
            "{kubectl} get all,secret,configmap,pvc,ns,resourcequota -l {}",
            self.label
        )]
    }
}

impl Nothing {
    async fn labelled(&self, view: &View) -> Result<Vec<String>, kube::Error> {
        let selector = ListParams::default().labels(&self.label);
        let mut found = vec![];
        for (kind, capabilities) in kinds(&view.client).await? {
            let api: Api<DynamicObject> = match capabilities.scope {
                _ if !capabilities.supports_operation(verbs::LIST) => continue,
                Scope::Namespaced => Api::namespaced_with(view.client.clone(), &view.namespace, &kind),
                Scope::Cluster if self.cluster => Api::all_with(view.client.clone(), &kind),
                Scope::Cluster => continue,
            };
            match api.list(&selector).await {
                Ok(objects) => found.extend(
                    objects
                        .iter()
                        .map(|object| format!("{}/{}", kind.kind.to_lowercase(), object.name_any())),
                ),
                // What a person may not even list was not made by that person.
                Err(kube::Error::Api(refused)) if matches!(refused.code, 403..=405) => {}
                Err(error) => return Err(error),
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_named() {
        let check = Nothing {
            label: "kiamol=ch12".into(),
            cluster: true,
        };
        let names = |count: usize| (0..count).map(|n| format!("secret/{n}")).collect::<Vec<_>>();
        assert!(check.judge(&names(0), Language::En).holds);
        assert_eq!(
            check.judge(&names(2), Language::En).observed,
            "secret/0, secret/1"
        );
        assert_eq!(
            check.judge(&names(7), Language::Ko).observed,
            "secret/0, secret/1, secret/2, secret/3, secret/4 외 2개"
        );
        for label in ["", "kiamol", "=ch12", "kiamol="] {
            let check = Nothing {
                label: label.into(),
                ..check.clone()
            };
            assert!(check.validate().is_err(), "{label}");
        }
    }
}
