//! Pods: what their status says, and what each answers when it is asked by itself.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use kube::{ResourceExt, api::ListParams, client::Body};
use serde::{Deserialize, Serialize};

use super::{Expected, Kind, Verdict, View, http::PATIENCE, in_namespace, place, say};
use crate::guide::Language::{self, En, Ko};

/// What must be true of pods, all at the same time. Those that are being deleted do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pods {
    /// Which: a label selector.
    pub of: String,
    /// Their namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many have the phase Running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<usize>,
    /// How many have the phase Pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<usize>,
    /// How many have the condition Ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<usize>,
    /// How often their containers were restarted, all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<i32>,
    /// How often at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarted: Option<i32>,
    /// What stands in the scheduler's reason why at least one pod has no node: `Insufficient cpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unschedulable: Option<String>,
    /// Why at least one container ended last: `OOMKilled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// With which exit code this one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What each answers when the API server passes a request on to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Expected>,
    /// Whether it is so before the step, and stays so all the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub throughout: bool,
}

/// What the cluster has.
pub(super) struct Facts {
    pods: Vec<Pod>,
    /// The status with which each answered, by its name.
    answers: BTreeMap<String, u16>,
}

/// What a check asks for, or what there was, in words.
#[derive(Default)]
struct Words {
    counts: [Option<usize>; 3],
    restarts: Option<String>,
    unschedulable: Option<String>,
    ended: Option<String>,
    each: Option<(String, String)>,
}

impl Kind for Pods {
    type Facts = Facts;

    fn validate(&self) -> Result<(), String> {
        let nothing = Self {
            of: self.of.clone(),
            namespace: self.namespace.clone(),
            throughout: self.throughout,
            ..Self::default()
        };
        if *self == nothing {
            return Err(
                "this proves nothing; ask for running, pending, ready, restarts, restarted, unschedulable, \
                 ended or each"
                    .into(),
            );
        }
        if self.exit_code.is_some() && self.ended.is_none() {
            return Err("exit_code: write ended beside it, the reason that has this exit code".into());
        }
        if !self.wants_pods() {
            return Err("0 pods prove nothing, for there are none where nothing was done".into());
        }
        match &self.each {
            Some(expected) if expected.answers.is_empty() => {
                Err("answers: write the status of each pod".into())
            }
            Some(expected) => expected.validate(),
            None => Ok(()),
        }
    }

    fn describe(&self, language: Language) -> String {
        let restarts = match (self.restarts, self.restarted) {
            (Some(count), _) => Some(restarts_in_words(language, count)),
            (None, Some(least)) => Some(say(
                language,
                format!("restarted at least {}", times(least)),
                format!("{least}회 이상 재시작"),
            )),
            (None, None) => None,
        };
        let mut words = Words {
            counts: [self.running, self.pending, self.ready],
            restarts,
            unschedulable: self.unschedulable.clone(),
            ended: ended_in_words(self.ended.as_deref(), self.exit_code, language),
            each: None,
        };
        words.each = self
            .each
            .as_ref()
            .map(|expected| (expected.get.clone(), expected.statuses()));
        let sentence = self.sentence(language, words);
        if self.throughout {
            sentence + &say(language, "; all the time", "; 그동안 내내")
        } else {
            sentence
        }
    }

