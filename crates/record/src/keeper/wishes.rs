//! What somebody wants of a Deployment, against what was wanted before.

use k8s_openapi::api::apps::v1::Deployment;
use story::{Clock, Fact, Moment, Source, What};

use super::{clocks::Clocks, differences::version, seen::Seen, writes};
use crate::read::{
    deployment::{asked, is_wish},
    meta::{at, date, fact, subject, undated_write},
};

/// What changed with `new`, which comes in place of `old`.
pub(super) fn changes(
    old: Option<&Deployment>,
    new: &Deployment,
    seen: Seen,
    clocks: &Clocks,
) -> Option<Fact> {
    let meta = &new.metadata;
    if old.is_some_and(|old| old.metadata.generation == meta.generation) {
        return None;
    }
    // Whoever asks it to go, and its pods before it or none of them, has it counted as a change.
    if let Some(asked) = going(old, new, seen, clocks) {
        return Some(asked);
    }
    let before = old.map(|old| &old.metadata);
    let dated = writes::that_changed(before, meta, is_wish, seen, clocks);
    // Who scales writes without a date, and stays noted.
    let scaled = old.is_none_or(|old| old.spec.replicas != new.spec.replicas);
    let undated = undated_write(meta, is_wish).filter(|_| scaled);
    let (when, wish) = match dated {
        Some(wish) => (Moment::second(date(wish)?, Clock::ApiServer), Some(wish)),
        None => (seen.moment()?, undated),
    };
    let who = wish.and_then(|wish| wish.manager.as_deref());
    let fact = asked(new, when.by(clocks.by(seen.at)), who)?;
    Some(Fact {
        write: version("Deployment", new).filter(|_| seen.in_order),
        ..fact
    })
}

/// That it was asked to go, and stays for now.
fn going(old: Option<&Deployment>, new: &Deployment, seen: Seen, clocks: &Clocks) -> Option<Fact> {
    let asked = new.metadata.deletion_timestamp.as_ref().and_then(at)?;
    if old.is_some_and(|old| old.metadata.deletion_timestamp.is_some()) {
        return None;
    }
    let what = What::Gone {
        asked: true,
        grace: None,
        idle: false,
    };
    let when = Moment::second(asked, Clock::ApiServer).by(clocks.by(seen.at));
    let subject = subject("Deployment", &new.metadata);
    Some(Fact {
        write: version("Deployment", new).filter(|_| seen.in_order),
        ..fact(subject, what, None, when, Source::Deployments)
    })
}
