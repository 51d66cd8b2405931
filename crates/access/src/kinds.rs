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
    use kube::Config;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    const UP: &str = r#"{"groupVersion":"v1","resources":[{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["list"]}]}"#;
    const GROUPS: &str = r#"{"groups":[{"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"metrics.k8s.io/v1","version":"v1"}}]}"#;

    /// An API server whose one aggregated API is down.
    async fn server() -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let (status, body) = match request.split(' ').nth(1) {
                    Some("/apis") => ("200 OK", GROUPS),
                    Some("/api/v1") => ("200 OK", UP),
                    _ => ("503 Service Unavailable", "service unavailable"),
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let mut config = Config::new(address.parse().unwrap());
        config.default_retry = false;
        Client::try_from(config).unwrap()
    }

    #[tokio::test]
    async fn a_group_that_does_not_answer_hides_no_other() {
        let kinds = kinds(&server().await).await.unwrap();
        let names: Vec<_> = kinds.iter().map(|(kind, _)| kind.kind.as_str()).collect();
        assert_eq!(names, ["Pod"]);
    }
}