    async fn look(&self, view: &View) -> Result<Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let selector = ListParams::default().labels(&self.of);
        let mut pods = view.api::<Pod>(namespace).list(&selector).await?.items;
        pods.retain(|pod| pod.metadata.deletion_timestamp.is_none());
        let mut answers = BTreeMap::new();
        if let Some(expected) = &self.each {
            for pod in pods
                .iter()
                .filter(|pod| pod.status.as_ref().is_some_and(|status| status.pod_ip.is_some()))
            {
                let status = ask(view, namespace, pod, &expected.get).await?;
                answers.insert(pod.name_any(), status);
            }
        }
        Ok(Facts { pods, answers })
    }

    fn judge(&self, facts: &Facts, language: Language) -> Verdict {
        let pods = &facts.pods;
        let phases = |wanted: &str| pods.iter().filter(|pod| phase(pod) == Some(wanted)).count();
        let (running, pending) = (phases("Running"), phases("Pending"));
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        let restarts: i32 = containers(pods).map(|status| status.restart_count).sum();
        let ended: Vec<_> = containers(pods).filter_map(ended).collect();
        let homeless: Vec<_> = pods.iter().filter_map(unschedulable).collect();
        let hint = if pods.is_empty() {
            Some(self.hint_none(language))
        } else if differs(self.running, running) || differs(self.pending, pending) {
            Some(self.hint_running(language))
        } else if self.ended.is_some() && !ended.iter().any(|ended| self.ended_so(ended)) {
            Some(self.hint_ended(language))
        } else if differs(self.restarts, restarts) || self.restarted.is_some_and(|least| restarts < least) {
            Some(self.hint_restarts(language, restarts))
        } else if self
            .unschedulable
            .as_deref()
            .is_some_and(|wanted| !homeless.iter().any(|reason| reason.contains(wanted)))
        {
            Some(self.hint_unschedulable(language))
        } else if differs(self.ready, ready) {
            Some(self.hint_ready(language, ready))
        } else if !self.answered_so(&facts.answers) {
            Some(self.hint_answers(language))
        } else {
            None
        };
        let named: Vec<_> = facts
            .answers
            .iter()
            .map(|(name, status)| format!("{status} ({name})"))
            .collect();
        let words = Words {
            counts: [
                self.running.map(|_| running),
                self.pending.map(|_| pending),
                self.ready.map(|_| ready),
            ],
            restarts: (self.restarts.is_some() || self.restarted.is_some())
                .then(|| restarts_in_words(language, restarts)),
            unschedulable: self.unschedulable.is_some().then(|| {
                homeless
                    .first()
                    .map_or_else(|| "-".into(), |reason| (*reason).to_owned())
            }),
            ended: self.ended.is_some().then(|| {
                ended
                    .first()
                    .and_then(|ended| {
                        ended_in_words(ended.reason.as_deref(), Some(ended.exit_code), language)
                    })
                    .unwrap_or_else(|| say(language, "no container has ended yet", "끝난 컨테이너 없음"))
            }),
            each: self.each.as_ref().map(|expected| {
                let answers = if named.is_empty() {
                    "-".into()
                } else {
                    named.join(", ")
                };
                (expected.get.clone(), answers)
            }),
        };
        Verdict::new(hint.is_none(), self.sentence(language, words), || {
            hint.unwrap_or_default()
        })
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let (kubectl, of) = (in_namespace(kubectl, self.namespace.as_deref()), &self.of);
        vec![
            format!("{kubectl} describe pods -l {of}"),
            format!("{kubectl} logs -l {of} --prefix"),
        ]
    }
}

impl Pods {
    /// Whether it asks for a pod at all.
    fn wants_pods(&self) -> bool {
        let counts = [self.running, self.pending, self.ready];
        counts.iter().all(Option::is_none) || counts.into_iter().flatten().any(|count| count > 0)
    }

    fn ended_so(&self, ended: &ContainerStateTerminated) -> bool {
        self.ended
            .as_deref()
            .is_none_or(|wanted| ended.reason.as_deref() == Some(wanted))
            && self.exit_code.is_none_or(|wanted| ended.exit_code == wanted)
    }

    fn answered_so(&self, answers: &BTreeMap<String, u16>) -> bool {
        let Some(expected) = &self.each else {
            return true;
        };
        let mut wanted = expected.answers.clone();
        let mut given: Vec<_> = answers.values().copied().collect();
        wanted.sort_unstable();
        given.sort_unstable();
        wanted == given
    }

    fn sentence(&self, language: Language, words: Words) -> String {
        let mut parts = vec![];
        let names = match language {
            En => ["running", "pending", "ready"],
            Ko => ["실행 중", "대기 중", "준비"],
        };
        for (count, name) in words.counts.into_iter().zip(names) {
            parts.extend(
                count.map(|count| say(language, format!("{count} {name}"), format!("{name} {count}개"))),
            );
        }
        parts.extend(words.restarts);
        parts.extend(words.ended);
        parts.extend(words.unschedulable.map(|reason| {
            say(
                language,
                format!("without a node: {reason}"),
                format!("노드를 얻지 못함: {reason}"),
            )
        }));
        parts.extend(words.each.map(|(path, answers)| {
            say(
                language,
                format!("each asked for {path}: {answers}"),
                format!("파드별 {path} 응답 {answers}"),
            )
        }));
        let of = place(&self.of, self.namespace.as_deref());
        let parts = parts.join(", ");
        say(
            language,
            format!("pods {of}: {parts}"),
            format!("파드 {of}: {parts}"),
        )
    }

