//! A cluster that the person has: how to reach it, and how the images get there.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use guide::Language;
use k8s_openapi::api::core::v1::Node;
use kube::{Api, api::ListParams, config::Kubeconfig};
use runner::preflight::{lacking, refusal};

use crate::{image_source, images, loader::loader, progress::Progress, target::Target};

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
    let lacking = lacking(&client).await?;
    if !lacking.is_empty() {
        bail!(Language::En.tell(&refusal(context, lacking)));
    }
    let registry = image_source::current(checkout)?;
    if image_source::is_local(&registry) {
        let nodes = Api::<Node>::all(client).list(&ListParams::default()).await?.items;
        hand_over(context, &nodes, checkout, cache, progress).await?;
    } else {
        crate::outln!("images are pulled from {registry} (docker/README.md says how they get there)");
    }
    crate::outln!(
        "\nThe cluster of context {context:?} is ready. In k8s/, type: kubectl --context {context} apply -f numbers/"
    );
    Ok(())
}

/// Gives the nodes the images that they lack, built here.
async fn hand_over(
    context: &str,
    nodes: &[Node],
    checkout: &Path,
    cache: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    let names = images::names(checkout)?;
    let lacking: Vec<_> = names
        .iter()
        .filter(|name| !nodes.iter().all(|node| has_image(node, name)))
        .collect();
    if lacking.is_empty() {
        crate::outln!("the images are there already");
        return Ok(());
    }
    let Some(program) = loader(context, nodes, Path::new("")).map(|words| words[0].clone()) else {
        bail!(
            "the nodes of {context:?} lack {}, and this kind of cluster takes images only from a registry: build them and push \
             them to yours (docker/README.md), then `cargo lab registry REGISTRY/PATH` and this command again",
            lacking[0]
        );
    };
    which::which(&program).with_context(|| {
        format!(
            "the nodes lack {}, and `{program}`, which loads it, is not on the PATH",
            lacking[0]
        )
    })?;
    images::can_be_built()?;
    let _builds = cluster::lock_builds(cache)?;
    let images = images::build(checkout, cache, progress).await?;
    for image in images.iter().filter(|image| lacking.contains(&&image.name)) {
        let words = loader(context, nodes, &image.archive).unwrap_or_default();
        progress.start(&format!("Loading {}", image.name), Duration::from_secs(5));
        let mut command = tokio::process::Command::new(&program);
        command.args(words.iter().skip(1));
        images::checked(command).await?;
        progress.finish();
    }
    Ok(())
}

fn has_image(node: &Node, name: &str) -> bool {
    access::images(node).any(|known| known == name)
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
