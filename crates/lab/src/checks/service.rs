//! A Service: who is in its endpoints, and what callers from outside meet.

use std::collections::BTreeSet;

use k8s_openapi::api::{core::v1::Pod, discovery::v1::EndpointSlice};
use kube::{ResourceExt, api::ListParams};
use serde::{Deserialize, Serialize};

use super::{
    Expected, Kind, Verdict, View,
    http::{Callers, call},
    in_namespace, place, say,
};
use crate::guide::Language::{self, En, Ko};

/// Longest time, in seconds, for which something may have to stay as it is.
const MAX_STAY: u64 = 60;

/// What must be true of a Service, all at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many ready endpoints it has, in its EndpointSlices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<usize>,
    /// A label, as `key=value`, that the pod of each of these endpoints carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// What callers at its outside address meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callers: Option<Expected>,
    /// For how long all of this has to stay so, in seconds, 1 to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u64>,
    /// Whether it is so before the step, and stays so all the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub throughout: bool,
}

/// What the cluster has.
pub(super) struct Facts {
    slices: Vec<EndpointSlice>,
    /// All pods of the namespace, for their labels.
    pods: Vec<Pod>,
    /// Empty if none was sent.
    callers: Callers,
}

impl Kind for Service {
    type Facts = Facts;

    fn validate(&self) -> Result<(), String> {
        if self.endpoints.is_none() && self.callers.is_none() {
            return Err("this proves nothing; ask for endpoints or callers".into());
        }
        if self.labels.as_ref().is_some_and(|label| !label.contains('=')) {
            return Err("labels: write key=value".into());
        }
        if self.labels.is_some() && self.endpoints.unwrap_or_default() == 0 {
            return Err("labels: write how many endpoints carry it, 1 or more".into());
        }
        let nobody = |expected: &Expected| expected.answers.is_empty();
        if self.endpoints.is_none() && self.callers.as_ref().is_some_and(nobody) {
            return Err(
                "answers: [] proves nothing alone, for nobody answers where nothing was done; \
                        write endpoints beside it"
                    .into(),
            );
        }
        if self
            .for_seconds
            .is_some_and(|seconds| !(1..=MAX_STAY).contains(&seconds))
        {
            return Err(format!("for_seconds: write 1 to {MAX_STAY}"));
        }
        self.callers.as_ref().map_or(Ok(()), Expected::validate)
    }

    fn describe(&self, language: Language) -> String {
        let mut parts = vec![];
        if let Some(count) = self.endpoints {
            parts.push(self.has_endpoints(language, count, self.labels.as_deref()));
        }
        if let Some(expected) = &self.callers {
            parts.push(self.callers_get(language, &expected.get, &expected.statuses()));
        }
        if let Some(seconds) = self.for_seconds {
            parts.push(say(
                language,
                format!("so it stays for {seconds} s"),
                format!("{seconds}초 동안 그대로"),
            ));
        }
        if self.throughout {
            parts.push(say(language, "all the time", "그동안 내내"));
        }
        parts.join("; ")
    }

    async fn look(&self, view: &View) -> Result<Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let selector = ListParams::default().labels(&format!("kubernetes.io/service-name={}", self.name));
        Ok(Facts {
            slices: view.api::<EndpointSlice>(namespace).list(&selector).await?.items,
            pods: view
                .api::<Pod>(namespace)
                .list(&ListParams::default())
                .await?
                .items,
            callers: match &self.callers {
                Some(expected) => call(view.outside(&self.name, namespace).await?, &expected.get).await,
                None => Callers::new(),
            },
        })
    }

    fn judge(&self, facts: &Facts, language: Language) -> Verdict {
        let ready = ready(&facts.slices);
        let mut observed = vec![];
        let mut hint = None;
        if let Some(expected) = self.endpoints {
            let mut part = self.has_endpoints(language, ready.len(), None);
            if !ready.is_empty() {
                let names: Vec<_> = ready.iter().map(String::as_str).collect();
                part.push_str(&format!(" ({})", names.join(", ")));
            }
            observed.push(part);
            if facts.slices.is_empty() {
                hint = Some(self.hint_no_service(language));
            } else if ready.len() != expected {
                hint = Some(self.hint_endpoints(language, ready.len(), expected));
            } else if !self.labelled(&ready, &facts.pods) {
                hint = Some(self.hint_labels(language));
            }
        }
        if let Some(expected) = &self.callers {
            let met: BTreeSet<_> = facts.callers.keys().filter_map(|status| *status).collect();
            let unanswered = facts.callers.contains_key(&None);
            observed.push(self.callers_get(language, &expected.get, &met_by(&facts.callers, language)));
            let as_expected = met == expected.answers.iter().copied().collect()
                && unanswered == expected.answers.is_empty();
            if !as_expected && hint.is_none() {
                hint = Some(self.hint_callers(language, met.is_empty()));
            }
        }
        Verdict::new(hint.is_none(), observed.join("; "), || hint.unwrap_or_default())
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let (kubectl, name) = (in_namespace(kubectl, self.namespace.as_deref()), &self.name);
        vec![
            format!("{kubectl} get endpointslices -l kubernetes.io/service-name={name} -o yaml"),
            format!("{kubectl} describe service {name}"),
        ]
    }
}

