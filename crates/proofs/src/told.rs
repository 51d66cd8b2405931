//! Events: what the cluster tells people, a moment after it has happened.

use access::is_hidden;
use k8s_openapi::api::core::v1::Event;
use kube::api::ListParams;

use crate::Place;

/// Whether an event of this reason is there about an object whose name `is_it` accepts. It is written a moment after the
/// object's own status, and the guide's next command may show it. A learner who looks an hour later finds it gone, and some
/// may not look at events at all: for both it counts as told.
pub(crate) async fn is_told(
    place: &Place,
    namespace: Option<&str>,
    reason: &str,
    is_it: impl Fn(&str) -> bool,
) -> Result<bool, kube::Error> {
    if place.is_lenient() {
        return Ok(true);
    }
    let of_reason = ListParams::default().fields(&format!("reason={reason}"));
    match place.api::<Event>(namespace).list(&of_reason).await {
        Ok(events) => {
            let mut about = events
                .iter()
                .filter_map(|event| event.involved_object.name.as_deref());
            Ok(about.any(is_it))
        }
        Err(error) if is_hidden(&error) => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use access::fake;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn an_event_is_waited_for_where_events_may_be_seen() {
        let event = json!({ "metadata": { "name": "a" }, "involvedObject": { "name": "web-1" } });
        for (answer, lenient, told) in [
            (fake::list(std::slice::from_ref(&event)), false, true),
            (fake::list(&[]), false, false),
            (fake::list(&[]), true, true),
            (fake::refusal(403, "events is forbidden"), false, true),
        ] {
            let client = fake::api(move |_, _| answer.clone());
            let mut place = Place::new(client, "default".into(), PathBuf::new());
            if lenient {
                place = place.for_learner(std::collections::BTreeMap::new());
            }
            let found = is_told(&place, None, "FailedCreate", |name| name == "web-1").await;
            assert_eq!(found.unwrap(), told);
        }
        let client = fake::api(move |_, _| fake::list(std::slice::from_ref(&event)));
        let place = Place::new(client, "default".into(), PathBuf::new());
        assert!(
            !is_told(&place, None, "FailedCreate", |name| name == "web-2")
                .await
                .unwrap()
        );
    }
}
