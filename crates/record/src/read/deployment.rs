//! What a Deployment carries of its past.

use k8s_openapi::{api::apps::v1::Deployment, apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry};
use story::{Clock, Fact, Moment, Source, What};

use super::meta::{date, fact, last_write, subject, undated_write};

/// The last time that somebody changed what is wanted. The API server does not date what is written by the subresource `scale`: where
/// there is such a wish, nobody knows which was the last.
pub(crate) fn facts(deployment: &Deployment) -> Vec<Fact> {
    let meta = &deployment.metadata;
    let wish = last_write(meta, is_wish).filter(|_| undated_write(meta, is_wish).is_none());
    let asked = wish.and_then(|wish| {
        let when = Moment::second(date(wish)?, Clock::ApiServer);
        asked(deployment, when, wish.manager.as_deref())
    });
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

/// Whether a write concerned what is wanted: `kubectl scale` writes a subresource, controllers write the status and notes.
pub(crate) fn is_wish(write: &ManagedFieldsEntry) -> bool {
    let spec = write
        .fields_v1
        .as_ref()
        .is_some_and(|fields| fields.0.get("f:spec").is_some());
    spec && matches!(write.subresource.as_deref(), None | Some("scale"))
}
