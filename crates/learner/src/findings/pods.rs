//! Why pods do not run, are not ready, or were never made.

use std::collections::BTreeSet;

use guide::{Message, Stage};
use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};
use kube::ResourceExt;

use crate::{finding::Finding, scene::Room};

/// Why an image is not there (kubelet, `pkg/kubelet/images/types.go`).
const NO_IMAGE: [&str; 7] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];
/// Why a container cannot be made.
const NO_CONTAINER: [&str; 4] = [
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
];
/// The longest message of the cluster's that is told.
const SHOWN: usize = 240;

pub(super) fn find(room: &Room, stage: &Stage) -> Vec<Finding> {
    let ours = room.pods.iter().filter(|pod| is_ours(pod));
    let mut found: Vec<Finding> = ours
        .clone()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none())
        .filter_map(|pod| trouble(pod, &room.events))
        .collect();
    // One sentence is enough for pods that have the same trouble; the first pod stands for them.
    let mut told = BTreeSet::new();
    found.retain(|finding| told.insert(finding.message.id()));
    found.extend(refused(room, stage));
    found
}

/// Whether a pod is of the chapter.
fn is_ours(pod: &Pod) -> bool {
    pod.labels().contains_key("kiamol") || pod.labels().contains_key("app")
}

fn trouble(pod: &Pod, events: &[Event]) -> Option<Finding> {
    let name = pod.name_any();
    let status = pod.status.as_ref()?;
    if let Some(reason) = access::without_node(pod) {
        let message = Message::new("find-unschedulable")
            .with("pod", name)
            .with("reason", cut(reason));
        return Some(Finding::fact(message));
    }
    for container in status.container_statuses.iter().flatten() {
        if let Some(finding) = waiting(&name, container) {
            return Some(finding);
        }
    }
    // Events last an hour, longer than what was wrong.
    let unmounted = (!access::has_volumes(pod)).then(|| last(events, "FailedMount", pod));
    if let Some(message) = unmounted.flatten() {
        let message = Message::new("find-container")
            .with("pod", name)
            .with("reason", cut(message));
        return Some(Finding::wrong(message));
    }
    if access::is_ready(pod) {
        return None;
    }
    let unhealthy = last(events, "Unhealthy", pod)?;
    let message = Message::new("find-probe")
        .with("pod", name)
        .with("message", cut(unhealthy));
    Some(Finding::fact(message))
}

fn waiting(pod: &str, container: &ContainerStatus) -> Option<Finding> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref()?;
    let text = waiting.message.as_deref().unwrap_or(reason);
    if NO_IMAGE.contains(&reason) {
        let message = Message::new("find-image")
            .with("pod", pod)
            .with("image", &container.image)
            .with("reason", reason);
        return Some(Finding::wrong(message));
    }
    if NO_CONTAINER.contains(&reason) {
        let message = Message::new("find-container")
            .with("pod", pod)
            .with("reason", cut(text));
        return Some(Finding::wrong(message));
    }
    let last = container.last_state.as_ref()?.terminated.as_ref()?;
    let how = guide::proof::ended(last.reason.as_deref(), Some(last.exit_code))?;
    let message = Message::new("find-crash")
        .with("pod", pod)
        .with("how", how)
        .with("reason", reason)
        .with("count", container.restart_count);
    Some(Finding::fact(message))
}

/// The last message that an event of this reason has for a pod.
fn last<'a>(events: &'a [Event], reason: &str, pod: &Pod) -> Option<&'a str> {
    let about = |event: &&Event| {
        let of = &event.involved_object;
        event.reason.as_deref() == Some(reason)
            && (&of.name, &of.uid) == (&pod.metadata.name, &pod.metadata.uid)
    };
    let newest = events
        .iter()
        .filter(about)
        .max_by_key(|event| access::last_seen(event))?;
    newest.message.as_deref()
}

/// What the API server said to those who wanted to make pods.
fn refused(room: &Room, stage: &Stage) -> Vec<Finding> {
    let current = room.sets.iter().filter(|set| set.spec.replicas.unwrap_or(1) > 0);
    let (mut found, mut told) = (vec![], BTreeSet::new());
    for set in current {
        let conditions = set
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        let failure = conditions.filter(|condition| {
            (condition.type_.as_deref(), condition.status.as_deref())
                == (Some("ReplicaFailure"), Some("True"))
        });
        let owner = set
            .owner_references()
            .first()
            .map(|owner| owner.name.clone())
            .unwrap_or_default();
        let ours = stage.objects.keys().any(|name| name.name == owner);
        for condition in failure.filter(|_| ours && told.insert(owner.clone())) {
            let message = Message::new("find-refused")
                .with("owner", &owner)
                .with("message", cut(condition.message.as_deref().unwrap_or_default()));
            found.push(Finding::fact(message));
        }
    }
    found
}

/// One line, and not too long.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    line.chars().take(SHOWN - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(state: &serde_json::Value, conditions: &serde_json::Value) -> Option<&'static str> {
        let pod = json!({
            "metadata": { "name": "db", "uid": "db" },
            "status": { "conditions": conditions, "containerStatuses": [{
                "name": "db", "image": "db", "imageID": "", "ready": false, "restartCount": 0, "state": state,
            }] },
        });
        let event = |reason: &str, second: u32, uid: &str| {
            serde_json::from_value(json!({
                "metadata": {},
                "involvedObject": { "name": "db", "uid": uid },
                "reason": reason,
                "message": format!("{reason} {second}"),
                "lastTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
            }))
            .unwrap()
        };
        let events = [event("FailedMount", 1, "db"), event("Unhealthy", 2, "db")];
        let pod = serde_json::from_value(pod).unwrap();
        trouble(&pod, &events).and_then(|finding| finding.message.id())
    }

    #[test]
    fn a_volume_that_could_not_be_mounted_is_told_until_it_is() {
        let (creating, running) = (
            json!({ "waiting": { "reason": "ContainerCreating" } }),
            json!({ "running": {} }),
        );
        let sandbox = |is: &str| json!([{ "type": "PodReadyToStartContainers", "status": is }]);
        let unmounted = Some("find-container");
        assert_eq!(told(&creating, &json!([])), unmounted);
        assert_eq!(told(&creating, &sandbox("False")), unmounted);
        // As after the node has started anew.
        assert_eq!(told(&running, &sandbox("False")), unmounted);
        // Its image is pulled, perhaps.
        assert_eq!(told(&creating, &sandbox("True")), Some("find-probe"));
        assert_eq!(told(&running, &json!([])), Some("find-probe"));
    }

    #[test]
    fn an_event_of_another_pod_that_had_the_name_is_not_this_ones() {
        let event = json!({
            "metadata": {}, "involvedObject": { "name": "db", "uid": "before" },
            "reason": "Unhealthy", "message": "old",
        });
        let pod = json!({ "metadata": { "name": "db", "uid": "db" } });
        let events = [serde_json::from_value(event).unwrap()];
        assert_eq!(
            last(&events, "Unhealthy", &serde_json::from_value(pod).unwrap()),
            None
        );
    }
}
