//! Preparing a cluster that exists already: one of a kubeconfig context.

mod load_command;
mod nodes;

use std::{path::Path, time::Duration};

use anyhow::{Context, anyhow, bail};
use guide::Language;
use k8s_openapi::api::core::v1::Node;
use kube::{Api, Client, api::ListParams};
use programs::{Reach, command, environment, run_group};
use runner::{
    Stop,
    preflight::{self, Trial},
};

use self::{
    load_command::load_command,
    nodes::{Instead, Lacking, Wanted, askable, lacking},
};
use crate::{
    Exit, image_source,
    images::{self, Builder, Image},
    progress::StepProgress,
    target::Target,
};

/// How long the nodes usually take to say which images they have.
const USUALLY_SAID: Duration = Duration::from_secs(8);

/// Builds the images and loads those that the cluster's nodes do not have as they were built, with the command for its kind.
///
/// # Errors
/// The cluster does not answer or lacks something, or its load command failed or is missing.
pub(crate) async fn prepare(
    context: &str,
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
    stop: &Stop,
) -> anyhow::Result<Exit> {
    let client = match stop.or(open(context)).await {
        Ok(client) => client?,
        Err(signal) => return Ok(Exit::Stopped(signal)),
    };
    let registry = image_source::current(checkout)?;
    if image_source::is_local(&registry) {
        let mut trial = Trial::new(&client);
        let loading = load_changed(context, &client, &mut trial, (checkout, cache), progress);
        let loaded = stop.or(loading).await;
        if let Err(left) = trial.remove().await {
            eprintln!("{}", Language::En.tell(&left));
        }
        match loaded {
            Ok(loaded) => crate::outln!("{}", loaded?),
            Err(signal) => return Ok(Exit::Stopped(signal)),
        }
    } else {
        crate::outln!("images are pulled from {registry} (docker/README.md says how they get there)");
    }
    crate::outln!(
        "\nThe cluster of context {context:?} is ready. In k8s/, type: kubectl --context {context} apply -f numbers/"
    );
    Ok(Exit::Done)
}

async fn open(context: &str) -> anyhow::Result<Client> {
    let client = Target::of_context(context.to_owned())?.open().await?.client;
    let lacking = preflight::lacking(&client).await?;
    if !lacking.is_empty() {
        bail!(Language::En.tell(&preflight::refusal(context, lacking)));
    }
    Ok(client)
}

/// Builds the images and loads those that the nodes lack, or have otherwise; says what was found, and done.
async fn load_changed(
    context: &str,
    client: &Client,
    trial: &mut Trial,
    (checkout, cache): (&Path, &Path),
    progress: &StepProgress,
) -> anyhow::Result<String> {
    let all = Api::<Node>::all(client.clone());
    let all = all.list(&ListParams::default()).await?.items;
    let nodes = askable(&all);
    let builder = match can_be_loaded(context, &all).await {
        Ok(builder) => builder,
        Err(reason) => {
            let names = images::names(checkout)?;
            let named = names.into_iter().map(|name| Wanted { name, content: None });
            let named: Vec<_> = named.collect();
            progress.start("Asking the nodes which images they have", USUALLY_SAID);
            let lacking = lacking(client, trial, &nodes, &named).await?;
            progress.finish();
            return match lacking.first() {
                Some(Lacking { node, name, .. }) => {
                    Err(reason.context(format!("node {node} of {context:?} lacks {name}")))
                }
                None => Ok(format!(
                    "the nodes have images of all names; whether they are of this clone's programs is not known: {reason:#}"
                )),
            };
        }
    };
    let _builds = cluster::lock_builds(cache)?;
    let mut images = builder.build(checkout, cache, progress).await?;
    images.retain(|image| image.name != cluster::PAUSE_IMAGE);
    let wanted = |image: &Image| {
        anyhow::Ok(Wanted {
            name: image.name.clone(),
            content: Some(image.content_name()?),
        })
    };
    let wanted: Vec<_> = images.iter().map(wanted).collect::<Result<_, _>>()?;
    progress.start("Asking the nodes which images they have", USUALLY_SAID);
    let differing = lacking(client, trial, &nodes, &wanted).await?;
    progress.finish();
    if differing.is_empty() {
        return Ok("the nodes have the images as they are built here".to_owned());
    }
    let differs = |name: &str| differing.iter().any(|lacking| lacking.name == name);
    for image in images.iter().filter(|image| differs(&image.name)) {
        let words = load_command(context, &all, &image.archive).map_err(anyhow::Error::msg)?;
        progress.start(&format!("Loading {}", image.name), Duration::from_secs(5));
        let mut load = command(&words[0], &words[1..]);
        load.envs(environment(Reach::Person));
        run_group(load).await?;
        progress.finish();
    }
    progress.start("Asking the nodes which images they have now", USUALLY_SAID);
    let left = lacking(client, trial, &nodes, &wanted).await?;
    if let Some(left) = left.first() {
        bail!(did_not_arrive(left));
    }
    progress.finish();
    Ok(loaded(&differing, nodes.len(), all.len()))
}

/// Checks that images can be built here and loaded into the cluster; says what builds them.
async fn can_be_loaded(context: &str, nodes: &[Node]) -> anyhow::Result<Builder> {
    let words = load_command(context, nodes, Path::new("")).map_err(|reason| {
        anyhow!(
            "{reason}. With a registry: build the images and push them there (docker/README.md), then \
             `cargo lab registry REGISTRY/PATH` and this command again"
        )
    })?;
    programs::find(&words[0])
        .with_context(|| format!("`{}`, which loads images, is not on the PATH", words[0]))?;
    Builder::find().await
}

fn did_not_arrive(Lacking { node, name, instead }: &Lacking) -> String {
    let has = match instead {
        Instead::Nothing => "does not have it",
        Instead::Another => "has another image of that name",
    };
    format!(
        "{name} was loaded, but node {node} {has}: it went to another machine or another store of images; \
         `kubectl describe node {node}` lists what is there"
    )
}

/// What was loaded into `asked` of the cluster's `nodes`.
fn loaded(differing: &[Lacking], asked: usize, nodes: usize) -> String {
    let mut names: Vec<_> = differing.iter().map(|lacking| lacking.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut text = format!("loaded, and now on the nodes: {}", names.join(" "));
    if asked < nodes {
        text.push_str(&format!(
            "\n{} of {nodes} nodes were not asked: not ready, or not Linux",
            nodes - asked
        ));
    }
    if differing
        .iter()
        .any(|lacking| lacking.instead == Instead::Another)
    {
        text.push_str(
            "\nPods that run already go on with the image they began with; `kubectl rollout restart deployment NAME` \
             starts them anew.",
        );
    }
    text
}
