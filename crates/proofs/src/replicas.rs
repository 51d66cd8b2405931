//! A Deployment's newest ReplicaSet: how many pods it wants, how many it has, and why it has no more.

use guide::{Claim, Message, proof::Replicas};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use kube::{ResourceExt, api::ListParams};

use super::{Kind, Place, Verdict, told::is_told};

/// The annotation by which a Deployment counts its ReplicaSets.
pub(crate) const REVISION: &str = "deployment.kubernetes.io/revision";

impl Kind for Replicas {
    /// The newest ReplicaSet, and whether an event tells what it was refused.
    type Facts = Option<(ReplicaSet, bool)>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let Some(deployment) = place.api::<Deployment>(namespace).get_opt(&self.of).await? else {
            return Ok(None);
        };
        let sets = place
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
        let Some(set) = sets.items.into_iter().filter(own).max_by_key(revision) else {
            return Ok(None);
        };
        let told = match &self.refused {
            Some(_) => is_told(place, namespace, "FailedCreate", |name| name == set.name_any()).await?,
            None => true,
        };
        Ok(Some((set, told)))
    }

    fn judge(&self, set: &Self::Facts) -> Verdict {
        let Some((set, told)) = set else {
            return Verdict::missed(
                Message::new("replicas-none").with("deployment", self.place()),
                Message::new("hint-replicas-none"),
            );
        };
        let (wanted, there) = counts(set);
        let there = Self {
            wanted,
            there,
            refused: refusal(set),
            ..self.clone()
        };
        let refused_so = match (&self.refused, &there.refused) {
            (Some(wanted), Some(message)) => message.contains(wanted) && *told,
            (wanted, message) => wanted.is_none() && message.is_none(),
        };
        let holds = there.wanted == self.wanted && there.there == self.there && refused_so;
        Verdict::of(there.describe(), (!holds).then(|| hint(self, &there)))
    }

    /// More may be wanted, as long as some of them are refused where some must be.
    fn or_more(&self, set: &Self::Facts) -> Self {
        let mut claim = self.clone();
        if let Some((set, _)) = set {
            let (wanted, there) = counts(set);
            let refused = self.refused.is_some();
            if wanted >= self.wanted && there >= self.there && (there < wanted) == refused {
                (claim.wanted, claim.there) = (wanted, there);
            }
        }
        claim
    }
}

/// How many pods it wants, and has.
fn counts(set: &ReplicaSet) -> (i32, i32) {
    let there = set.status.as_ref().map_or(0, |status| status.replicas);
    (set.spec.replicas.unwrap_or(1), there)
}

fn hint(expected: &Replicas, there: &Replicas) -> Message {
    if there.wanted != expected.wanted {
        Message::new("hint-replicas-wanted")
            .with("deployment", &expected.of)
            .with("wanted", expected.wanted)
    } else if expected.refused.is_some() && there.refused.is_none() {
        Message::new("hint-replicas-not-refused")
    } else {
        Message::new("hint-replicas")
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
        let judge = |set: Option<ReplicaSet>| check.judge(&set.map(|set| (set, true)));
        assert!(judge(set(2, 1, Some(message))).holds);
        let not_yet_told = set(2, 1, Some(message)).map(|set| (set, false));
        assert!(!check.judge(&not_yet_told).holds);
        let mut hints = std::collections::BTreeSet::new();
        for bad in [
            judge(set(3, 1, Some(message))),
            judge(set(2, 2, None)),
            judge(set(2, 1, Some("no such account"))),
            judge(None),
        ] {
            assert!(
                !bad.holds && hints.insert(bad.hint.as_ref().and_then(Message::id)),
                "{bad:?}"
            );
        }
    }
}
