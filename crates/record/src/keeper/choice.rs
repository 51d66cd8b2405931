//! Which pods a Service chooses and at which ports, and which pods a ReplicaSet counts, against what was so before.

use std::collections::BTreeMap;

use access::{selector_of, selects};
use k8s_openapi::{
    api::core::v1::{Pod, Service, ServicePort},
    apimachinery::pkg::{
        apis::meta::v1::{ManagedFieldsEntry, ObjectMeta},
        util::intstr::IntOrString,
    },
};
use kube::ResourceExt;
use serde_json::Value;
use story::{Clock, Fact, Moment, Source, What};

use super::{clocks::Clocks, differences::version, seen::Seen, writes};
use crate::read::{
    Objects,
    meta::{at, controller, date, fact, subject},
};

/// What a Service chooses with `new`, which comes in place of `old`.
pub(super) fn chosen(old: Option<&Service>, new: &Service, seen: Seen, clocks: &Clocks) -> Option<Fact> {
    let (before, now) = (old.and_then(selector), selector(new));
    if before == now {
        return None;
    }
    let selector = now.cloned().unwrap_or_default();
    let meta = &new.metadata;
    // A Service that stands for another name may keep its selector.
    let by_type = old.is_some_and(|old| selector_of(old) == selector_of(new));
    let what = if by_type { "f:type" } else { "f:selector" };
    let has_it = |fields: &Value| part(fields, "f:spec").get(what).is_some();
    let before = old.map(|old| &old.metadata);
    let (when, who) = written(before, meta, has_it, old.is_none(), seen, clocks)?;
    let what = What::Selects { selector };
    Some(Fact {
        write: version("Service", new).filter(|_| seen.in_order),
        ..fact(subject("Service", meta), what, who, when, Source::Services)
    })
}

/// The ports of a Service that lead elsewhere with `new`, which comes in place of `old`. One that is new leads where it says.
pub(super) fn sends(old: &Service, new: &Service, seen: Seen, clocks: &Clocks) -> Vec<Fact> {
    let (before, now) = (ports(old), ports(new));
    let changed = now
        .iter()
        .filter(|(port, to)| before.get(*port) != Some(to))
        .map(|(port, to)| (port.clone(), Some(to.clone())));
    let removed = before.keys().filter(|port| !now.contains_key(*port));
    let changed: Vec<_> = changed.chain(removed.map(|port| (port.clone(), None))).collect();
    let has_it = |fields: &Value| part(fields, "f:spec").get("f:ports").is_some();
    let Some((when, who)) = written(Some(&old.metadata), &new.metadata, has_it, false, seen, clocks) else {
        return vec![];
    };
    let fact = |(port, to): (String, Option<String>)| Fact {
        write: version("Service", new).filter(|_| seen.in_order),
        ..fact(
            subject("Service", &new.metadata),
            What::Sends { port, to },
            who,
            when,
            Source::Services,
        )
    };
    changed.into_iter().map(fact).collect()
}

/// Where a Service's ports lead.
fn ports(service: &Service) -> BTreeMap<String, String> {
    let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_deref());
    let led = |port: &ServicePort| {
        let name = match port.protocol.as_deref() {
            None | Some("TCP") => port.port.to_string(),
            Some(protocol) => format!("{}/{protocol}", port.port),
        };
        let to = match &port.target_port {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(name)) => name.clone(),
            None => port.port.to_string(),
        };
        (name, to)
    };
    ports.unwrap_or_default().iter().map(led).collect()
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
    let changed = services.filter_map(|service| {
        let selector = selector(service)?;
        let now = selects(selector, &new.metadata);
        (now != selects(selector, &old.metadata)).then(|| (service.name_any(), now))
    });
    let chosen: BTreeMap<_, _> = changed.collect();
    let set = controller(&old.metadata).and_then(|uid| objects.replica_sets.get(uid));
    // Deployments have labels in their selectors; what expressions say is not looked at.
    let counted_by = set.and_then(|set| set.spec.selector.match_labels.as_ref());
    let lets_go = |by| selects(by, &old.metadata) && !selects(by, &new.metadata);
    let released = counts(new) && counted_by.is_some_and(lets_go);
    if chosen.is_empty() && !released {
        return None;
    }
    let added = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value));
    let added: BTreeMap<_, _> = added
        .map(|(key, value)| (key.clone(), Some(value.clone())))
        .collect();
    let has_it = |fields: &Value| {
        let labels = part(part(fields, "f:metadata"), "f:labels");
        added.keys().any(|key| labels.get(format!("f:{key}")).is_some())
    };
    let (when, who) = written(Some(&old.metadata), &new.metadata, has_it, false, seen, clocks)?;
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    let what = What::Labelled {
        labels: removed.map(|key| (key.clone(), None)).chain(added).collect(),
        chosen,
        released,
    };
    Some(Fact {
        write: version("Pod", new).filter(|_| seen.in_order),
        // The version before still names the ReplicaSet that counted it.
        ..fact(objects.of_pod(old), what, who, when, Source::Pods)
    })
}

/// By which labels a Service chooses pods; none if it leaves its endpoints to somebody else.
fn selector(service: &Service) -> Option<&BTreeMap<String, String>> {
    let by_name = service.spec.as_ref()?.type_.as_deref() == Some("ExternalName");
    selector_of(service).filter(|_| !by_name)
}

/// Whether a ReplicaSet counts a pod at all (`FilterActivePods` in `pkg/controller/controller_utils.go`).
fn counts(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    pod.metadata.deletion_timestamp.is_none() && !matches!(phase, Some("Succeeded" | "Failed"))
}

/// A part of what somebody wrote of an object.
fn part<'a>(fields: &'a Value, name: &str) -> &'a Value {
    fields.get(name).unwrap_or(&Value::Null)
}

/// When a part of an object was written, and by whom. Who takes a label away is not noted among those who write: then only that it was
/// since its kind was last heard is known.
fn written<'a>(
    old: Option<&ObjectMeta>,
    meta: &'a ObjectMeta,
    has_it: impl Fn(&Value) -> bool,
    is_new: bool,
    seen: Seen,
    clocks: &Clocks,
) -> Option<(Moment, Option<&'a str>)> {
    let is_it = |write: &ManagedFieldsEntry| {
        let fields = write.fields_v1.as_ref();
        write.subresource.is_none() && fields.is_some_and(|fields| has_it(&fields.0))
    };
    let write = writes::that_changed(old, meta, is_it, seen, clocks);
    let noted = match is_new {
        true => meta.creation_timestamp.as_ref().and_then(at),
        false => write.and_then(date),
    };
    let when = match noted.filter(|_| seen.in_order) {
        Some(noted) => Moment::second(noted, Clock::ApiServer).by(clocks.by(seen.at)),
        None => seen.moment()?,
    };
    Some((when, write.and_then(|write| write.manager.as_deref())))
}
