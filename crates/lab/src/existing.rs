//! A cluster that the person has: how to reach it, and how the images get there.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use k8s_openapi::api::core::v1::Node;
use kube::{
    Api, Client, Config, ResourceExt,
    api::ListParams,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{
    images::{self, Image},
    progress::Progress,
    registry,
    requirements::lacking,
};

/// The context that plain kubectl would use, if there is a kubeconfig.
#[must_use]
pub fn current_context() -> Option<String> {
    Kubeconfig::read().ok()?.current_context
}

/// A client for a context of the person's kubeconfig.
///
/// # Errors
/// There is no such context, or the cluster does not answer.
pub async fn connect(context: &str) -> anyhow::Result<Client> {
    let kubeconfig = Kubeconfig::read().context("reading the kubeconfig; KUBECONFIG says where it is")?;
    let known: Vec<_> = kubeconfig
        .contexts
        .iter()
        .map(|known| known.name.clone())
        .collect();
    if !known.iter().any(|known| known == context) {
        bail!(
            "the kubeconfig has no context {context:?}; it has: {}",
            known.join(", ")
        );
    }
    let options = KubeConfigOptions {
        context: Some(context.into()),
        ..KubeConfigOptions::default()
    };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    config.connect_timeout = Some(Duration::from_secs(5));
    let client = Client::try_from(config)?;
    client
        .apiserver_version()
        .await
        .with_context(|| format!("the cluster of context {context:?} does not answer; is it running?"))?;
    Ok(client)
}

/// Builds the images that the cluster's nodes lack and hands them over in the way of its kind.
///
/// # Errors
/// The cluster does not answer, lacks something, or its own loader failed or is not there.
pub async fn prepare(
    context: &str,
    checkout: &Path,
    cache: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    let client = connect(context).await?;
    let lacking = lacking(&client).await?;
    if !lacking.is_empty() {
        bail!(
            "the cluster of context {context:?} lacks something for the chapter:\n  - {}",
            lacking.join("\n  - ")
        );
    }
    let nodes = Api::<Node>::all(client).list(&ListParams::default()).await?.items;
    let images = images::build(checkout, cache, progress).await?;
    for image in images.iter().filter(|image| image.name != cluster::PAUSE_IMAGE) {
        if nodes.iter().all(|node| has_image(node, &image.name)) {
            crate::outln!("{} is there already", image.name);
            continue;
        }
        let Some(loader) = loader(context, &nodes, image) else {
            bail!(
                "the nodes of {context:?} have no {name}, and this kind of cluster takes images only from a registry:\n  \
                 cargo lab registry REGISTRY/PATH     (yours, such as registry.example/team)\n  \
                 docker load --input {archive}\n  docker tag {name} REGISTRY/PATH/...   and docker push it\n\
                 The archives are in {folder}.",
                name = image.name,
                archive = image.archive.display(),
                folder = cache.join("images").display(),
            );
        };
        let (program, arguments) = loader.split_first().context("no loader")?;
        which::which(program).with_context(|| {
            format!(
                "the nodes lack {}, and `{program}`, which loads it, is not on the PATH",
                image.name
            )
        })?;
        progress.start(&format!("Loading {}", image.name), Duration::from_secs(5));
        let mut command = tokio::process::Command::new(program);
        command.args(arguments);
        images::checked(command).await?;
        progress.finish();
    }
    crate::outln!(
        "\nThe cluster of context {context:?} is ready. In k8s/, type: kubectl --context {context} apply -f numbers/"
    );
    Ok(())
}

fn has_image(node: &Node, name: &str) -> bool {
    let images = node.status.as_ref().and_then(|status| status.images.as_ref());
    images
        .into_iter()
        .flatten()
        .flat_map(|image| image.names.iter().flatten())
        .any(|known| known == name)
}

/// The command line that gives an image to a cluster of this kind; none where only a registry does.
fn loader(context: &str, nodes: &[Node], image: &Image) -> Option<Vec<String>> {
    let node = nodes.first()?;
    let provider = node
        .spec
        .as_ref()
        .and_then(|spec| spec.provider_id.as_deref())
        .unwrap_or_default();
    let archive = image.archive.to_string_lossy().into_owned();
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    if let Some(name) = provider
        .strip_prefix("kind://")
        .and_then(|rest| rest.split('/').nth(1))
    {
        return words(&["kind", "load", "image-archive", &archive, "--name", name]);
    }
    if let Some(name) = node.labels().get("minikube.k8s.io/name") {
        return words(&["minikube", "--profile", name, "image", "load", &archive]);
    }
    if let Some(name) = context.strip_prefix("k3d-") {
        return words(&["k3d", "image", "import", &archive, "--cluster", name]);
    }
    if provider.starts_with("k3s://") {
        return words(&["k3s", "ctr", "images", "import", &archive]);
    }
    if context == "docker-desktop" {
        return words(&["docker", "load", "--input", &archive]);
    }
    None
}

/// Whether the manifests' registry can be reached only by loading images, in one sentence.
///
/// # Errors
/// The manifests cannot be read.
pub fn image_source(checkout: &Path) -> anyhow::Result<String> {
    let registry = registry::current(checkout)?;
    Ok(if registry.starts_with("localhost/") {
        format!("images are {registry}/...: loaded into the cluster, never pulled")
    } else {
        format!("images are pulled from {registry}")
    })
}
