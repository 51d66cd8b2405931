//! How far a Deployment's update has come.

use k8s_openapi::api::apps::v1::Deployment;
use kube::ResourceExt;
use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, in_namespace, place, replicas::REVISION, say};
use crate::guide::Language;

/// What must be true of it, all at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// The Deployment.
    pub of: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many pods are of the newest version.
    pub updated: i32,
    /// How many pods, of any version, do their work.
    pub available: i32,
    /// Whether all pods are of the newest version, available, and no others are left.
    pub done: bool,
    /// The number of the newest version at least. Each change of what its pods are is one more, also a change back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}

impl Kind for Rollout {
    type Facts = Option<Deployment>;

    fn validate(&self) -> Result<(), String> {
        if self.of.is_empty() {
            return Err("of: write a Deployment's name".into());
        }
        if self.updated < 0 || self.available < 0 {
            return Err("updated and available: write 0 or more".into());
        }
        Ok(())
    }

    fn describe(&self, language: Language) -> String {
        let (name, updated, available) = (
            place(&self.of, self.namespace.as_deref()),
            self.updated,
            self.available,
        );
        let done = match self.done {
            true => say(language, "is done", "끝남"),
            false => say(language, "is not done", "끝나지 않음"),
        };
        let revision = |word: &str| {
            let revision = self.revision.map(|revision| format!(" ({word} {revision})"));
            revision.unwrap_or_default()
        };
        say(
            language,
            format!(
                "the rollout of {name}{} {done}: {updated} updated, {available} available",
                revision("revision")
            ),
            format!(
                "{name} 롤아웃{} {done}: 새 버전 {updated}개, 사용 가능 {available}개",
                revision("리비전")
            ),
        )
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        view.api::<Deployment>(self.namespace.as_deref())
            .get_opt(&self.of)
            .await
    }

    fn judge(&self, deployment: &Self::Facts, language: Language) -> Verdict {
        let Some(deployment) = deployment else {
            let name = place(&self.of, self.namespace.as_deref());
            return Verdict::new(
                false,
                say(
                    language,
                    format!("there is no Deployment {name}"),
                    format!("디플로이먼트 {name}이(가) 없음"),
                ),
                || say(language, "Is its manifest applied?", "매니페스트를 적용했나요?"),
            );
        };
        let status = deployment.status.as_ref();
        if status.and_then(|status| status.observed_generation) < deployment.metadata.generation {
            // Whatever its status counts, it counts of the version before.
            return Verdict::new(
                false,
                say(
                    language,
                    "the controller has not seen the update yet",
                    "컨트롤러가 아직 업데이트를 보지 못함",
                ),
                || {
                    say(
                        language,
                        "That takes a moment. If it stays so, the controller manager does not run.",
                        "잠시 걸립니다. 계속 그렇다면 컨트롤러 매니저가 돌고 있지 않은 것입니다.",
                    )
                },
            );
        }
        let there = self.state(deployment);
        let counts = |rollout: &Self| (rollout.updated, rollout.available, rollout.done);
        let holds = counts(&there) == counts(self) && there.revision >= self.revision;
        Verdict::new(holds, there.describe(language), || self.hint(language, &there))
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![
            format!("{kubectl} get deployment,replicaset"),
            format!("{kubectl} describe deployment {}", self.of),
        ]
    }
}

impl Rollout {
    /// As `kubectl rollout status` decides it.
    fn state(&self, deployment: &Deployment) -> Self {
        let status = deployment.status.clone().unwrap_or_default();
        let wanted = deployment.spec.replicas.unwrap_or(1);
        let updated = status.updated_replicas.unwrap_or_default();
        let available = status.available_replicas.unwrap_or_default();
        let revision = deployment.annotations().get(REVISION);
        Self {
            updated,
            available,
            done: updated == wanted && available == wanted && status.replicas.unwrap_or_default() == wanted,
            revision: self
                .revision
                .and(revision)
                .and_then(|revision| revision.parse().ok()),
            ..self.clone()
        }
    }

    fn hint(&self, language: Language, there: &Self) -> String {
        if self.done && !there.done {
            say(
                language,
                "The new pods are not ready yet, or never will be: look at their READY column and describe them.",
                "새 파드가 아직 준비되지 않았거나 끝내 준비되지 않습니다. READY 열과 kubectl describe pods를 보세요.",
            )
        } else if there.done && !self.done {
            say(
                language,
                "The rollout went through: the new pods are ready. Was the broken update applied?",
                "롤아웃이 끝까지 진행되었습니다. 새 파드가 준비 상태입니다. 고장 난 업데이트를 적용했나요?",
            )
        } else if there.revision < self.revision {
            say(
                language,
                "There were fewer updates than there should be by now: kubectl rollout history lists them. Is the last one \
                 applied, or taken back?",
                "지금쯤 있어야 할 것보다 업데이트가 적습니다. kubectl rollout history에 목록이 나옵니다. 마지막 업데이트를 \
                 적용했거나 되돌렸나요?",
            )
        } else {
            say(
                language,
                "Old and new pods are counted otherwise: kubectl get replicaset shows how many there are of each.",
                "옛 파드와 새 파드의 수가 다릅니다. kubectl get replicaset에 각각 몇 개인지 나옵니다.",
            )
        }
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
        let judge = |check: &Rollout, deployment| check.judge(&deployment, Language::En).holds;
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
                let verdict = check.judge(&there, Language::En);
                assert!(
                    !verdict.holds && verdict.observed.contains("not seen"),
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
            check.judge(&deployment(2, 1, 1, 1), Language::En)
        };
        assert!(judge(3).holds && judge(2).holds);
        let other = judge(4);
        assert!(!other.holds && other.hint.contains("history"), "{other:?}");
        assert_eq!(
            other.observed,
            "the rollout of todo-db (revision 3) is done: 1 updated, 1 available"
        );
    }
}
