//! What a learner may look at when a Service is not as it should be.

use std::collections::BTreeSet;

use guide::{Message, proof::Service};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use super::facts::Facts;

/// The hint for the first thing that is not as it should be.
pub(super) fn hint(expected: &Service, facts: &Facts, ready: &BTreeSet<String>) -> Option<Message> {
    let endpoints = expected
        .endpoints
        .and_then(|wanted| endpoints(expected, wanted, facts, ready));
    endpoints.or_else(|| callers(expected, facts))
}

/// The hint where there is no Service, or nobody behind it.
pub(super) fn none(expected: &Service) -> Message {
    Message::new("hint-service-none").with("service", &expected.name)
}

fn endpoints(expected: &Service, wanted: usize, facts: &Facts, ready: &BTreeSet<String>) -> Option<Message> {
    if facts.slices.is_empty() {
        Some(none(expected))
    } else if ready.len() > wanted {
        Some(Message::new("hint-service-too-many-endpoints"))
    } else if ready.len() < wanted {
        Some(Message::new("hint-service-endpoints"))
    } else if !labelled(expected, ready, &facts.pods) {
        let labels = expected.labels.as_deref().unwrap_or_default();
        Some(Message::new("hint-service-labels").with("labels", labels))
    } else {
        None
    }
}

fn callers(expected: &Service, facts: &Facts) -> Option<Message> {
    let wanted = &expected.callers.as_ref()?.answers;
    let met: BTreeSet<_> = facts.callers.keys().filter_map(|status| *status).collect();
    let unanswered = facts.callers.contains_key(&None);
    if met == wanted.iter().copied().collect() && unanswered == wanted.is_empty() {
        None
    } else if met.is_empty() {
        Some(Message::new("hint-service-no-answer").with("service", &expected.name))
    } else {
        Some(Message::new("hint-service-callers"))
    }
}

fn labelled(expected: &Service, ready: &BTreeSet<String>, pods: &[Pod]) -> bool {
    let label = expected.labels.as_deref().and_then(|label| label.split_once('='));
    label.is_none_or(|(key, value)| {
        let carries = |pod: &Pod| pod.labels().get(key).is_some_and(|carried| carried == value);
        ready
            .iter()
            .all(|name| pods.iter().any(|pod| pod.name_any() == *name && carries(pod)))
    })
}