impl Service {
    fn place(&self) -> String {
        place(&self.name, self.namespace.as_deref())
    }

    fn labelled(&self, ready: &BTreeSet<String>, pods: &[Pod]) -> bool {
        let label = self.labels.as_deref().and_then(|label| label.split_once('='));
        label.is_none_or(|(key, value)| {
            let carries = |pod: &Pod| pod.labels().get(key).is_some_and(|carried| carried == value);
            ready
                .iter()
                .all(|name| pods.iter().any(|pod| pod.name_any() == *name && carries(pod)))
        })
    }

    fn has_endpoints(&self, language: Language, count: usize, labels: Option<&str>) -> String {
        let name = self.place();
        let labels = labels.map(|labels| format!(" ({labels})")).unwrap_or_default();
        match language {
            En if count == 1 => format!("{name} has 1 ready endpoint{labels}"),
            En => format!("{name} has {count} ready endpoints{labels}"),
            Ko => format!("{name}의 준비된 엔드포인트 {count}개{labels}"),
        }
    }

    fn callers_get(&self, language: Language, path: &str, answers: &str) -> String {
        let name = self.place();
        match (language, answers.is_empty()) {
            (En, false) => format!("callers of {name}{path} get {answers}"),
            (En, true) => format!("callers of {name}{path} get no answer"),
            (Ko, false) => format!("{name}{path} 호출 응답 {answers}"),
            (Ko, true) => format!("{name}{path}를 호출해도 응답 없음"),
        }
    }

    fn hint_no_service(&self, language: Language) -> String {
        let name = &self.name;
        say(
            language,
            format!(
                "There is no Service {name} here, or its selector finds no pod: compare its selector with the \
                 pods' labels."
            ),
            format!(
                "{name} 서비스가 없거나 셀렉터에 맞는 파드가 없습니다. 서비스의 셀렉터와 파드의 레이블을 견주어 \
                 보세요."
            ),
        )
    }

    fn hint_endpoints(&self, language: Language, ready: usize, expected: usize) -> String {
        if ready > expected {
            say(
                language,
                "A pod stays in the endpoints until its readiness probe fails: is there a probe, does it ask the \
                 right path, and has a pod been broken yet?",
                "파드는 레디니스 프로브가 실패해야 엔드포인트에서 빠집니다. 프로브가 있는지, 올바른 경로를 \
                 묻는지, 고장 난 파드가 있는지 확인하세요.",
            )
        } else {
            say(
                language,
                "A pod joins the endpoints when it is ready and its labels match the Service's selector: look at \
                 the pods' READY column and at what their probes say (kubectl describe pods).",
                "파드는 준비 상태이고 레이블이 서비스의 셀렉터와 맞아야 엔드포인트에 들어갑니다. READY 열과 \
                 프로브 결과(kubectl describe pods)를 보세요.",
            )
        }
    }

    fn hint_labels(&self, language: Language) -> String {
        let labels = self.labels.as_deref().unwrap_or_default();
        say(
            language,
            format!(
                "The endpoints are still those of another version: apply the update whose pods carry {labels}."
            ),
            format!(
                "엔드포인트가 아직 다른 버전의 파드입니다. 파드에 {labels} 레이블을 붙이는 업데이트를 적용하세요."
            ),
        )
    }

