//! What the chapter needs of a cluster that somebody else set up.

mod rights;

use std::time::Duration;

use access::{has_address, images, is_ready};
use guide::{Exercise, Message};
use k8s_openapi::{
    api::{
        core::v1::{Namespace, Node, Service},
        storage::v1::StorageClass,
    },
    apimachinery::pkg::version::Info,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::json;
use tokio::time::{sleep, timeout};

use self::rights::forbidden;
use crate::Stop;

/// How long an address outside the cluster is waited for. Where nothing gives any, none ever comes.
pub const ADDRESS_WITHIN: Duration = Duration::from_secs(30);
const PERIOD: Duration = Duration::from_millis(500);
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// What a cluster lacks for the chapter, each with the cure.
///
/// # Errors
/// It does not answer.
pub async fn lacking(client: &Client) -> Result<Vec<Message>, kube::Error> {
    let mut lacking = vec![];
    let version = client.apiserver_version().await?;
    if minor(&version).is_some_and(|minor| (version.major.as_str(), minor) < ("1", 25)) {
        lacking.push(Message::new("old-kubernetes").with("version", whole(&version)));
    }
    lacking.extend(forbidden(client, rights::NEEDED).await?);
    let nodes = match Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await
    {
        Ok(nodes) => nodes.items,
        // `doubts` says so.
        Err(kube::Error::Api(status)) if status.code == 403 => return Ok(lacking),
        Err(error) => return Err(error),
    };
    if !nodes.iter().any(is_ready) {
        lacking.push(Message::new("no-node-ready").with("count", nodes.len()));
    }
    Ok(lacking)
}

/// The number of a minor version, to which distributions add letters of their own: `27-gke.1400`, `27+`.
fn minor(version: &Info) -> Option<u32> {
    let mut parts = version.minor.split(|letter: char| !letter.is_ascii_digit());
    parts.next()?.parse().ok()
}

fn whole(version: &Info) -> String {
    format!("{}.{}", version.major, version.minor)
}

/// The sentence that refuses a cluster which lacks something.
#[must_use]
pub fn refusal(context: &str, lacking: Vec<Message>) -> Message {
    let refused = Message::new("cluster-lacks").with("context", format!("{context:?}"));
    Message::joined("\n  - ", [vec![refused], lacking].concat())
}

/// What some exercises need beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// A Service is called from outside the cluster.
    pub address: bool,
    /// Data are to outlast their pod.
    pub disk: bool,
}

impl Needs {
    /// None.
    pub const NOTHING: Self = Self {
        address: false,
        disk: false,
    };
    /// Those of the whole chapter.
    pub const ALL: Self = Self {
        address: true,
        disk: true,
    };

    /// Those of an exercise: a proof calls from outside, or a chart is installed, which are what has claims.
    #[must_use]
    pub fn of(exercise: &Exercise) -> Self {
        let mut proofs = exercise.steps.iter().flat_map(|step| &step.action.proofs);
        Self {
            address: proofs.any(|proof| proof.claim().calls_from_outside()),
            disk: exercise
                .commands()
                .any(|command| command.starts_with("helm install")),
        }
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            address: self.address || other.address,
            disk: self.disk || other.disk,
        }
    }
}

/// What the cluster does not seem to do of that, as sentences, each with the cure. To see whether a Service gets an address
/// one is made, in a namespace that is deleted again, also when somebody asks to stop.
///
/// # Errors
/// It does not answer, or refuses.
pub async fn doubts(client: &Client, needs: Needs, stop: &Stop) -> Result<Vec<Message>, kube::Error> {
    let mut doubts = forbidden(client, rights::USEFUL).await?;
    let version = client.apiserver_version().await?;
    if minor(&version).is_none() {
        let version = format!("{:?}", whole(&version));
        doubts.push(Message::new("doubt-version").with("version", version));
    }
    if needs.disk && !has_default_class(client).await? {
        doubts.push(Message::new("doubt-disk"));
    }
    if needs.address && !gives_addresses(client, stop).await? {
        doubts.push(Message::new("doubt-address").with("seconds", ADDRESS_WITHIN.as_secs()));
    }
    Ok(doubts)
}

/// Why the nodes seem to lack the images of a registry that none can be pulled from, if they do.
///
/// # Errors
/// The cluster does not answer, or refuses.
pub async fn doubt_images(client: &Client, registry: &str) -> Result<Option<Message>, kube::Error> {
    let nodes = Api::<Node>::all(client.clone());
    let nodes = nodes.list(&ListParams::default()).await?;
    if nodes.iter().any(|node| has_images(node, registry)) {
        return Ok(None);
    }
    Ok(Some(Message::new("doubt-images").with("registry", registry)))
}

fn has_images(node: &Node, registry: &str) -> bool {
    images(node).any(|name| {
        name.strip_prefix(registry)
            .is_some_and(|rest| rest.starts_with('/'))
    })
}

async fn has_default_class(client: &Client) -> Result<bool, kube::Error> {
    let classes: Api<StorageClass> = Api::all(client.clone());
    let classes = classes.list(&ListParams::default()).await?;
    let mut marks = classes
        .iter()
        .filter_map(|class| class.annotations().get(DEFAULT_CLASS));
    Ok(marks.any(|mark| mark == "true"))
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
    use std::path::Path;

    use access::fake;
    use guide::Language;

    use super::*;

    /// A cluster of a minor version on which everything is allowed, but for what it says about nodes.
    fn cluster(minor: &'static str, nodes: (u16, serde_json::Value)) -> Client {
        fake::api(move |request, _| match request {
            "GET /version" => fake::version("1", minor),
            "GET /api/v1/nodes" => nodes.clone(),
            _ => fake::allowed(true),
        })
    }

    fn ids(messages: &[Message]) -> Vec<&str> {
        messages.iter().filter_map(Message::id).collect()
    }

    #[tokio::test]
    async fn nodes_that_may_not_be_listed_are_no_reason_to_refuse() {
        let hidden = cluster("37", fake::refusal(403, "nodes is forbidden"));
        assert_eq!(lacking(&hidden).await.unwrap(), []);
        let empty = lacking(&cluster("37", fake::list(&[]))).await.unwrap();
        assert_eq!(ids(&empty), ["no-node-ready"]);
    }

    #[tokio::test]
    async fn a_version_is_told_by_its_leading_digits() {
        for (minor, refused, doubted) in [
            ("24", &["old-kubernetes"][..], &[][..]),
            ("24-gke.7", &["old-kubernetes"], &[]),
            ("25+", &[], &[]),
            ("27-gke.1400", &[], &[]),
            ("", &[], &["doubt-version"]),
            ("x27", &[], &["doubt-version"]),
        ] {
            let client = cluster(minor, fake::refusal(403, "nodes is forbidden"));
            assert_eq!(ids(&lacking(&client).await.unwrap()), refused, "{minor:?}");
            let (_stopper, stop) = Stop::new();
            let told = doubts(&client, Needs::NOTHING, &stop).await.unwrap();
            assert_eq!(ids(&told), doubted, "{minor:?}");
        }
    }

    #[test]
    fn an_exercise_needs_what_its_steps_use() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let needs = |id| Needs::of(&Exercise::load(&root, Language::En, id).unwrap());
        let address = Needs {
            address: true,
            ..Needs::NOTHING
        };
        assert_eq!(
            ["12.1", "12.2", "12.3", "12.4", "12.5", "12.6"].map(needs),
            [address, address, Needs::ALL, address, Needs::NOTHING, address]
        );
        assert_eq!(Needs::NOTHING.and(address), address);
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
