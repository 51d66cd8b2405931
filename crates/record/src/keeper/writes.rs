//! Which write of an object made a change.

use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};

use super::{
    clocks::Clocks,
    seen::{ON_ITS_WAY, Seen},
};
use crate::read::meta::{date, last_write};

/// The last write of `new` that `is_it` accepts, if it made what differs from `old`.
///
/// The API server dates what a manager set or applied. Who takes something away is noted nowhere, nor is there a date of what is scaled by
/// the subresource: then the last write that stands there is one of before.
pub(super) fn that_changed<'a>(
    old: Option<&ObjectMeta>,
    new: &'a ObjectMeta,
    is_it: impl Fn(&ManagedFieldsEntry) -> bool,
    seen: Seen,
    clocks: &Clocks,
) -> Option<&'a ManagedFieldsEntry> {
    let write = last_write(new, is_it)?;
    let written = date(write)?;
    let same = |known: &ManagedFieldsEntry| {
        (&known.manager, &known.operation, &known.subresource, &known.time)
            == (&write.manager, &write.operation, &write.subresource, &write.time)
    };
    let stood = old.is_some_and(|old| old.managed_fields.iter().flatten().any(same));
    // Two writes of one second have one date.
    let second = SignedDuration::from_secs(1);
    let is_recent = seen.at.duration_since(clocks.by(written)) <= second + ON_ITS_WAY;
    (!stood || is_recent).then_some(write)
}
