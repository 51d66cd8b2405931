//! What all objects carry.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta, Time};
use story::{Clock, Fact, Moment, Source, Subject, What};

/// A time of the API, whose library is another version of the one that stories use. What never was is dated 1970 by runtimes, as the
/// start of a program that is not there.
pub(crate) fn at(time: &Time) -> Option<Timestamp> {
    let time = Timestamp::from_nanosecond(time.0.as_nanosecond()).ok();
    time.filter(|time| *time > Timestamp::UNIX_EPOCH)
}

/// An object as the subject of facts, without its owners.
pub(crate) fn subject(kind: &str, meta: &ObjectMeta) -> Subject {
    Subject {
        kind: kind.into(),
        namespace: meta.namespace.clone().unwrap_or_default(),
        name: meta.name.clone().unwrap_or_default(),
        uid: meta.uid.clone().unwrap_or_default(),
        ..Subject::default()
    }
}

/// The uid of the object's controller.
pub(crate) fn controller(meta: &ObjectMeta) -> Option<&str> {
    let mut owners = meta.owner_references.iter().flatten();
    let controller = owners.find(|owner| owner.controller == Some(true));
    controller.map(|owner| owner.uid.as_str())
}

/// The last write of all that `is_it` accepts which changed something.
pub(crate) fn last_write(
    meta: &ObjectMeta,
    is_it: impl Fn(&ManagedFieldsEntry) -> bool,
) -> Option<&ManagedFieldsEntry> {
    let writes = meta.managed_fields.iter().flatten().filter(|write| is_it(write));
    writes.max_by_key(|write| date(write))
}

/// A write without a date of all that `is_it` accepts: whoever scales leaves one.
pub(crate) fn undated_write(
    meta: &ObjectMeta,
    is_it: impl Fn(&ManagedFieldsEntry) -> bool,
) -> Option<&ManagedFieldsEntry> {
    last_write(meta, |write| write.time.is_none() && is_it(write))
}

/// When a manager's last write was that changed something.
pub(crate) fn date(write: &ManagedFieldsEntry) -> Option<Timestamp> {
    write.time.as_ref().and_then(at)
}

/// The last write of its status.
pub(crate) fn last_status(meta: &ObjectMeta) -> Option<&ManagedFieldsEntry> {
    last_write(meta, |write| write.subresource.as_deref() == Some("status"))
}

/// Who wrote its status last.
pub(crate) fn status_writer(meta: &ObjectMeta) -> Option<&str> {
    last_status(meta)?.manager.as_deref()
}

/// A fact that is numbered later.
pub(crate) fn fact(subject: Subject, what: What, who: Option<&str>, when: Moment, source: Source) -> Fact {
    Fact {
        id: 0,
        what,
        subject,
        who: who.map(str::to_owned),
        when,
        source,
        at_least: false,
        write: None,
    }
}

/// That nothing was heard of a source between two times, in a namespace or (without a name) in all.
pub(crate) fn gap(namespace: &str, source: Source, from: Timestamp, to: Timestamp) -> Option<Fact> {
    let when = Moment::between(from, to.max(from), Clock::Here).ok()?;
    let subject = Subject {
        kind: "Namespace".into(),
        name: namespace.into(),
        ..Subject::default()
    };
    Some(fact(subject, What::Gap, None, when, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_was_has_no_time() {
        let time = |text: &str| serde_json::from_value::<Time>(text.into()).unwrap();
        assert_eq!(at(&time("1970-01-01T00:00:00Z")), None);
        assert_eq!(at(&time("0001-01-01T00:00:00Z")), None);
        assert!(at(&time("2026-03-01T14:00:00Z")).is_some());
    }
}
