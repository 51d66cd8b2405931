//! What a pod carries of its past.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodCondition};
use story::{Clock, Fact, Moment, Refuser, Source, What};

use super::{
    container,
    meta::{at, date, fact, last_write, status_writer},
    objects::Objects,
};

/// All of it.
pub(crate) fn facts(pod: &Pod, objects: &Objects) -> Vec<Fact> {
    let subject = objects.of_pod(pod);
    let told = |what, who: Option<&str>, when| fact(subject.clone(), what, who, when, Source::Pods);
    let made = pod.metadata.creation_timestamp.as_ref().and_then(at);
    let created = made.map(|made| {
        let by = is_of_a_set(pod).then_some("replicaset-controller");
        told(What::Created, by, Moment::second(made, Clock::ApiServer))
    });
    let scheduled = scheduled(pod).map(|(what, when)| told(what, Some("kube-scheduler"), when));
    let ready = ready(pod, made).map(|(what, when)| told(what, status_writer(&pod.metadata), when));
    let mut facts: Vec<_> = [created, scheduled, ready, wish_to_go(pod, objects)]
        .into_iter()
        .flatten()
        .collect();
    facts.extend(container::facts(pod, &subject));
    facts
}

fn is_of_a_set(pod: &Pod) -> bool {
    let mut owners = pod.metadata.owner_references.iter().flatten();
    owners.any(|owner| owner.controller == Some(true) && owner.kind == "ReplicaSet")
}

fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    let mut conditions = pod.status.as_ref()?.conditions.iter().flatten();
    conditions.find(|condition| condition.type_ == kind)
}

/// When the condition became what it is.
fn transition(condition: &PodCondition) -> Option<Timestamp> {
    condition.last_transition_time.as_ref().and_then(at)
}

/// A node was chosen, or none takes the pod. The API server dates the choice (`pkg/registry/core/pod/storage`,
/// `setPodNodeAndMetadata`), the scheduler the refusal.
fn scheduled(pod: &Pod) -> Option<(What, Moment)> {
    let condition = condition(pod, "PodScheduled")?;
    let since = transition(condition)?;
    match (&*condition.status, pod.spec.as_ref()?.node_name.as_ref()) {
        ("True", Some(node)) => Some((
            What::Scheduled { node: node.clone() },
            Moment::second(since, Clock::ApiServer),
        )),
        ("False", _) => Some((
            What::Refused {
                by: Refuser::Scheduler,
                says: condition.message.clone().unwrap_or_default(),
            },
            refused_between(pod, since),
        )),
        _ => None,
    }
}

/// When the scheduler refused in these words: between the first refusal, by which the condition is dated, and its last write, which may
/// have changed no more than the words.
fn refused_between(pod: &Pod, first: Timestamp) -> Moment {
    let write = last_write(&pod.metadata, |write| {
        write.manager.as_deref() == Some("kube-scheduler")
    });
    let last = write.and_then(date).filter(|last| *last > first);
    let last = last.and_then(|last| last.checked_add(SignedDuration::from_secs(1)).ok());
    let between = last.and_then(|last| Moment::between(first, last, Clock::Scheduler).ok());
    between.unwrap_or_else(|| Moment::second(first, Clock::Scheduler))
}

/// The last time that the pod became ready, or stopped being so.
///
/// The kubelet gives a new pod the condition with its first report, at once or in the next second: that it is not ready then is
/// no change.
fn ready(pod: &Pod, created: Option<Timestamp>) -> Option<(What, Moment)> {
    let condition = condition(pod, "Ready")?;
    let since = transition(condition)?;
    let value = condition.status == "True";
    if !value {
        let begun = pod.status.as_ref()?.start_time.as_ref().and_then(at)?;
        if since.duration_since(begun) < SignedDuration::from_secs(2) {
            return None;
        }
    }
    Some((
        What::Ready { value, created },
        Moment::second(since, Clock::Kubelet),
    ))
}

/// Whether the pod is ready, and since when it is so.
pub(crate) fn readiness(pod: &Pod) -> Option<(bool, Timestamp)> {
    let condition = condition(pod, "Ready")?;
    Some((condition.status == "True", transition(condition)?))
}

/// Whether a container of it ran at that time, as far as it says, or may have.
fn ran(pod: &Pod, time: Timestamp) -> bool {
    let status = pod.status.as_ref();
    let containers = status.and_then(|status| status.container_statuses.as_ref());
    let first = status.and_then(|status| status.init_container_statuses.as_ref());
    let ran = |one: &ContainerStatus| {
        one.state.as_ref().is_some_and(|state| {
            let end = state.terminated.as_ref();
            let end = end.and_then(|end| end.finished_at.as_ref().and_then(at));
            state.running.is_some() || end.is_some_and(|end| end >= time)
        })
    };
    let looks = status.and_then(|status| status.ephemeral_container_statuses.as_ref());
    first
        .into_iter()
        .chain(containers)
        .chain(looks)
        .flatten()
        .any(ran)
}

/// That the pod was asked to go, and in which time.
pub(crate) fn wish_to_go(pod: &Pod, objects: &Objects) -> Option<Fact> {
    let when = asked_to_go(pod)?;
    let what = What::Gone {
        asked: true,
        idle: !ran(pod, when.earliest()),
        grace: pod
            .metadata
            .deletion_grace_period_seconds
            .and_then(|grace| u32::try_from(grace).ok()),
    };
    Some(fact(objects.of_pod(pod), what, None, when, Source::Pods))
}

/// When the pod was asked to go: `deletionTimestamp` is when its grace ends.
fn asked_to_go(pod: &Pod) -> Option<Moment> {
    let end = pod.metadata.deletion_timestamp.as_ref().and_then(at)?;
    let grace = pod.metadata.deletion_grace_period_seconds?;
    let asked = end.checked_sub(SignedDuration::from_secs(grace)).ok()?;
    Some(Moment::second(asked, Clock::ApiServer))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_in_other_words_is_not_as_old_as_the_first() {
        let moment = |wrote: &str| {
            let pod = json!({"metadata": {"managedFields": [
                {"manager": "kube-scheduler", "subresource": "status", "time": wrote},
                {"manager": "kubectl", "time": "2026-01-01T00:09:00Z"},
            ]}});
            let first = "2026-01-01T00:00:00Z".parse().unwrap();
            refused_between(&serde_json::from_value(pod).unwrap(), first)
        };
        let latest = |wrote: &str| moment(wrote).latest().to_string();
        assert_eq!(latest("2026-01-01T00:00:00Z"), "2026-01-01T00:00:01Z");
        assert_eq!(latest("2026-01-01T00:00:24Z"), "2026-01-01T00:00:25Z");
        assert_eq!(
            moment("2026-01-01T00:00:24Z").earliest().to_string(),
            "2026-01-01T00:00:00Z"
        );
    }
}
