//! What a miss says beside what was expected.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};
use kube::{Api, ResourceExt, api::ListParams};

use access::plainly;
use guide::{Language, Message};
use proofs::Place;
use report::Miss;

use super::prove::Missed;

/// How many of the cluster's events are told.
const LAST_EVENTS: usize = 8;

/// Looks once more, so that a person knows where to go on. What cannot be seen is said to be so: that something was missed
/// is told in any case.
pub(super) async fn miss(
    missed: Missed,
    guide: String,
    place: &Place,
    kubectl: &str,
    language: Language,
) -> Miss {
    let all = ListParams::default();
    let claim = missed.proof.as_ref().map(|proof| proof.claim());
    let named = claim.and_then(|claim| claim.namespace());
    let namespace = named.unwrap_or(&place.namespace);
    let pods: Api<Pod> = Api::namespaced(place.client.clone(), namespace);
    let events: Api<Event> = Api::namespaced(place.client.clone(), namespace);
    let hidden = |error: kube::Error| {
        let hidden = Message::new("not-shown").with("reason", plainly(&error));
        vec![language.tell(&hidden)]
    };
    let pods = pods.list(&all).await;
    let events = events.list(&all).await;
    let mut look_at = claim.map(|claim| claim.look_at(kubectl)).unwrap_or_default();
    look_at.push(format!("{kubectl} get all"));
    Miss {
        pods: pods.map_or_else(hidden, |pods| pods.iter().map(pod_line).collect()),
        events: events.map_or_else(hidden, |events| event_lines(events.items)),
        // Whoever tells of it knows what was recorded.
        story: vec![],
        expected: missed.expected,
        observed: missed.observed,
        guide,
        look_at,
    }
}

/// The last of the events, the newest at the end; of the warnings alone, if there are any, as they say more than all that
/// went well.
fn event_lines(mut events: Vec<Event>) -> Vec<String> {
    if events.iter().any(is_warning) {
        events.retain(is_warning);
    }
    events.sort_by_key(access::last_seen);
    let older = events.len().saturating_sub(LAST_EVENTS);
    events.iter().skip(older).map(event_line).collect()
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

#[cfg(test)]
mod tests {
    use access::fake;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn what_was_missed_is_told_where_events_may_not_be_seen() {
        let client = fake::api(|request, _| {
            if request.ends_with("/events") {
                return fake::refusal(403, "events is forbidden");
            }
            fake::list(&[json!({ "metadata": { "name": "web" }, "status": { "phase": "Running" } })])
        });
        let place = Place::new(client, "default".into(), std::path::PathBuf::new());
        let missed = Missed {
            expected: "two pods".into(),
            observed: "one pod".into(),
            proof: None,
        };
        let miss = miss(missed, "en/12.1.md:1".into(), &place, "kubectl", Language::En).await;
        assert_eq!(miss.observed, "one pod");
        assert_eq!(miss.pods, ["web Running, 0/0 ready, 0 restarts"]);
        assert_eq!(miss.events, ["not shown: events is forbidden"]);
    }

    #[test]
    fn what_happened_last_comes_last_however_old_its_first_time_is() {
        let event = |reason: String, made: i32, last: serde_json::Value| {
            let mut event = json!({
                "metadata": { "creationTimestamp": format!("2026-01-01T10:00:{made:02}Z") },
                "involvedObject": { "name": "web" }, "type": "Warning", "reason": reason, "message": "why",
            });
            event
                .as_object_mut()
                .unwrap()
                .extend(last.as_object().unwrap().clone());
            serde_json::from_value::<Event>(event).unwrap()
        };
        let at = |second: i32| format!("2026-01-01T10:01:{second:02}.000000Z");
        let mut events = vec![
            event(
                "Series".into(),
                0,
                json!({ "series": { "count": 9, "lastObservedTime": at(3) }, "eventTime": at(0) }),
            ),
            event("Repeated".into(), 1, json!({ "lastTimestamp": at(2) })),
            event(
                "Once".into(),
                2,
                json!({ "eventTime": at(1), "lastTimestamp": null }),
            ),
        ];
        events.extend((3..12).map(|second| event(format!("Old{second}"), second, json!({}))));
        let lines = event_lines(events);
        assert_eq!(lines.len(), LAST_EVENTS);
        assert_eq!(
            lines[LAST_EVENTS - 3..],
            [
                "Warning Once web: why",
                "Warning Repeated web: why",
                "Warning Series web: why"
            ]
        );
    }
}