    fn hint_callers(&self, language: Language, nobody: bool) -> String {
        let name = &self.name;
        if nobody {
            say(
                language,
                format!(
                    "Nobody answers at {name}'s address: has the Service one (kubectl get service {name}), and a \
                     ready endpoint?"
                ),
                format!(
                    "{name} 주소에서 아무도 응답하지 않습니다. 서비스에 주소가 있는지(kubectl get service {name}), \
                     준비된 엔드포인트가 있는지 보세요."
                ),
            )
        } else {
            say(
                language,
                "Callers meet other answers than they should here: which pods are healthy decides (ask /healthz a \
                 few times), and how often an app was called.",
                "호출자가 받는 응답이 여기서 기대한 것과 다릅니다. 어느 파드가 정상인지(/healthz를 몇 번 \
                 호출해 보세요), 앱을 몇 번 호출했는지에 달려 있습니다.",
            )
        }
    }
}

/// The pods, by name, or else the addresses, that get requests.
fn ready(slices: &[EndpointSlice]) -> BTreeSet<String> {
    slices
        .iter()
        .flat_map(|slice| slice.endpoints.iter().flatten())
        .filter(|endpoint| {
            let conditions = endpoint.conditions.as_ref();
            // Kubernetes: "A nil value should be interpreted as true".
            conditions.and_then(|conditions| conditions.ready).unwrap_or(true)
        })
        .map(|endpoint| {
            let pod = endpoint
                .target_ref
                .as_ref()
                .and_then(|target| target.name.clone());
            pod.unwrap_or_else(|| endpoint.addresses.join(","))
        })
        .collect()
}

