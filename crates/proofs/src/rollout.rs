//! How far a Deployment's update has come.

use guide::{Claim, Message, proof::Rollout};
use k8s_openapi::api::apps::v1::Deployment;
use kube::ResourceExt;

use super::{Kind, Place, Verdict, replicas::REVISION};

impl Kind for Rollout {
    type Facts = Option<Deployment>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        place
            .api::<Deployment>(self.namespace.as_deref())
            .get_opt(&self.of)
            .await
    }

    fn judge(&self, deployment: &Self::Facts) -> Verdict {
        let Some(deployment) = deployment else {
            return Verdict::missed(
                Message::new("rollout-none").with("deployment", self.place()),
                Message::new("hint-rollout-none"),
            );
        };
        let status = deployment.status.as_ref();
        if status.and_then(|status| status.observed_generation) < deployment.metadata.generation {
            // The counts in its status are those of the version before.
            return Verdict::missed(
                Message::new("rollout-unseen"),
                Message::new("hint-rollout-unseen"),
            );
        }
        let there = state(self, deployment);
        let counts = |rollout: &Self| (rollout.updated, rollout.available, rollout.done);
        let holds = counts(&there) == counts(self) && there.revision >= self.revision;
        Verdict::of(there.describe(), (!holds).then(|| hint(self, &there)))
    }

    fn or_more(&self, deployment: &Self::Facts) -> Self {
        let deployment = deployment.as_ref();
        deployment.map_or_else(|| self.clone(), |deployment| with_more(self, deployment))
    }
}

/// More pods are as right.
fn with_more(asked: &Rollout, deployment: &Deployment) -> Rollout {
    let there = state(asked, deployment);
    Rollout {
        updated: asked
            .updated
            .max(if asked.updated > 0 { there.updated } else { 0 }),
        available: asked
            .available
            .max(if asked.available > 0 { there.available } else { 0 }),
        ..asked.clone()
    }
}

/// As `kubectl rollout status` decides it.
fn state(asked: &Rollout, deployment: &Deployment) -> Rollout {
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let updated = status.updated_replicas.unwrap_or_default();
    let available = status.available_replicas.unwrap_or_default();
    let revision = deployment.annotations().get(REVISION);
    Rollout {
        updated,
        available,
        done: updated == wanted && available == wanted && status.replicas.unwrap_or_default() == wanted,
        revision: asked
            .revision
            .and(revision)
            .and_then(|revision| revision.parse().ok()),
        ..asked.clone()
    }
}

fn hint(expected: &Rollout, there: &Rollout) -> Message {
    if expected.done && !there.done {
        Message::new("hint-rollout-not-done")
    } else if there.done && !expected.done {
        Message::new("hint-rollout-done")
    } else if there.revision < expected.revision {
        Message::new("hint-rollout-revision")
    } else {
        Message::new("hint-rollout")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(generation: i64, replicas: i32, updated: i32, available: i32) -> Option<Deployment> {
        serde_json::from_value(json!({
            "metadata": {
                "generation": generation,
                "annotations": { "deployment.kubernetes.io/revision": "3" },
            },
            "spec": { "replicas": 1, "selector": {}, "template": {} },
            "status": {
                "observedGeneration": 2, "replicas": replicas,
                "updatedReplicas": updated, "availableReplicas": available,
            },
        }))
        .unwrap()
    }

    fn check() -> Rollout {
        Rollout {
            of: "todo-db".into(),
            namespace: None,
            updated: 1,
            available: 1,
            done: false,
            revision: None,
        }
    }

    #[test]
    fn a_stuck_rollout_is_told_from_one_that_is_done_or_not_begun() {
        let stuck = check();
        let done = Rollout {
            done: true,
            ..stuck.clone()
        };
        let judge = |check: &Rollout, deployment| check.judge(&deployment).holds;
        assert!(judge(&stuck, deployment(2, 2, 1, 1)));
        assert!(!judge(&done, deployment(2, 2, 1, 1)));
        assert!(judge(&done, deployment(2, 1, 1, 1)));
        assert!(!judge(&stuck, deployment(2, 1, 1, 1)));
        assert!(!judge(&done, None));
    }

    #[test]
    fn an_update_that_the_controller_has_not_seen_proves_nothing() {
        for done in [false, true] {
            let check = Rollout { done, ..check() };
            for there in [deployment(3, 1, 1, 1), deployment(3, 2, 1, 1)] {
                let verdict = check.judge(&there);
                assert!(
                    !verdict.holds && verdict.observed.id() == Some("rollout-unseen"),
                    "{verdict:?}"
                );
            }
        }
    }

    #[test]
    fn a_change_back_is_a_revision_of_its_own() {
        let judge = |revision| {
            let check = Rollout {
                done: true,
                revision: Some(revision),
                ..check()
            };
            check.judge(&deployment(2, 1, 1, 1))
        };
        assert!(judge(3).holds && judge(2).holds);
        let other = judge(4);
        assert_eq!(
            other.hint,
            Some(Message::new("hint-rollout-revision")),
            "{other:?}"
        );
    }
}
