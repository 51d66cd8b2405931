//! Pods: what their status says, and what each answers when it is asked by itself.

mod hints;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use kube::{ResourceExt, api::ListParams, client::Body};
use serde::{Deserialize, Serialize};

use self::words::{Words, ended_in_words, restarts_in_words, times};
use super::{Expected, Kind, Verdict, View, http::PATIENCE, in_namespace, say};
use crate::guide::Language;

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
