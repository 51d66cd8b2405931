//! What a cluster does not seem to do, and what could not be looked at.

use std::time::Duration;

use access::{has_address, images, plainly};
use guide::Message;
use k8s_openapi::api::{
    core::v1::{Namespace, Node, Service},
    storage::v1::StorageClass,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{
    needs::Needs,
    rights::{self, forbidden},
    version,
};
use crate::Stop;

/// How long an address outside the cluster is waited for. Where nothing gives any, none ever comes.
pub const ADDRESS_WITHIN: Duration = Duration::from_secs(30);
const PERIOD: Duration = Duration::from_millis(500);
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// What the cluster does not seem to do of that, as sentences, each with the cure, or what could not be looked at. To see whether a Service gets an address
/// one is made, in a namespace that is deleted again, also when somebody asks to stop.
pub async fn doubts(client: &Client, needs: Needs, stop: &Stop) -> Vec<Message> {
    let mut doubts = forbidden(client, rights::USEFUL)
        .await
        .unwrap_or_else(|error| vec![unseen(Message::new("look-rights"), &error)]);
    doubts.extend(told(version::unclear(client).await, Message::new("look-version")));
    if needs.disk {
        doubts.extend(told(doubt_disk(client).await, Message::new("look-disk")));
    }
    if needs.address {
        let doubt = doubt_address(client, stop).await;
        doubts.extend(told(doubt, Message::new("look-address")));
    }
    doubts
}

/// Why the nodes seem to lack the images of a registry that none can be pulled from, if they do; or that nobody can see.
pub async fn doubt_images(client: &Client, registry: &str) -> Option<Message> {
    let nodes = Api::<Node>::all(client.clone());
    let nodes = nodes.list(&ListParams::default()).await;
    let there = nodes.map(|nodes| nodes.iter().any(|node| has_images(node, registry)));
    let doubt = there.map(|there| (!there).then(|| Message::new("doubt-images").with("registry", registry)));
    told(doubt, Message::new("look-images"))
}

/// Advice that cannot be given ends nothing: what could not be looked at is said in its place.
fn told(doubt: Result<Option<Message>, kube::Error>, what: Message) -> Option<Message> {
    doubt.unwrap_or_else(|error| Some(unseen(what, &error)))
}

/// Says that something could not be looked at.
#[must_use]
pub fn unseen(what: Message, error: &kube::Error) -> Message {
    Message::new("unseen")
        .with("what", what)
        .with("reason", plainly(error))
}

fn has_images(node: &Node, registry: &str) -> bool {
    images(node).any(|name| {
        name.strip_prefix(registry)
            .is_some_and(|rest| rest.starts_with('/'))
    })
}

async fn doubt_disk(client: &Client) -> Result<Option<Message>, kube::Error> {
    let classes: Api<StorageClass> = Api::all(client.clone());
    let classes = classes.list(&ListParams::default()).await?;
    let mut marks = classes
        .iter()
        .filter_map(|class| class.annotations().get(DEFAULT_CLASS));
    let there = marks.any(|mark| mark == "true");
    Ok((!there).then(|| Message::new("doubt-disk")))
}

async fn doubt_address(client: &Client, stop: &Stop) -> Result<Option<Message>, kube::Error> {
    let given = gives_addresses(client, stop).await?;
    Ok((!given).then(|| Message::new("doubt-address").with("seconds", ADDRESS_WITHIN.as_secs())))
}

async fn gives_addresses(client: &Client, stop: &Stop) -> Result<bool, kube::Error> {
    let services: Api<Service> = Api::all(client.clone());
    let of_type = ListParams::default().fields("spec.type=LoadBalancer");
    if services.list(&of_type).await?.iter().any(has_address) {
        return Ok(true);
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = parsed(json!({ "metadata": { "generateName": "lab-probe-" } }))?;
    let name = namespaces
        .create(&PostParams::default(), &namespace)
        .await?
        .name_any();
    let services: Api<Service> = Api::namespaced(client.clone(), &name);
    let given = async {
        let service = json!({
            "metadata": { "name": "probe" },
            "spec": { "type": "LoadBalancer", "ports": [{ "port": 80 }] },
        });
        services.create(&PostParams::default(), &parsed(service)?).await?;
        while !has_address(&services.get("probe").await?) {
            sleep(PERIOD).await;
        }
        Ok(true)
    };
    let given = stop.or(timeout(ADDRESS_WITHIN, given)).await;
    let given = given.ok().and_then(Result::ok).unwrap_or(Ok(false));
    namespaces.delete(&name, &DeleteParams::default()).await?;
    given
}

fn parsed<T: serde::de::DeserializeOwned>(object: serde_json::Value) -> Result<T, kube::Error> {
    serde_json::from_value(object).map_err(kube::Error::SerdeError)
}

#[cfg(test)]
mod tests {
    use access::fake;

    use super::*;

    #[tokio::test]
    async fn what_may_not_be_seen_is_told_and_ends_nothing() {
        let closed = fake::api(|_, _| fake::refusal(403, "you are nobody"));
        let (_stopper, stop) = Stop::new();
        let mut told = doubts(&closed, Needs::ALL, &stop).await;
        told.extend(doubt_images(&closed, "localhost/lab").await);
        let unseen = |what| {
            Message::new("unseen")
                .with("what", Message::new(what))
                .with("reason", "you are nobody")
        };
        let all = [
            "look-rights",
            "look-version",
            "look-disk",
            "look-address",
            "look-images",
        ];
        assert_eq!(told, all.map(unseen));
    }

    #[test]
    fn images_are_told_by_their_registry() {
        let node = serde_json::json!({ "metadata": {}, "status": { "images": [
            { "names": ["docker.io/library/debian:12"] }, { "names": ["localhost/lab/pi-web:1.0.0"] },
        ] } });
        let node = serde_json::from_value(node).unwrap();
        assert!(has_images(&node, "localhost/lab"));
        assert!(!has_images(&node, "localhost/la") && !has_images(&node, "localhost/other"));
    }
}