    fn hint_none(&self, language: Language) -> String {
        let of = &self.of;
        say(
            language,
            format!(
                "No pod carries {of}: is its manifest applied, in this namespace, and do the labels of its pod \
                 template match?"
            ),
            format!(
                "{of} 레이블을 가진 파드가 없습니다. 매니페스트를 이 네임스페이스에 적용했는지, 파드 템플릿의 \
                 레이블이 맞는지 확인하세요."
            ),
        )
    }

    fn hint_running(&self, language: Language) -> String {
        say(
            language,
            "Another number of pods runs than should: look at the Deployment's replicas, at pods that cannot start \
             (kubectl describe pods), and whether a rollout still goes on.",
            "실행 중인 파드 수가 다릅니다. 디플로이먼트의 레플리카 수, 시작하지 못한 파드(kubectl describe pods), \
             아직 진행 중인 롤아웃을 확인하세요.",
        )
    }

    fn hint_restarts(&self, language: Language, restarts: i32) -> String {
        if restarts < self.restarts.or(self.restarted).unwrap_or_default() {
            say(
                language,
                "A container is restarted when its liveness probe has failed as often as failureThreshold says, or \
                 when it ends: has the pod been broken, has the probe had its time, and is there one?",
                "컨테이너는 리브니스 프로브가 failureThreshold만큼 실패하거나 스스로 끝나면 재시작됩니다. 파드가 \
                 고장 났는지, 프로브가 있는지, 시간이 충분히 지났는지 확인하세요.",
            )
        } else {
            say(
                language,
                "Containers were restarted more often than they should have been by now: kubectl describe pods says \
                 which probe or exit did it. lab reset takes you back to the start.",
                "지금쯤 있어야 할 것보다 재시작이 많습니다. 어떤 프로브나 종료가 원인인지는 kubectl describe pods에 \
                 나옵니다. lab reset으로 처음 상태로 돌아갈 수 있습니다.",
            )
        }
    }

    fn hint_ended(&self, language: Language) -> String {
        let reason = self.ended.as_deref().unwrap_or_default();
        say(
            language,
            format!(
                "No container has ended with {reason}: is the limit in the applied manifest, and has the program \
                 had the time to reach it?"
            ),
            format!(
                "{reason} 이유로 끝난 컨테이너가 없습니다. 적용한 매니페스트에 제한이 있는지, 프로그램이 거기에 \
                 이를 만큼 시간이 지났는지 확인하세요."
            ),
        )
    }

    fn hint_unschedulable(&self, language: Language) -> String {
        let reason = self.unschedulable.as_deref().unwrap_or_default();
        say(
            language,
            format!(
                "No pod waits for a node with {reason}: what counts for the scheduler is a pod's request, beside those \
                 of the pods that the node has already (kubectl describe node)."
            ),
            format!(
                "{reason} 때문에 노드를 기다리는 파드가 없습니다. 스케줄러는 파드의 요청(request)과 노드에 이미 있는 \
                 파드들의 요청을 봅니다(kubectl describe node)."
            ),
        )
    }

    fn hint_ready(&self, language: Language, ready: usize) -> String {
        if self.ready.is_some_and(|wanted| ready > wanted) {
            say(
                language,
                "More pods are ready than should be: without a readiness probe a running pod counts as ready. Is \
                 the probe there, and is a pod broken?",
                "준비된 파드가 더 많습니다. 레디니스 프로브가 없으면 실행 중인 파드는 준비된 것으로 칩니다. \
                 프로브가 있는지, 고장 난 파드가 있는지 확인하세요.",
            )
        } else {
            say(
                language,
                "Fewer pods are ready than should be: kubectl describe pods says what the readiness probe asked and \
                 got.",
                "준비된 파드가 모자랍니다. 레디니스 프로브가 무엇을 묻고 무엇을 받았는지는 kubectl describe \
                 pods에 나옵니다.",
            )
        }
    }

