//! What a Deployment carries of its past.

use k8s_openapi::{api::apps::v1::Deployment, apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry};
use story::{Clock, Fact, Moment, Source, What};

use super::meta::{at, fact, last_write, subject};

/// The last time that somebody changed what is wanted.
pub(crate) fn facts(deployment: &Deployment) -> Vec<Fact> {
    let meta = &deployment.metadata;
    let asked = last_write(meta, is_wish).and_then(|wish| {
        let when = Moment::second(wish.time.as_ref().and_then(at)?, Clock::ApiServer);
        let what = What::Asked {
            generation: meta.generation?,
        };
        let subject = subject("Deployment", meta);
        Some(fact(
            subject,
            what,
            wish.manager.as_deref(),
            when,
            Source::Deployments,
        ))
    });
    asked.into_iter().collect()
}

/// Whether a write concerned what is wanted: `kubectl scale` writes a subresource, controllers write the status and notes.
fn is_wish(write: &ManagedFieldsEntry) -> bool {
    let spec = write
        .fields_v1
        .as_ref()
        .is_some_and(|fields| fields.0.get("f:spec").is_some());
    spec && matches!(write.subresource.as_deref(), None | Some("scale"))
}
