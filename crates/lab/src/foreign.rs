//! A cluster that the person has: how to reach it, and how the images get there.

use std::{path::Path, time::Duration};

use access::{LISTED_IMAGES, has_image};
use anyhow::{Context, anyhow, bail};
use k8s_openapi::api::core::v1::Node;
use kube::{Api, ResourceExt, api::ListParams, config::Kubeconfig};
use runner::preflight;
use tokio::time::{Instant, sleep};

use crate::{image_source, images, loader::loader, progress::Progress, target::Target};

/// How long a kubelet may take to list an image that it was given; it looks each 30 s and tells each 10 s.
const LISTED_WITHIN: Duration = Duration::from_secs(90);
const PERIOD: Duration = Duration::from_secs(2);

/// The context that plain kubectl would use, if there is a kubeconfig.
#[must_use]
pub(crate) fn current_context() -> Option<String> {
    Kubeconfig::read().ok()?.current_context
}

/// Builds the images that the cluster's nodes lack and hands them over in the way of its kind.
///
/// # Errors
/// The cluster does not answer, lacks something, or its own loader failed or is not there.
pub(crate) async fn prepare(
    context: &str,
    checkout: &Path,
    cache: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    let client = Target::of_context(context.to_owned())?.open().await?.client;
    let lacking = preflight::lacking(&client).await?;
    if !lacking.is_empty() {
        bail!(
            "the cluster of context {context:?} lacks something for the chapter:\n  - {}",
            lacking.join("\n  - ")
        );
    }
    let registry = image_source::current(checkout)?;
    if image_source::is_local(&registry) {
        hand_over(context, &Api::all(client), checkout, cache, progress).await?;
    } else {
        crate::outln!("images are pulled from {registry} (docker/README.md says how they get there)");
    }
    crate::outln!(
        "\nThe cluster of context {context:?} is ready. In k8s/, type: kubectl --context {context} apply -f numbers/"
    );
    Ok(())
}

/// Gives the nodes the images that they lack, built here, and waits until they have them. Images that they may have, but do
/// not list, are given to them too where that is possible.
async fn hand_over(
    context: &str,
    nodes: &Api<Node>,
    checkout: &Path,
    cache: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    let names = images::names(checkout)?;
    let listed = nodes.list(&ListParams::default()).await?.items;
    let unseen: Vec<_> = names
        .iter()
        .filter(|name| !listed.iter().all(|node| has(node, name) == Some(true)))
        .collect();
    let Some(first) = unseen.first() else {
        crate::outln!("the images are there already");
        return Ok(());
    };
    if let Err(reason) = can_be_given(context, &listed) {
        let Some((node, name)) = lacking(&listed, &names) else {
            warn(first, &format!("and could not be given them again: {reason:#}"));
            return Ok(());
        };
        return Err(reason.context(format!("node {node} of {context:?} lacks {name}")));
    }
    let _builds = cluster::lock_builds(cache)?;
    let images = images::build(checkout, cache, progress).await?;
    for image in images.iter().filter(|image| unseen.contains(&&image.name)) {
        let words = loader(context, &listed, &image.archive).map_err(anyhow::Error::msg)?;
        progress.start(&format!("Loading {}", image.name), Duration::from_secs(5));
        let mut command = tokio::process::Command::new(&words[0]);
        command.args(&words[1..]);
        images::checked(command).await?;
        progress.finish();
    }
    progress.start("Waiting for the nodes to list the images", LISTED_WITHIN / 2);
    let listed = until_listed(nodes, &names).await?;
    progress.finish();
    let unknown = |name: &&String| listed.iter().any(|node| has(node, name).is_none());
    if let Some(name) = names.iter().find(unknown) {
        warn(name, "which could not be looked at");
    }
    Ok(())
}

/// Whether images can be made here and given to the cluster.
fn can_be_given(context: &str, nodes: &[Node]) -> anyhow::Result<()> {
    let words = loader(context, nodes, Path::new("")).map_err(|reason| {
        anyhow!(
            "{reason}. With a registry: build the images and push them there (docker/README.md), then \
             `cargo lab registry REGISTRY/PATH` and this command again"
        )
    })?;
    which::which(&words[0]).with_context(|| format!("`{}`, which loads it, is not on the PATH", words[0]))?;
    images::can_be_built()
}

