//! Preparing a cluster that exists already: one of a kubeconfig context.

mod load_command;

use std::{path::Path, time::Duration};

use access::{LISTED_IMAGES, has_image};
use anyhow::{Context, anyhow, bail};
use guide::Language;
use k8s_openapi::api::core::v1::Node;
use kube::{Api, ResourceExt, api::ListParams};
use programs::{Reach, command, environment, run_group};
use runner::preflight;
use tokio::time::{Instant, sleep};

use self::load_command::load_command;
use crate::{image_source, images, progress::StepProgress, target::Target};

/// How long a kubelet may take to list an image that it was given; it looks each 30 s and tells each 10 s.
const LISTED_WITHIN: Duration = Duration::from_secs(90);
const PERIOD: Duration = Duration::from_secs(2);

/// Builds the images that the cluster's nodes lack and loads them with the command for its kind.
///
/// # Errors
/// The cluster does not answer or lacks something, or its load command failed or is missing.
pub(crate) async fn prepare(
    context: &str,
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
) -> anyhow::Result<()> {
    let client = Target::of_context(context.to_owned())?.open().await?.client;
    let lacking = preflight::lacking(&client).await?;
    if !lacking.is_empty() {
        bail!(Language::En.tell(&preflight::refusal(context, lacking)));
    }
    let registry = image_source::current(checkout)?;
    if image_source::is_local(&registry) {
        load_missing(context, &Api::all(client), checkout, cache, progress).await?;
    } else {
        crate::outln!("images are pulled from {registry} (docker/README.md says how they get there)");
    }
    crate::outln!(
        "\nThe cluster of context {context:?} is ready. In k8s/, type: kubectl --context {context} apply -f numbers/"
    );
    Ok(())
}

/// Loads the images that the nodes lack, built here, and waits until the nodes list them. Images that they may have, but do
/// not list, are loaded too where that is possible.
async fn load_missing(
    context: &str,
    nodes: &Api<Node>,
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
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
    if let Err(reason) = can_be_loaded(context, &listed) {
        let Some((node, name)) = lacking(&listed, &names) else {
            warn(first, &format!("and cannot be loaded with them: {reason:#}"));
            return Ok(());
        };
        return Err(reason.context(format!("node {node} of {context:?} lacks {name}")));
    }
    let _builds = cluster::lock_builds(cache)?;
    let images = images::build(checkout, cache, progress).await?;
    for image in images.iter().filter(|image| unseen.contains(&&image.name)) {
        let words = load_command(context, &listed, &image.archive).map_err(anyhow::Error::msg)?;
        progress.start(&format!("Loading {}", image.name), Duration::from_secs(5));
        let mut load = command(&words[0], &words[1..]);
        load.envs(environment(Reach::Person));
        run_group(load).await?;
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

/// Checks that images can be built here and loaded into the cluster.
fn can_be_loaded(context: &str, nodes: &[Node]) -> anyhow::Result<()> {
    let words = load_command(context, nodes, Path::new("")).map_err(|reason| {
        anyhow!(
            "{reason}. With a registry: build the images and push them there (docker/README.md), then \
             `cargo lab registry REGISTRY/PATH` and this command again"
        )
    })?;
    programs::find(&words[0])
        .with_context(|| format!("`{}`, which loads images, is not on the PATH", words[0]))?;
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

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use access::fake;
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
    fn shown(nodes: Vec<serde_json::Value>) -> Api<Node> {
        let asked = Arc::new(AtomicUsize::new(0));
        Api::all(fake::api(move |request, _| {
            assert_eq!(request, "GET /api/v1/nodes");
            let node = asked.fetch_add(1, Ordering::Relaxed).min(nodes.len() - 1);
            fake::list(&nodes[node..=node])
        }))
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
            load_missing("prod", &nodes, &root, cache.path(), &StepProgress::default()).await
        };
        given(50).await.unwrap();
        let refused = format!("{:#}", given(49).await.unwrap_err());
        assert!(
            refused.contains("lacks") && refused.contains("only from a registry"),
            "{refused}"
        );
    }
}
