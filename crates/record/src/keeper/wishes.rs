//! What somebody wants of a Deployment, against what was wanted before.

use jiff::SignedDuration;
use k8s_openapi::api::apps::v1::Deployment;
use story::{Clock, Fact, Moment};

use super::{clocks::Clocks, differences::version, seen::Seen};
use crate::read::deployment::{asked, dated_wish, undated_wish};

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
    let (dated, undated) = (dated_wish(meta), undated_wish(meta));
    // Its date is of a whole second.
    let since = seen.before.checked_sub(SignedDuration::from_secs(1)).ok()?;
    let (when, who) = match (dated, undated) {
        // Of two wishes the dated one is the new one only if it was written since the source was last heard.
        (Some((when, who)), None) => (Moment::second(when, Clock::ApiServer), who),
        (Some((when, who)), Some(_)) if when >= since => (Moment::second(when, Clock::ApiServer), who),
        (_, undated) => (Moment::between(seen.before, seen.at, Clock::Here).ok()?, undated?),
    };
    let fact = asked(new, when.by(clocks.by(seen.at)), who)?;
    Some(Fact {
        write: version("Deployment", new).filter(|_| seen.in_order),
        ..fact
    })
}