/// Waits until each node that lists all its images lists these, and returns the nodes.
///
/// # Errors
/// One does not, within [`LISTED_WITHIN`], or the cluster does not answer.
async fn until_listed(nodes: &Api<Node>, names: &[String]) -> anyhow::Result<Vec<Node>> {
    let deadline = Instant::now() + LISTED_WITHIN;
    loop {
        let listed = nodes.list(&ListParams::default()).await?.items;
        let Some((node, name)) = lacking(&listed, names) else {
            return Ok(listed);
        };
        if Instant::now() > deadline {
            bail!(
                "{name} was loaded, but node {node} does not list it after {} s: it went to another machine or another \
                 store of images; `kubectl describe node {node}` lists what is there",
                LISTED_WITHIN.as_secs()
            );
        }
        sleep(PERIOD).await;
    }
}

/// The first node that is known to lack an image, and that image.
fn lacking<'a>(nodes: &[Node], names: &'a [String]) -> Option<(String, &'a String)> {
    nodes.iter().find_map(|node| {
        let name = names.iter().find(|name| has(node, name) == Some(false))?;
        Some((node.name_any(), name))
    })
}

fn warn(name: &str, more: &str) {
    eprintln!(
        "warning: the nodes list only their {LISTED_IMAGES} largest images, so they may lack {name}, {more}"
    );
}

fn has(node: &Node, name: &str) -> Option<bool> {
    has_image(node, |known| known == name)
}

/// Whether the manifests' registry can be reached only by loading images, in one sentence.
///
/// # Errors
/// The manifests cannot be read.
pub(crate) fn image_source(checkout: &Path) -> anyhow::Result<String> {
    let registry = image_source::current(checkout)?;
    Ok(if image_source::is_local(&registry) {
        format!("images are {registry}/...: loaded into the cluster, never pulled")
    } else {
        format!("images are pulled from {registry}")
    })
}

#[cfg(test)]
mod tests {
    use http::{Request, Response};
    use kube::{Client, client::Body};
    use serde_json::json;

    use super::*;

    const NAME: &str = "localhost/lab/pi-web:1.0.0";

    /// A node that lists an image, or not, beside `others`.
    fn node(has: bool, others: usize) -> serde_json::Value {
        let mut images: Vec<_> = (0..others)
            .map(|number| json!({ "names": [format!("other/{number}")] }))
            .collect();
        images.extend(has.then(|| json!({ "names": ["other/name", NAME] })));
        json!({ "metadata": { "name": "node" }, "status": { "images": images } })
    }

    /// The nodes of a cluster that shows these one after another, and then the last again and again.
    fn shown(mut nodes: Vec<serde_json::Value>) -> Api<Node> {
        let (service, mut requests) = tower_test::mock::pair::<Request<Body>, Response<Body>>();
        tokio::spawn(async move {
            while let Some((request, answer)) = requests.next_request().await {
                assert_eq!(request.uri().path(), "/api/v1/nodes");
                let node = if nodes.len() > 1 {
                    nodes.remove(0)
                } else {
                    nodes[0].clone()
                };
                let list = json!({ "apiVersion": "v1", "kind": "NodeList", "metadata": {}, "items": [node] });
                answer.send_response(Response::new(Body::from(list.to_string().into_bytes())));
            }
        });
        Api::all(Client::new(service, "default"))
    }

    #[tokio::test(start_paused = true)]
    async fn nodes_are_waited_for_until_they_list_what_they_were_given() {
        let names = [NAME.to_owned()];
        let late = shown(vec![node(false, 3), node(false, 3), node(true, 3)]);
        let nodes = until_listed(&late, &names).await.unwrap();
        assert_eq!(has(&nodes[0], NAME), Some(true));
        let nodes = until_listed(&shown(vec![node(false, 50)]), &names).await.unwrap();
        assert_eq!(has(&nodes[0], NAME), None);
        let error = until_listed(&shown(vec![node(false, 3)]), &names)
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("node node does not list it"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_cluster_without_a_loader_is_refused_only_for_what_it_surely_lacks() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let cache = tempfile::tempdir().unwrap();
        let given = async |others| {
            let nodes = shown(vec![node(false, others)]);
            hand_over("prod", &nodes, &root, cache.path(), &Progress::default()).await
        };
        given(50).await.unwrap();
        let refused = format!("{:#}", given(49).await.unwrap_err());
        assert!(
            refused.contains("lacks") && refused.contains("only from a registry"),
            "{refused}"
        );
    }
}
