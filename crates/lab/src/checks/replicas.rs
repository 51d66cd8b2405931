//! A Deployment's newest ReplicaSet: how many pods it wants, how many it has, and why it has no more.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use kube::{ResourceExt, api::ListParams};
use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, in_namespace, place, say};
use crate::guide::Language;

/// The annotation by which a Deployment counts its ReplicaSets.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";

/// What must be true of it, all at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replicas {
    /// The Deployment.
    pub of: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many pods are wanted.
    pub wanted: i32,
    /// How many there are.
    pub there: i32,
    /// What stands in the API server's refusal to make more; without it nothing may have been refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Kind for Replicas {
    type Facts = Option<ReplicaSet>;

    fn validate(&self) -> Result<(), String> {
        if self.of.is_empty() {
            return Err("of: write a Deployment's name".into());
        }
        if self.wanted < 0 || self.there < 0 {
            return Err("wanted and there: write 0 or more".into());
        }
        Ok(())
    }

    fn describe(&self, language: Language) -> String {
        let (name, there, wanted) = (self.place(), self.there, self.wanted);
        let counts = say(
            language,
            format!("{name} has {there} of {wanted} pods"),
            format!("{name}의 파드 {wanted}개 중 {there}개"),
        );
        match &self.refused {
            Some(refused) => {
                counts
                    + &say(
                        language,
                        format!("; more were refused: {refused}"),
                        format!("; 나머지는 거절됨: {refused}"),
                    )
            }
            None => counts,
        }
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let Some(deployment) = view.api::<Deployment>(namespace).get_opt(&self.of).await? else {
            return Ok(None);
        };
        let sets = view
            .api::<ReplicaSet>(namespace)
            .list(&ListParams::default())
            .await?;
        let revision = |object: &ReplicaSet| {
            let revision = object.annotations().get(REVISION)?;
            revision.parse::<u64>().ok()
        };
        let own = |set: &ReplicaSet| {
            let owner = deployment.uid();
            owner.is_some()
                && set
                    .owner_references()
                    .iter()
                    .any(|reference| Some(&reference.uid) == owner.as_ref())
        };
        Ok(sets.items.into_iter().filter(own).max_by_key(revision))
    }

    fn judge(&self, set: &Self::Facts, language: Language) -> Verdict {
        let name = self.place();
        let Some(set) = set else {
            return Verdict::new(
                false,
                say(
                    language,
                    format!("there is no Deployment {name} with a ReplicaSet"),
                    format!("레플리카셋이 있는 디플로이먼트 {name}이(가) 없음"),
                ),
                || {
                    say(
                        language,
                        "Is its manifest applied, and in the right namespace?",
                        "매니페스트를 올바른 네임스페이스에 적용했나요?",
                    )
                },
            );
        };
        let wanted = set.spec.replicas.unwrap_or(1);
        let there = set.status.as_ref().map_or(0, |status| status.replicas);
        let refusal = refusal(set);
        let observed = Self {
            wanted,
            there,
            refused: refusal.clone(),
            ..self.clone()
        }
        .describe(language);
        let refused_so = match (&self.refused, &refusal) {
            (Some(wanted), Some(message)) => message.contains(wanted),
            (wanted, message) => wanted.is_none() && message.is_none(),
        };
        Verdict::new(
            wanted == self.wanted && there == self.there && refused_so,
            observed,
            || self.hint(language, wanted, refusal.is_some()),
        )
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        vec![format!(
            "{} describe replicaset",
            in_namespace(kubectl, self.namespace.as_deref())
        )]
    }
}

impl Replicas {
    fn place(&self) -> String {
        place(&self.of, self.namespace.as_deref())
    }

    fn hint(&self, language: Language, wanted: i32, refused: bool) -> String {
        let (of, right) = (&self.of, self.wanted);
        if wanted != right {
            say(
                language,
                format!(
                    "{right} replicas are expected: kubectl scale deployment {of}, or its manifest, sets them."
                ),
                format!(
                    "레플리카는 {right}개여야 합니다. 매니페스트나 kubectl scale deployment {of}으로 정합니다."
                ),
            )
        } else if self.refused.is_some() && !refused {
            say(
                language,
                "Nothing was refused: is the ResourceQuota there, in the same namespace, and do the limits of the pods \
                 together exceed it?",
                "거절된 파드가 없습니다. ResourceQuota가 같은 네임스페이스에 있는지, 파드 제한의 합이 그것을 넘는지 \
                 확인하세요.",
            )
        } else {
            say(
                language,
                "The events of the ReplicaSet say what was refused and how much was asked for: kubectl describe \
                 replicaset.",
                "무엇이 왜 거절되었는지는 레플리카셋의 이벤트에 있습니다: kubectl describe replicaset.",
            )
        }
    }
}

/// Why the ReplicaSet could not make a pod.
fn refusal(set: &ReplicaSet) -> Option<String> {
    let conditions = set.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|condition| {
            (condition.type_.as_deref(), condition.status.as_deref())
                == (Some("ReplicaFailure"), Some("True"))
        })?
        .message
        .clone()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(wanted: i32, there: i32, message: Option<&str>) -> Option<ReplicaSet> {
        let conditions: Vec<_> = message
            .iter()
            .map(|message| json!({ "type": "ReplicaFailure", "status": "True", "message": message }))
            .collect();
        serde_json::from_value(json!({
            "metadata": {},
            "spec": { "replicas": wanted, "selector": {} },
            "status": { "replicas": there, "conditions": conditions },
        }))
        .unwrap()
    }

    #[test]
    fn a_quota_leaves_one_of_two() {
        let check = Replicas {
            of: "pi-web".into(),
            namespace: Some("kiamol-ch12-cpu".into()),
            wanted: 2,
            there: 1,
            refused: Some("exceeded quota".into()),
        };
        let message = "pods \"pi-web-x\" is forbidden: exceeded quota: cpu-quota, requested: limits.cpu=300m";
        let judge = |set| check.judge(&set, Language::En);
        assert!(judge(set(2, 1, Some(message))).holds);
        let mut hints = std::collections::BTreeSet::new();
        for bad in [
            judge(set(3, 1, Some(message))),
            judge(set(2, 2, None)),
            judge(set(2, 1, Some("no such account"))),
            judge(None),
        ] {
            assert!(!bad.holds && hints.insert(bad.hint.clone()), "{bad:?}");
        }
        assert_eq!(
            check.describe(Language::En),
            "kiamol-ch12-cpu/pi-web has 1 of 2 pods; more were refused: exceeded quota"
        );
    }
}
