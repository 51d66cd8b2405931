//! All kinds of objects that a cluster has.

use std::collections::BTreeSet;

use kube::{
    Api, Client,
    api::{DynamicObject, ListParams},
    core::GroupVersion,
    discovery::{ApiCapabilities, ApiResource, Scope, pinned_group, verbs},
};

/// Asks a cluster for its kinds, but passes over groups that do not answer: an aggregated API that is down must not hide
/// what the others have.
///
/// # Errors
/// The cluster does not answer, or refuses.
pub async fn kinds(client: &Client) -> Result<Vec<(ApiResource, ApiCapabilities)>, kube::Error> {
    let groups = client.list_api_groups().await?.groups;
    let mut kinds = pinned_group(client, &GroupVersion::gv("", "v1"))
        .await?
        .recommended_resources();
    for preferred in groups.into_iter().filter_map(|group| group.preferred_version) {
        let Ok(version) = preferred.group_version.parse() else {
            continue;
        };
        match pinned_group(client, &version).await {
            Ok(group) => kinds.extend(group.recommended_resources()),
            Err(kube::Error::Api(_) | kube::Error::Discovery(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(kinds)
}

/// The objects with a label in `namespace` and, if `cluster` says so, in none; and, in `hidden`, the kinds that may not be
/// listed.
///
/// # Errors
/// The cluster does not answer, or fails.
pub async fn labelled(
    client: &Client,
    kinds: &[(ApiResource, ApiCapabilities)],
    namespace: &str,
    cluster: bool,
    label: &str,
    hidden: &mut BTreeSet<String>,
) -> Result<Vec<(ApiResource, DynamicObject)>, kube::Error> {
    let mut found = vec![];
    for (kind, capabilities) in kinds {
        let api: Api<DynamicObject> = match capabilities.scope {
            _ if !capabilities.supports_operation(verbs::LIST) => continue,
            Scope::Namespaced => Api::namespaced_with(client.clone(), namespace, kind),
            Scope::Cluster if cluster => Api::all_with(client.clone(), kind),
            Scope::Cluster => continue,
        };
        match api.list(&ListParams::default().labels(label)).await {
            Ok(objects) => found.extend(objects.items.into_iter().map(|object| (kind.clone(), object))),
            Err(error) if is_hidden(&error) => hidden.extend([kind.plural.clone()]),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Whether a person may not look there: what a person may not even list was not made by that person.
#[must_use]
pub fn is_hidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(refused) if matches!(refused.code, 403..=405))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fake;

    #[tokio::test]
    async fn a_group_that_does_not_answer_hides_no_other() {
        let version = json!({ "groupVersion": "metrics.k8s.io/v1", "version": "v1" });
        let group = json!({ "name": "metrics.k8s.io", "versions": [version], "preferredVersion": version });
        let pods = json!({ "name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["list"] });
        let client = fake::api(move |request, _| match request {
            "GET /apis" => (200, json!({ "groups": [group] })),
            "GET /api/v1" => (200, json!({ "groupVersion": "v1", "resources": [pods] })),
            _ => fake::refusal(503, "service unavailable"),
        });
        let kinds = kinds(&client).await.unwrap();
        let names: Vec<_> = kinds.iter().map(|(kind, _)| kind.kind.as_str()).collect();
        assert_eq!(names, ["Pod"]);
    }
}
