//! What an EndpointSlice carries of its past.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use story::{Clock, Fact, Moment, Source, What};

use super::{
    meta::{date, fact, last_write},
    objects::Objects,
    pod::readiness,
};

/// Kubernetes' own word for what a write answers: the first transition of those that it does.
pub(crate) const TRIGGER: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// The changes that the slice's last write made, as far as they can be told from earlier ones.
pub(crate) fn facts(slice: &EndpointSlice, objects: &Objects) -> Vec<Fact> {
    let trigger = slice
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(TRIGGER));
    let trigger = trigger.and_then(|text| text.parse().ok());
    let write = last_write(&slice.metadata, |write| write.subresource.is_none());
    let written = write.and_then(date);
    let (Some(service), Some(trigger), Some(written)) = (access::service_of(slice), trigger, written) else {
        return vec![];
    };
    let told = |endpoint: &Endpoint| {
        let uid = endpoint.target_ref.as_ref()?.uid.as_deref()?;
        let pod = objects.pod(uid)?;
        let value = endpoint.conditions.as_ref()?.ready?;
        if !is_answer((trigger, written), value, readiness(pod)?) {
            return None;
        }
        let what = What::Serving {
            value,
            service: service.into(),
            trigger: Some(trigger),
            // Other slices may have more of its pods, and were written at other times.
            share: None,
        };
        // All of kube-controller-manager has one name among managers; who writes slices is this part of it.
        let who = "endpointslice-controller";
        let when = Moment::second(written, Clock::ApiServer);
        Some(fact(objects.of_pod(pod), what, Some(who), when, Source::Slices))
    };
    slice.endpoints.iter().flatten().filter_map(told).collect()
}

/// Whether the last write was the one that says this of a pod: it answers transitions from the trigger on, and what it says of
/// others is older. The kubelet may report a transition twice, and the controller may have answered the report with the later time.
fn is_answer(
    (trigger, written): (Timestamp, Timestamp),
    serves: bool,
    (ready, since): (bool, Timestamp),
) -> bool {
    serves == ready && trigger.duration_since(since) <= SignedDuration::from_secs(1) && since <= written
}
