//! What a version of an object says that the one before did not.

use jiff::Timestamp;
use kube::ResourceExt;
use story::{Fact, Moment, Source, What, Write};

use super::{clocks::Clocks, seen::Seen};

/// The facts of a version that are new, as narrow as it is known since when.
pub(super) fn fresh(
    now: Vec<Fact>,
    before: &[Fact],
    object: &impl ResourceExt,
    seen: Seen,
    clocks: &Clocks,
) -> Vec<Fact> {
    let new = now
        .into_iter()
        .filter(|fact| !before.iter().any(|known| repeats(fact, known)));
    new.map(|fact| Fact {
        when: moved(&fact, before, seen).unwrap_or_else(|| fact.when.by(clocks.by(seen.at))),
        write: write(&fact, object, seen),
        what: with_backoff(&fact, before),
        ..fact
    })
    .collect()
}

/// What is told of an object as it goes, where it goes in the very write with which that was asked: then that has the date.
pub(super) fn at_once(mut last: Vec<Fact>, asked: &[Fact]) -> Vec<Fact> {
    let asked = asked.iter().find(|fact| {
        matches!(
            fact.what,
            What::Gone {
                asked: true,
                grace: Some(0),
                ..
            }
        )
    });
    let gone = last
        .iter_mut()
        .filter(|fact| matches!(fact.what, What::Gone { asked: false, .. }));
    for (gone, asked) in gone.zip(asked) {
        gone.when = asked.when;
    }
    last
}

/// When the wish to go was changed: its date stays that of the first one.
fn moved(fact: &Fact, before: &[Fact], seen: Seen) -> Option<Moment> {
    let wishes = |fact: &Fact| matches!(fact.what, What::Gone { asked: true, .. });
    (wishes(fact) && before.iter().any(wishes))
        .then(|| seen.moment())
        .flatten()
}

/// Whether a fact was told by the version before. A wait and the wish to go have no time of their own: theirs is that of a write, or
/// may be moved. Nor has an end that nobody saw.
fn repeats(fact: &Fact, known: &Fact) -> bool {
    let timeless = matches!(fact.what, What::Waits { .. } | What::Gone { .. }) || fact.what.is_unseen_end();
    let same = match (&fact.what, &known.what) {
        // The grace is read from the pod and no part of the event.
        (What::KillOrdered { why, .. }, What::KillOrdered { why: known, .. }) => why == known,
        // What ends then was asked before.
        (
            What::Gone { asked, grace, .. },
            What::Gone {
                asked: was_asked,
                grace: known,
                ..
            },
        ) => (asked, grace) == (was_asked, known),
        (what, known) => what == known,
    };
    same && fact.subject.uid == known.subject.uid
        && fact.subject.container == known.subject.container
        && (timeless || fact.when == known.when)
}

/// When an object was written that was seen as it came.
pub(super) fn written(noted: Option<Timestamp>, seen: Seen, clocks: &Clocks) -> Option<Moment> {
    let (before, at) = (seen.before, clocks.by(seen.at));
    Moment::write(noted, before.min(at), at).ok()
}

/// The write that said so first. Events are written for what happened, and are no write of it.
fn write(fact: &Fact, object: &impl ResourceExt, seen: Seen) -> Option<Write> {
    (seen.in_order && fact.source != Source::Events)
        .then(|| version(&fact.subject.kind, object))
        .flatten()
}

/// The version of an object.
pub(super) fn version(kind: &str, object: &impl ResourceExt) -> Option<Write> {
    Some(Write {
        kind: kind.into(),
        name: object.name_any(),
        version: object.resource_version()?.parse().ok()?,
    })
}

/// A start with the wait that was told before it.
fn with_backoff(fact: &Fact, before: &[Fact]) -> What {
    let What::Started {
        restart,
        probed,
        ref after,
        ..
    } = fact.what
    else {
        return fact.what.clone();
    };
    let container = |fact: &Fact| {
        fact.subject
            .container
            .as_ref()
            .map(|container| container.name.clone())
    };
    let waits = before.iter().find_map(|known| match known.what {
        What::Waits { restart: of, seconds } if of == restart && container(known) == container(fact) => {
            Some(seconds)
        }
        _ => None,
    });
    What::Started {
        restart,
        backoff: waits,
        probed,
        after: after.clone(),
    }
}
