//! What a miss says beside what was expected.

use guide::Message;
use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};
use kube::{Api, ResourceExt, api::ListParams};

use report::Miss;

use super::{Error, Sandbox, prove::Missed};

/// How many of the cluster's events are told.
const LAST_EVENTS: usize = 8;

/// Looks once more, so that a person knows where to go on.
///
/// # Errors
/// The cluster does not answer: then that is what went wrong.
pub(super) async fn miss(missed: Missed, guide: String, sandbox: &Sandbox) -> Result<Miss, Error> {
    let all = ListParams::default();
    let client = &sandbox.access.client;
    let named = missed.proof.as_ref().and_then(|proof| proof.claim().namespace());
    let namespace = named.unwrap_or(&sandbox.place.namespace);
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let pods = pods
        .list(&all)
        .await
        .map_err(|error| sandbox.refused(Message::new("action-list-pods"), &error))?
        .items;
    let mut events = events
        .list(&all)
        .await
        .map_err(|error| sandbox.refused(Message::new("action-list-events"), &error))?
        .items;
    // A warning says more than all that went well.
    if events.iter().any(is_warning) {
        events.retain(is_warning);
    }
    events.sort_by_key(|event| event.metadata.creation_timestamp.clone());
    let kubectl = &sandbox.kubectl;
    let mut look_at = missed
        .proof
        .as_ref()
        .map(|proof| proof.claim().look_at(kubectl))
        .unwrap_or_default();
    look_at.push(format!("{kubectl} get all"));
    Ok(Miss {
        expected: missed.expected,
        observed: missed.observed,
        guide,
        look_at,
        pods: pods.iter().map(pod_line).collect(),
        events: events
            .iter()
            .rev()
            .take(LAST_EVENTS)
            .rev()
            .map(event_line)
            .collect(),
    })
}

fn pod_line(pod: &Pod) -> String {
    let status = pod.status.as_ref();
    let containers: Vec<_> = status
        .and_then(|status| status.container_statuses.as_ref())
        .into_iter()
        .flatten()
        .collect();
    let ready = containers.iter().filter(|container| container.ready).count();
    let restarts: i32 = containers.iter().map(|container| container.restart_count).sum();
    let mut line = format!(
        "{} {}, {ready}/{} ready, {restarts} restarts",
        pod.name_any(),
        status
            .and_then(|status| status.phase.as_deref())
            .unwrap_or("Unknown"),
        containers.len(),
    );
    if pod.metadata.deletion_timestamp.is_some() {
        line.push_str(", being deleted");
    }
    for reason in containers.iter().filter_map(|container| waiting(container)) {
        line.push_str(&format!(", {reason}"));
    }
    line
}

fn waiting(container: &ContainerStatus) -> Option<&str> {
    container.state.as_ref()?.waiting.as_ref()?.reason.as_deref()
}

fn is_warning(event: &Event) -> bool {
    event.type_.as_deref() == Some("Warning")
}

fn event_line(event: &Event) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!(
        "{} {} {}: {}",
        text(&event.type_),
        text(&event.reason),
        text(&event.involved_object.name),
        text(&event.message).lines().next().unwrap_or_default()
    )
}