    fn hint_answers(&self, language: Language) -> String {
        say(
            language,
            "The pods answer otherwise when each is asked by itself: how often was the app called, and was a pod \
             replaced since?",
            "파드마다 직접 물었을 때의 응답이 다릅니다. 앱을 몇 번 호출했는지, 그사이 파드가 바뀌었는지 \
             확인하세요.",
        )
    }
}

/// The status with which a pod answers on its first port. The API server passes the request on, so that it arrives on any
/// cluster, and whether or not the pod is in a Service's endpoints.
async fn ask(view: &View, namespace: Option<&str>, pod: &Pod, path: &str) -> Result<u16, kube::Error> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let port = containers
        .flat_map(|container| container.ports.iter().flatten())
        .map(|port| port.container_port)
        .next();
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let uri = format!(
        "/api/v1/namespaces/{}/pods/{}{port}/proxy{path}",
        view.namespace(namespace),
        pod.name_any()
    );
    let request = http::Request::get(uri)
        .body(Body::empty())
        .map_err(kube::Error::HttpError)?;
    match tokio::time::timeout(PATIENCE, view.client.send(request)).await {
        Ok(response) => Ok(response?.status().as_u16()),
        Err(_) => Ok(http::StatusCode::GATEWAY_TIMEOUT.as_u16()),
    }
}

fn differs<T: Copy + PartialEq>(wanted: Option<T>, there: T) -> bool {
    wanted.is_some_and(|wanted| wanted != there)
}

fn times(count: i32) -> String {
    if count == 1 {
        "once".into()
    } else {
        format!("{count} times")
    }
}

fn restarts_in_words(language: Language, count: i32) -> String {
    match language {
        En if count == 1 => "1 restart".into(),
        En => format!("{count} restarts"),
        Ko => format!("재시작 {count}회"),
    }
}

fn ended_in_words(reason: Option<&str>, exit_code: Option<i32>, language: Language) -> Option<String> {
    let code = exit_code.map(|code| say(language, format!("exit code {code}"), format!("종료 코드 {code}")));
    match (reason, code) {
        (None, None) => None,
        (Some(reason), Some(code)) => Some(format!("{reason} ({code})")),
        (Some(reason), None) => Some(reason.to_owned()),
        (None, Some(code)) => Some(code),
    }
}

fn phase(pod: &Pod) -> Option<&str> {
    pod.status.as_ref()?.phase.as_deref()
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn containers(pods: &[Pod]) -> impl Iterator<Item = &ContainerStatus> {
    pods.iter()
        .filter_map(|pod| pod.status.as_ref()?.container_statuses.as_ref())
        .flatten()
}

/// Why the scheduler has found no node for a pod.
fn unschedulable(pod: &Pod) -> Option<&str> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let scheduled = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled")?;
    (scheduled.status == "False").then_some(scheduled.message.as_deref()?)
}

