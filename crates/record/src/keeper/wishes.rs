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
    // A wish that stood there before is the new one only if it was written since the source was last heard: who only takes something away
    // is not noted, as `kubectl scale --replicas=0`, for what is 0 is left out.
    let known = old.and_then(|old| dated_wish(&old.metadata));
    let dated = dated.filter(|(when, who)| known != Some((*when, *who)) || *when >= since);
    let (when, who) = match (dated, undated) {
        // The same goes for a dated one beside one without a date.
        (Some((when, who)), None) => (Moment::second(when, Clock::ApiServer), who),
        (Some((when, who)), Some(_)) if when >= since => (Moment::second(when, Clock::ApiServer), who),
        (_, undated) => (seen.moment()?, undated.flatten()),
    };
    let fact = asked(new, when.by(clocks.by(seen.at)), who)?;
    Some(Fact {
        write: version("Deployment", new).filter(|_| seen.in_order),
        ..fact
    })
}