/// Who met what: `200 (17 of 32), 500 (15 of 32)`; nothing if nobody got an answer.
fn met_by(callers: &Callers, language: Language) -> String {
    let all: usize = callers.values().sum();
    if callers.keys().all(Option::is_none) {
        return String::new();
    }
    let part = |(status, count): (&Option<u16>, &usize)| match (status, language) {
        (Some(status), En) => format!("{status} ({count} of {all})"),
        (None, En) => format!("no answer ({count} of {all})"),
        (Some(status), Ko) => format!("{status} ({all}번 중 {count}번)"),
        (None, Ko) => format!("무응답 ({all}번 중 {count}번)"),
    };
    callers.iter().map(part).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, version: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name, "labels": { "app": "numbers-api", "version": version } },
        }))
        .unwrap()
    }

    /// Endpoints of a slice: a pod's name, and whether it is ready.
    fn slice(endpoints: &[(&str, Option<bool>)]) -> EndpointSlice {
        let endpoint = |(name, ready): &(&str, Option<bool>)| {
            json!({
                "addresses": ["198.18.0.9"],
                "conditions": { "ready": ready, "serving": ready, "terminating": false },
                "targetRef": { "kind": "Pod", "name": name },
            })
        };
        let endpoints: Vec<_> = endpoints.iter().map(endpoint).collect();
        serde_json::from_value(json!({ "metadata": {}, "addressType": "IPv4", "endpoints": endpoints }))
            .unwrap()
    }

    fn check(endpoints: usize, labels: Option<&str>, answers: &[u16]) -> Service {
        Service {
            name: "numbers-api".into(),
            endpoints: Some(endpoints),
            labels: labels.map(str::to_owned),
            callers: Some(Expected {
                get: "/healthz".into(),
                answers: answers.into(),
            }),
            ..Service::default()
        }
    }

    fn callers(met: &[(Option<u16>, usize)]) -> Callers {
        met.iter().copied().collect()
    }

    /// Without a probe: both pods stand in the endpoints though one is broken.
    fn no_probe() -> Facts {
        Facts {
            slices: vec![slice(&[("a", Some(true)), ("b", Some(true))])],
            pods: vec![pod("a", "v1"), pod("b", "v1")],
            callers: callers(&[(Some(200), 18), (Some(500), 14)]),
        }
    }

    /// With a readiness probe: the broken pod is out.
    fn probed() -> Facts {
        Facts {
            slices: vec![slice(&[("a", Some(true)), ("b", Some(false))])],
            pods: vec![pod("a", "v2"), pod("b", "v2")],
            callers: callers(&[(Some(200), 32)]),
        }
    }

    /// And when both are broken.
    fn all_out() -> Facts {
        Facts {
            slices: vec![slice(&[("a", Some(false)), ("b", Some(false))])],
            pods: vec![],
            callers: callers(&[(None, 32)]),
        }
    }

    #[test]
    fn each_state_of_the_service_is_told_from_the_others() {
        let checks = [
            check(2, None, &[200, 500]),
            check(1, Some("version=v2"), &[200]),
            check(0, None, &[]),
        ];
        let states = [no_probe(), probed(), all_out()];
        for (wanted, check) in checks.iter().enumerate() {
            for (state, facts) in states.iter().enumerate() {
                let verdict = check.judge(facts, En);
                assert_eq!(
                    verdict.holds,
                    wanted == state,
                    "check {wanted}, state {state}: {}",
                    verdict.observed
                );
                assert_eq!(verdict.hint.is_empty(), verdict.holds);
            }
        }
    }

    #[test]
    fn what_would_hold_where_nothing_was_done_is_refused() {
        let check = |endpoints, labels: Option<&str>, answers: Option<&[u16]>| {
            Service {
                endpoints,
                labels: labels.map(str::to_owned),
                callers: answers.map(|answers| Expected {
                    get: "/".into(),
                    answers: answers.into(),
                }),
                ..Service::default()
            }
            .validate()
            .is_ok()
        };
        assert!(check(Some(1), Some("a=b"), None));
        assert!(!check(None, Some("a=b"), Some(&[200])));
        assert!(!check(Some(0), Some("a=b"), None));
        assert!(check(Some(0), None, Some(&[])));
        assert!(!check(None, None, Some(&[])));
    }

    #[test]
    fn what_was_there_is_said_with_names_and_counts() {
        let check = check(1, None, &[200]);
        assert_eq!(
            check.judge(&no_probe(), En).observed,
            "numbers-api has 2 ready endpoints (a, b); callers of numbers-api/healthz get 200 (18 of 32), 500 \
             (14 of 32)"
        );
        assert_eq!(
            check.judge(&all_out(), Ko).observed,
            "numbers-api의 준비된 엔드포인트 0개; numbers-api/healthz를 호출해도 응답 없음"
        );
    }

    #[test]
    fn each_way_to_fail_has_a_hint_of_its_own() {
        let none = Facts {
            slices: vec![],
            pods: vec![],
            callers: callers(&[(None, 3)]),
        };
        let hints: BTreeSet<_> = [
            check(2, None, &[200]).judge(&none, En),
            check(1, None, &[200]).judge(&no_probe(), En),
            check(2, None, &[200]).judge(&all_out(), En),
            check(2, Some("version=v2"), &[200, 500]).judge(&no_probe(), En),
            check(2, None, &[200]).judge(&no_probe(), En),
            check(0, None, &[200]).judge(&all_out(), En),
        ]
        .into_iter()
        .map(|verdict| verdict.hint)
        .collect();
        assert_eq!(hints.len(), 6, "{hints:#?}");
    }

    #[test]
    fn an_endpoint_of_another_version_does_not_count() {
        let holds = |version| check(2, Some(version), &[200, 500]).judge(&no_probe(), En).holds;
        assert!(!holds("version=v2"));
        assert!(holds("version=v1"));
    }

    #[test]
    fn a_pod_in_two_slices_is_one_endpoint_and_an_unknown_state_is_ready() {
        let facts = Facts {
            slices: vec![slice(&[("a", None)]), slice(&[("a", Some(true))])],
            pods: vec![],
            callers: callers(&[(Some(200), 32)]),
        };
        assert!(check(1, None, &[200]).judge(&facts, En).holds);
    }

    #[test]
    fn callers_without_an_answer_spoil_the_others() {
        let facts = Facts {
            slices: vec![slice(&[("a", Some(true))])],
            pods: vec![],
            callers: callers(&[(Some(200), 31), (None, 1)]),
        };
        assert!(!check(1, None, &[200]).judge(&facts, En).holds);
    }
}
