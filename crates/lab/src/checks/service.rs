//! A Service: who is in its endpoints, and what callers from outside meet.

mod hints;
#[cfg(test)]
mod tests;

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
