//! What a pod's ReplicaSet and Deployment tell of those that were there before.

use guide::goal::Field;
use k8s_openapi::api::core::v1::Pod;

use crate::goals::controllers::{Controller, created};

/// How much younger than its Deployment the oldest pod is, in seconds, at least, if another has gone: the first comes at once.
const LATER: i64 = 5;

/// The ReplicaSet that made a pod.
fn maker<'a>(pod: &Pod, controllers: &'a [Controller]) -> Option<&'a Controller> {
    let made = |controller: &&Controller| !controller.own(std::slice::from_ref(pod)).is_empty();
    controllers.iter().find(made)
}

/// Whether none is left of the pods that came with a pod's Deployment, so that this one took a place.
pub(super) fn replaced(pod: &Pod, pods: &[Pod], controllers: &[Controller]) -> bool {
    let Some(maker) = maker(pod, controllers) else {
        return false;
    };
    let top = controllers
        .iter()
        .find(|top| maker.is_made_by(std::slice::from_ref(top)));
    let top = top.unwrap_or(maker);
    let own = top.family(controllers).flat_map(|one| one.own(pods));
    let oldest = own.filter_map(created).min();
    match (top.created(), oldest) {
        (Some(top), Some(oldest)) => oldest.as_second() - top.as_second() >= LATER,
        _ => false,
    }
}

/// Whether a pod's Deployment had an earlier version in whose template these fields were so too.
pub(super) fn updated(pod: &Pod, controllers: &[Controller], fields: &[Field]) -> bool {
    let Some(maker) = maker(pod, controllers) else {
        return false;
    };
    let before = controllers
        .iter()
        .filter(|other| other.is_sister_of(maker) && other.revision() < maker.revision());
    before
        .map(|other| &other.object["spec"]["template"])
        .any(|template| fields.iter().all(|field| field.holds(template)))
}
