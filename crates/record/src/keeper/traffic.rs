//! Who gets a Service's traffic, and no longer gets it: what a slice says against what it said before.

use std::collections::{BTreeMap, BTreeSet};

use access::{gets_traffic, service_of};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::ResourceExt;
use story::{Fact, Share, Source, Subject, What};

use super::{
    clocks::Clocks,
    differences::{version, written},
    seen::Seen,
};
use crate::read::{
    Objects,
    meta::{date, fact, last_write},
    slice::TRIGGER,
};

/// The part of kube-controller-manager that writes slices unless their label names another.
const CONTROLLER: &str = "endpointslice-controller";

/// What changed with `new`, which comes in place of `old`. `objects` has the other slices.
pub(super) fn changes(
    old: Option<&EndpointSlice>,
    new: Option<&EndpointSlice>,
    objects: &Objects,
    seen: Seen,
    clocks: &Clocks,
) -> Vec<Fact> {
    let Some(either) = new.or(old) else { return vec![] };
    let Some(service) = service_of(either) else {
        return vec![];
    };
    let others = others(either, objects);
    let mut elsewhere = BTreeMap::new();
    others.clone().for_each(|other| elsewhere.extend(serving(other)));
    let (before, after) = (
        old.map(serving).unwrap_or_default(),
        new.map(serving).unwrap_or_default(),
    );
    let staying: BTreeSet<_> = others.chain(new).flat_map(staying).collect();
    let serving_now = after.keys().chain(elsewhere.keys());
    let serving_now: BTreeSet<_> = serving_now.filter(|uid| staying.contains(uid.as_str())).collect();
    let count = |pods: usize| u32::try_from(pods).unwrap_or(u32::MAX);
    let share = Share {
        serving: count(serving_now.len()),
        of: count(staying.len()),
    };
    let when = match new {
        Some(new) => {
            let noted = last_write(&new.metadata, |write| write.subresource.is_none());
            let noted = noted.and_then(date);
            written(noted.filter(|_| seen.in_order), seen, clocks)
        }
        None => seen.moment(),
    };
    let Some(when) = when else { return vec![] };
    // Who removed a slice, nobody notes: its controller, or the garbage collector once its Service is gone.
    let by = new.map(|new| {
        let by = new.labels().get("endpointslice.kubernetes.io/managed-by");
        by.map_or(CONTROLLER, |by| by.trim_end_matches(".k8s.io"))
    });
    let told = |(uid, subject): (&String, &Subject), value| {
        let what = What::Serving {
            value,
            service: service.into(),
            trigger: new.and_then(|new| trigger(old, new)),
            share: Some(share),
        };
        let subject = objects
            .pod(uid)
            .map_or_else(|| subject.clone(), |pod| objects.of_pod(pod));
        Fact {
            write: new
                .filter(|_| seen.in_order)
                .and_then(|new| version("EndpointSlice", new)),
            ..fact(subject, what, by, when, Source::Slices)
        }
    };
    let without = |these: &BTreeMap<String, Subject>, uid: &String| {
        !these.contains_key(uid) && !elsewhere.contains_key(uid)
    };
    let left = before.iter().filter(|(uid, _)| without(&after, uid));
    let joined = after.iter().filter(|(uid, _)| without(&before, uid));
    let left = left.map(|pod| told(pod, false));
    left.chain(joined.map(|pod| told(pod, true))).collect()
}

/// The other slices of a slice's Service: one for each kind of address, for each hundred pods, and while pods move.
pub(super) fn others<'a>(
    slice: &'a EndpointSlice,
    objects: &'a Objects,
) -> impl Iterator<Item = &'a EndpointSlice> + Clone {
    let all = objects.slices.values().map(|other| &**other);
    all.filter(move |other| {
        let of_it = other.namespace() == slice.namespace() && service_of(other) == service_of(slice);
        of_it && other.metadata.uid != slice.metadata.uid
    })
}

/// The pods that get traffic by a slice.
fn serving(slice: &EndpointSlice) -> BTreeMap<String, Subject> {
    let ready = slice
        .endpoints
        .iter()
        .flatten()
        .filter(|endpoint| gets_traffic(endpoint));
    let pods = ready.filter_map(|endpoint| {
        let target = endpoint.target_ref.as_ref()?;
        let uid = target.uid.clone()?;
        let subject = Subject {
            kind: target.kind.clone()?,
            namespace: target.namespace.clone().unwrap_or_default(),
            name: target.name.clone()?,
            uid: uid.clone(),
            ..Subject::default()
        };
        Some((uid, subject))
    });
    pods.collect()
}

/// The pods of a slice that are not being stopped, by their uids.
fn staying(slice: &EndpointSlice) -> impl Iterator<Item = &str> {
    let all = slice.endpoints.iter().flatten();
    let staying = all.filter(|endpoint| {
        let conditions = endpoint.conditions.as_ref();
        conditions.and_then(|all| all.terminating) != Some(true)
    });
    staying.filter_map(|endpoint| endpoint.target_ref.as_ref()?.uid.as_deref())
}

/// What this write answers; none if it answers nothing new.
fn trigger(old: Option<&EndpointSlice>, new: &EndpointSlice) -> Option<jiff::Timestamp> {
    let noted = |slice: &EndpointSlice| slice.annotations().get(TRIGGER).cloned();
    let trigger = noted(new);
    (trigger != old.and_then(noted)).then(|| trigger?.parse().ok())?
}