/// How a container ended last: just now, or before it was started again.
fn ended(container: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let now = container
        .state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    now.or_else(|| container.last_state.as_ref()?.terminated.as_ref())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, ready: &str, restarts: i32) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name, "labels": { "app": "numbers-api" } },
            "status": {
                "phase": "Running",
                "conditions": [{ "type": "ContainersReady", "status": ready }, { "type": "Ready", "status": ready }],
                "containerStatuses": [{
                    "name": "api", "image": "i", "imageID": "i", "ready": ready == "True", "restartCount": restarts
                }],
            },
        }))
        .unwrap()
    }

    /// A pod whose container was killed and waits, as after the limit of 50Mi.
    fn killed() -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "a" },
            "status": {
                "phase": "Running",
                "containerStatuses": [{
                    "name": "allocator", "image": "i", "imageID": "i", "ready": false, "restartCount": 2,
                    "state": { "waiting": { "reason": "CrashLoopBackOff" } },
                    "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137 } },
                }],
            },
        }))
        .unwrap()
    }

    fn facts(pods: Vec<Pod>, answers: &[(&str, u16)]) -> Facts {
        Facts {
            pods,
            answers: answers
                .iter()
                .map(|(name, status)| ((*name).to_owned(), *status))
                .collect(),
        }
    }

    #[test]
    fn pods_are_counted_and_asked_one_by_one() {
        let check = Pods {
            of: "app=numbers-api".into(),
            running: Some(2),
            ready: Some(1),
            restarts: Some(0),
            each: Some(Expected {
                get: "/healthz".into(),
                answers: vec![500, 200],
            }),
            ..Pods::default()
        };
        let judge = |pods, answers: &[(&str, u16)]| check.judge(&facts(pods, answers), En);
        let both = || vec![pod("a", "True", 0), pod("b", "False", 0)];
        let good = judge(both(), &[("a", 200), ("b", 500)]);
        assert!(good.holds && good.hint.is_empty());
        assert_eq!(
            good.observed,
            "pods app=numbers-api: 2 running, 1 ready, 0 restarts, each asked for /healthz: 200 (a), 500 (b)"
        );
        let mut hints = std::collections::BTreeSet::new();
        for bad in [
            judge(both(), &[("a", 200), ("b", 200)]),
            judge(vec![pod("a", "True", 0), pod("b", "True", 0)], &[]),
            judge(vec![pod("a", "False", 0), pod("b", "False", 0)], &[]),
            judge(vec![pod("a", "True", 0), pod("b", "False", 1)], &[]),
            judge(vec![pod("a", "True", 0)], &[("a", 500)]),
            judge(vec![], &[]),
        ] {
            assert!(!bad.holds, "{bad:?}");
            assert!(hints.insert(bad.hint.clone()), "the same hint twice: {bad:?}");
        }
    }

    #[test]
    fn a_pod_without_a_node_says_why() {
        let check = Pods {
            of: "app=pi-web".into(),
            unschedulable: Some("Insufficient cpu".into()),
            ..Pods::default()
        };
        let pod = |message: &str| -> Pod {
            serde_json::from_value(json!({
                "metadata": { "name": "a" },
                "status": { "phase": "Pending", "conditions": [
                    { "type": "PodScheduled", "status": "False", "message": message },
                ] },
            }))
            .unwrap()
        };
        let judge = |pods| check.judge(&facts(pods, &[]), En);
        assert!(judge(vec![pod("0/1 nodes are available: 1 Insufficient cpu.")]).holds);
        assert!(!judge(vec![pod("0/1 nodes are available: 1 Insufficient memory.")]).holds);
        assert!(!judge(vec![killed()]).holds);
    }

    #[test]
    fn how_a_container_ended_and_how_often() {
        let check = Pods {
            of: "app=memory-allocator".into(),
            restarted: Some(1),
            ended: Some("OOMKilled".into()),
            exit_code: Some(137),
            ..Pods::default()
        };
        let good = check.judge(&facts(vec![killed()], &[]), En);
        assert!(good.holds, "{good:?}");
        assert_eq!(
            good.observed,
            "pods app=memory-allocator: 2 restarts, OOMKilled (exit code 137)"
        );
        assert_eq!(
            check.describe(Ko),
            "파드 app=memory-allocator: 1회 이상 재시작, OOMKilled (종료 코드 137)"
        );
        assert!(!check.judge(&facts(vec![pod("a", "True", 0)], &[]), En).holds);
        for other in [
            Pods {
                exit_code: Some(1),
                ..check.clone()
            },
            Pods {
                ended: Some("Error".into()),
                ..check.clone()
            },
            Pods {
                restarted: Some(3),
                ..check
            },
        ] {
            assert!(!other.judge(&facts(vec![killed()], &[]), En).holds, "{other:?}");
        }
    }

    #[test]
    fn what_would_hold_where_nothing_was_done_is_refused() {
        let each = |answers: &[u16]| Expected {
            get: "/".into(),
            answers: answers.into(),
        };
        let check = |change: fn(&mut Pods)| {
            let mut check = Pods::default();
            change(&mut check);
            check.validate()
        };
        assert!(check(|check| check.exit_code = Some(137)).is_err());
        assert!(
            check(|check| (check.exit_code, check.ended) = (Some(137), Some("OOMKilled".into()))).is_ok()
        );
        assert!(check(|check| check.running = Some(0)).is_err());
        assert!(check(|check| (check.running, check.restarts) = (Some(0), Some(0))).is_err());
        assert!(check(|check| (check.running, check.ready) = (Some(1), Some(0))).is_ok());
        for (answers, proves) in [(each(&[]), false), (each(&[500]), true)] {
            let check = Pods {
                each: Some(answers),
                ..Pods::default()
            };
            assert_eq!(check.validate().is_ok(), proves, "{check:?}");
        }
    }
}
