//! Which pods a Service chooses, and which a ReplicaSet counts: by labels, against what was so before.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::{
    api::core::v1::{Pod, Service},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::ResourceExt;
use story::{Clock, Fact, Moment, Source, What};

use super::{clocks::Clocks, differences::version, seen::Seen};
use crate::read::{
    Objects,
    meta::{at, controller, fact, subject},
};

type Labels = BTreeMap<String, String>;

/// What a Service chooses with `new`, which comes in place of `old`. One that leaves its endpoints to somebody else chooses nothing.
pub(super) fn selects(old: Option<&Service>, new: &Service, seen: Seen, clocks: &Clocks) -> Option<Fact> {
    let selector = |service: &Service| {
        let spec = service.spec.as_ref();
        spec.and_then(|spec| spec.selector.clone()).unwrap_or_default()
    };
    let (before, selector) = (old.map(selector).unwrap_or_default(), selector(new));
    if before == selector {
        return None;
    }
    let meta = &new.metadata;
    let (when, who) = written(meta, old.is_none(), seen, clocks)?;
    let what = What::Selects { selector };
    Some(Fact {
        write: version("Service", new).filter(|_| seen.in_order),
        ..fact(subject("Service", meta), what, who, when, Source::Services)
    })
}

/// The labels of a pod that changed, if a Service chooses it by them or its ReplicaSet counts it.
pub(super) fn labelled(old: &Pod, new: &Pod, objects: &Objects, seen: Seen, clocks: &Clocks) -> Option<Fact> {
    let (before, after) = (old.labels(), new.labels());
    if before == after {
        return None;
    }
    let services = objects
        .services
        .values()
        .filter(|service| service.metadata.namespace == new.metadata.namespace);
    let chosen = services.filter_map(|service| {
        let selector = service.spec.as_ref()?.selector.as_ref()?;
        let now = chooses(selector, after);
        (now != chooses(selector, before)).then(|| (service.name_any(), now))
    });
    let chosen: BTreeMap<_, _> = chosen.collect();
    let set = controller(&old.metadata).and_then(|uid| objects.replica_sets.get(uid));
    // The selectors of Deployments' ReplicaSets name labels alone.
    let counted_by = set.and_then(|set| set.spec.selector.match_labels.as_ref());
    let released = counted_by.is_some_and(|by| chooses(by, before) && !chooses(by, after));
    if chosen.is_empty() && !released {
        return None;
    }
    let added = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value));
    let added = added.map(|(key, value)| (key.clone(), Some(value.clone())));
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    let what = What::Labelled {
        labels: added.chain(removed.map(|key| (key.clone(), None))).collect(),
        chosen,
        released,
    };
    let (when, who) = written(&new.metadata, false, seen, clocks)?;
    Some(Fact {
        write: version("Pod", new).filter(|_| seen.in_order),
        // The version before still names the ReplicaSet that counted it.
        ..fact(objects.of_pod(old), what, who, when, Source::Pods)
    })
}

/// Whether a selector of labels chooses what has these; an empty one of a Service chooses nothing.
fn chooses(selector: &Labels, labels: &Labels) -> bool {
    !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// When an object was written, and by whom. Who takes a field away, and adds none, is not among its writers: then no date is of the
/// time since its kind was last heard, and only that time is known.
fn written<'a>(
    meta: &'a ObjectMeta,
    is_new: bool,
    seen: Seen,
    clocks: &Clocks,
) -> Option<(Moment, Option<&'a str>)> {
    let date = |time: Option<Timestamp>| {
        let moment = Moment::second(time?, Clock::ApiServer);
        Some(moment.by(clocks.by(seen.at)))
    };
    // Its date is of a whole second.
    let since = seen.before.checked_sub(SignedDuration::from_secs(1)).ok()?;
    let writes = meta.managed_fields.iter().flatten();
    let mut writes: Vec<_> = writes
        .filter(|write| write.subresource.is_none())
        .filter_map(|write| Some((write.time.as_ref().and_then(at)?, write.manager.as_deref())))
        .filter(|(time, _)| is_new || *time >= since)
        .collect();
    writes.sort_unstable_by_key(|(time, _)| *time);
    let last = writes.pop();
    // Of two that wrote in the same second nobody knows which it was.
    let alone = last.filter(|(time, _)| writes.last().is_none_or(|(before, _)| before < time));
    let who = alone.and_then(|(_, who)| who);
    let noted = match is_new {
        true => meta.creation_timestamp.as_ref().and_then(at),
        false => last.map(|(time, _)| time),
    };
    let when = date(noted.filter(|_| seen.in_order));
    Some((
        when.or_else(|| Moment::between(seen.before, seen.at, Clock::Here).ok())?,
        who,
    ))
}
