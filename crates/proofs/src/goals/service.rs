//! Services, and the pods that they select.

use std::collections::BTreeMap;

use guide::Message;
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::ResourceExt;

use super::verdict::{GoalVerdict, missed};

/// Labels of a pod, or those that one has to have.
pub(super) type Labels = BTreeMap<String, String>;

/// There is no such Service, which is another thing than one without endpoints.
pub(super) fn no_service(name: &str) -> GoalVerdict {
    let observed = Message::new("goal-service-missing").with("service", name);
    missed(observed, Message::new("goal-service-none").with("service", name))
}

/// The pods that a Service selects.
pub(super) fn behind<'a>(service: &Service, pods: &'a [Pod]) -> Vec<&'a Pod> {
    let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    let Some(selector) = selector.filter(|selector| !selector.is_empty()) else {
        return vec![];
    };
    pods.iter().filter(|pod| has(pod.labels(), selector)).collect()
}

pub(super) fn has(labels: &Labels, wanted: &Labels) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}
