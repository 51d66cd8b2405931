//! Listing what a namespace has, in pages.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::{Api, Client, Resource, api::ListParams};
use serde::de::DeserializeOwned;

use crate::slim::Slim;

/// How many objects of one kind are looked at, at most.
pub const MOST: usize = 10_000;
/// How many come in one answer: what an answer takes of memory while it is read is not given back.
const PAGE: u32 = 200;

/// The objects of a kind.
pub(crate) struct All<K> {
    pub(crate) items: Vec<K>,
    /// Whether there are more than [`MOST`].
    pub(crate) cut: bool,
    /// The version of the list, from which a watch goes on.
    pub(crate) version: String,
}

/// The objects of a kind in a namespace, or in all of them where its name is empty, as in the API.
pub(crate) fn api<K>(client: &Client, namespace: &str) -> Api<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    match namespace {
        "" => Api::all(client.clone()),
        namespace => Api::namespaced(client.clone(), namespace),
    }
}

/// What is kept of an object, and of each writer's fields nothing but which parts they are of: their trees are more than half of it.
fn thin<K: Slim>(mut object: K) -> K {
    object.slim();
    let writes = object.meta_mut().managed_fields.iter_mut().flatten();
    for fields in writes.filter_map(|write| write.fields_v1.as_mut()) {
        for part in fields.0.as_object_mut().into_iter().flatten() {
            *part.1 = serde_json::Value::Null;
        }
    }
    object
}

/// Lists the objects of a kind in a namespace.
pub(crate) async fn list<K>(client: &Client, namespace: &str) -> Result<All<K>, kube::Error>
where
    K: Slim + Clone + Debug + DeserializeOwned,
{
    let api: Api<K> = api(client, namespace);
    let mut items = vec![];
    let mut page = ListParams::default().limit(PAGE);
    loop {
        let answer = api.list(&page).await?;
        items.extend(answer.items.into_iter().map(thin));
        let version = answer.metadata.resource_version.unwrap_or_default();
        let more = answer.metadata.continue_.filter(|token| !token.is_empty());
        match more {
            Some(token) if items.len() < MOST => page = page.continue_token(&token),
            more => {
                return Ok(All {
                    items,
                    cut: more.is_some(),
                    version,
                });
            }
        }
    }
}
