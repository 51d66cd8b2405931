//! What a Deployment carries of its past.

use jiff::Timestamp;
use k8s_openapi::{
    api::apps::v1::Deployment,
    apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta},
};
use story::{Clock, Fact, Moment, Source, What};

use super::meta::{at, fact, last_write, subject};

/// The last time that somebody changed what is wanted. The API server does not date what is written by the subresource `scale`: where
/// there is such a wish, nobody knows which was the last.
pub(crate) fn facts(deployment: &Deployment) -> Vec<Fact> {
    let meta = &deployment.metadata;
    let asked = match (dated_wish(meta), undated_wish(meta)) {
        (Some((when, who)), None) => asked(deployment, Moment::second(when, Clock::ApiServer), who),
        _ => None,
    };
    asked.into_iter().collect()
}

/// That somebody changed what is wanted.
pub(crate) fn asked(deployment: &Deployment, when: Moment, who: Option<&str>) -> Option<Fact> {
    let meta = &deployment.metadata;
    let what = What::Asked {
        generation: meta.generation?,
    };
    Some(fact(
        subject("Deployment", meta),
        what,
        who,
        when,
        Source::Deployments,
    ))
}

/// When what is wanted was last written with a date, and by whom.
fn dated_wish(meta: &ObjectMeta) -> Option<(Timestamp, Option<&str>)> {
    let wish = last_write(meta, |write| is_wish(write) && write.time.is_some())?;
    Some((at(wish.time.as_ref()?)?, wish.manager.as_deref()))
}

/// Who wrote what is wanted without a date.
fn undated_wish(meta: &ObjectMeta) -> Option<Option<&str>> {
    let wish = last_write(meta, |write| is_wish(write) && write.time.is_none())?;
    Some(wish.manager.as_deref())
}

/// Whether a write concerned what is wanted: `kubectl scale` writes a subresource, controllers write the status and notes.
pub(crate) fn is_wish(write: &ManagedFieldsEntry) -> bool {
    let spec = write
        .fields_v1
        .as_ref()
        .is_some_and(|fields| fields.0.get("f:spec").is_some());
    spec && matches!(write.subresource.as_deref(), None | Some("scale"))
}
