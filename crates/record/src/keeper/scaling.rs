//! How many pods a ReplicaSet should have, against how many before.

use k8s_openapi::{api::apps::v1::ReplicaSet, apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry};
use story::{Fact, Source, What};

use super::{
    clocks::Clocks,
    differences::{version, written},
    seen::Seen,
    writes,
};
use crate::read::{
    meta::{at, date, fact, undated_write},
    objects::{min_ready, with_owner},
};

/// What changed with `new`, which comes in place of `old`.
pub(super) fn changes(
    old: Option<&ReplicaSet>,
    new: &ReplicaSet,
    seen: Seen,
    clocks: &Clocks,
) -> Option<Fact> {
    let wanted = |set: &ReplicaSet| u32::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or_default();
    let (from, to) = (old.map_or(0, wanted), wanted(new));
    if from == to {
        return None;
    }
    let is_wish = |write: &ManagedFieldsEntry| write.subresource.as_deref() != Some("status");
    let meta = old.map(|old| &old.metadata);
    let dated = writes::that_changed(meta, &new.metadata, is_wish, seen, clocks);
    let noted = match old {
        Some(_) => dated.and_then(date),
        None => new.metadata.creation_timestamp.as_ref().and_then(at),
    };
    let when = written(noted.filter(|_| seen.in_order), seen, clocks)?;
    let subject = with_owner(new);
    let wish = dated.or_else(|| undated_write(&new.metadata, is_wish));
    let manager = wish.and_then(|write| write.manager.as_deref());
    // All of kube-controller-manager has one name among managers; the owner says which part of it this is.
    let who = match manager {
        Some("kube-controller-manager") if !subject.owners.is_empty() => Some("deployment-controller"),
        other => other,
    };
    let what = What::Scaled {
        from,
        to,
        min_ready: min_ready(new),
    };
    Some(Fact {
        write: version("ReplicaSet", new).filter(|_| seen.in_order),
        ..fact(subject, what, who, when, Source::ReplicaSets)
    })
}
