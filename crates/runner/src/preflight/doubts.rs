//! What a cluster does not seem to do, and what could not be looked at.

use access::{has_image, plainly};
use guide::Message;
use k8s_openapi::api::{core::v1::Node, storage::v1::StorageClass};
use kube::{Api, Client, ResourceExt, api::ListParams};

use super::{
    needs::Needs,
    probe::{ADDRESS_WITHIN, gets_address},
    rights::{self, forbidden},
    trial::Trial,
    version,
};
use crate::Stop;

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// What the cluster does not seem to do of that, as sentences, each with the cure, or what could not be looked at. To see whether a Service gets an address
/// one is made, in a namespace that is deleted again, also when somebody asks to stop.
pub async fn doubts(client: &Client, needs: Needs, stop: &Stop) -> Vec<Message> {
    let (mut doubts, mut trial) = (vec![], Trial::new(client));
    // Whoever asked to stop knows that not all of it was looked at.
    let _ = stop.or(look(client, needs, &mut doubts, &mut trial)).await;
    doubts.extend(trial.remove().await.err());
    doubts
}

async fn look(client: &Client, needs: Needs, doubts: &mut Vec<Message>, trial: &mut Trial) {
    match forbidden(client, rights::USEFUL).await {
        Ok(advice) => doubts.extend(advice),
        Err(error) => doubts.push(unseen(Message::new("look-rights"), &error)),
    }
    doubts.extend(told(version::unclear(client).await, Message::new("look-version")));
    if needs.disk {
        doubts.extend(told(doubt_disk(client).await, Message::new("look-disk")));
    }
    if needs.address {
        doubts.extend(told(
            doubt_address(client, trial).await,
            Message::new("look-address"),
        ));
    }
}

/// Why the nodes seem to lack the images of a registry that none can be pulled from, if they do; or that nobody can see.
pub async fn doubt_images(client: &Client, registry: &str) -> Option<Message> {
    let nodes = Api::<Node>::all(client.clone());
    let nodes = nodes.list(&ListParams::default()).await;
    let there = nodes.map(|nodes| nodes.iter().any(|node| may_have_images(node, registry)));
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

/// Whether a node lists images of a registry, or so many others that these may have no place on its list.
fn may_have_images(node: &Node, registry: &str) -> bool {
    let of_registry = |name: &str| {
        name.strip_prefix(registry)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    has_image(node, of_registry) != Some(false)
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

async fn doubt_address(client: &Client, trial: &mut Trial) -> Result<Option<Message>, kube::Error> {
    let given = gets_address(client, trial).await?;
    Ok((!given).then(|| Message::new("doubt-address").with("seconds", ADDRESS_WITHIN.as_secs())))
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
        let mut node: Node = serde_json::from_value(node).unwrap();
        let others =
            |node: &Node| ["localhost/la", "localhost/other"].map(|other| may_have_images(node, other));
        assert!(may_have_images(&node, "localhost/lab"));
        assert_eq!(others(&node), [false; 2]);
        // A kubelet lists 50 at most, the largest first.
        let images = node.status.as_mut().unwrap().images.as_mut().unwrap();
        images.resize(50, images[0].clone());
        assert_eq!(others(&node), [true; 2]);
    }
}
