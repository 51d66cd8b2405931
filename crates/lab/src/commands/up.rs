//! `lab up`.

use std::{
    pin::pin,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use cluster::Layout;
use futures::future::{Either, select};

use crate::{Exit, foreign, images, progress::Progress, workspace};

/// Options of `lab up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Prepare the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// Install the Debian packages that the embedded cluster needs, as root, with apt-get.
    #[arg(long, conflicts_with = "context")]
    install: bool,
}

/// Brings up the embedded cluster, or prepares another, and says what to type first.
///
/// # Errors
/// Something is missing on the machine, failed, or took too long; the message says what and what to do.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let checkout = workspace::find()?;
    let progress = Progress::default();
    if let Some(context) = args.context {
        foreign::prepare(&context, &checkout, &layout.cache, &progress).await?;
        return Ok(Exit::Done);
    }
    let lock = cluster::lock(layout)?;
    let _builds = cluster::lock_builds(&layout.cache)?;
    if args.install {
        install(&progress).await?;
    }
    let lab = std::env::current_exe().context("finding this program's own file")?;
    let report = |event| progress.take(event);
    let cluster = pin!(cluster::up(layout, &lab, SystemTime::now(), &lock, &report));
    let services = pin!(images::compile(&checkout));
    // At the same time: one compiles while the other waits for the network or a linker.
    let version = match select(cluster, services).await {
        Either::Left((cluster, services)) => {
            let version = cluster?;
            progress.start("Building the services", images::compiling(&checkout));
            services.await?;
            progress.finish();
            version
        }
        Either::Right((services, cluster)) => {
            services?;
            cluster.await?
        }
    };
    let programs = images::pack_programs(&checkout, &layout.cache, &progress).await?;
    images::load(layout, &programs, &progress).await?;
    // Only from exercise 12.2 on.
    let databases = images::pack_databases(&checkout, &layout.cache, &progress).await?;
    images::load(layout, &databases, &progress).await?;
    crate::print::out(format_args!(
        "{}",
        greeting(layout, &version, other_context(layout).as_deref())
    ));
    Ok(Exit::Done)
}

async fn install(progress: &Progress) -> anyhow::Result<()> {
    let packages = cluster::missing_packages();
    if packages.is_empty() {
        return Ok(());
    }
    progress.start("Installing Debian packages", Duration::from_secs(40));
    let apt = |arguments: Vec<&str>| {
        let mut apt = tokio::process::Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    images::checked(apt(vec!["update", "--quiet"])).await?;
    images::checked(apt([
        vec!["install", "--yes", "--no-install-recommends"],
        packages,
    ]
    .concat()))
    .await?;
    progress.finish();
    Ok(())
}

/// The current context of the person's own kubeconfig, which is another file than the cluster's.
fn other_context(layout: &Layout) -> Option<String> {
    let ours = std::env::var_os("KUBECONFIG").is_some_and(|path| path == layout.kubeconfig().as_os_str());
    foreign::current_context().filter(|_| !ours)
}

fn greeting(layout: &Layout, version: &str, other: Option<&str>) -> String {
    let mut text = format!(
        "
Kubernetes {version} runs on this machine, in a network of its own.

  node        {node} ({name})        Services get addresses from {range}
  kubeconfig  {kubeconfig}

In each shell where you want to use it, first type

  eval \"$({lab} env)\"
  cd k8s

and then the first command of exercise 12.1 (guide/en/12.1.md, guide/ko/12.1.md):

  kubectl apply -f numbers/

{lab} run 12.1 does the whole exercise for you; {lab} down removes everything.
",
        node = layout.node(),
        name = layout.name,
        lab = if layout.name == cluster::DEFAULT_NAME {
            "cargo lab".to_owned()
        } else {
            format!("cargo lab --name {}", layout.name)
        },
        range = layout.load_balancers(),
        kubeconfig = layout.kubeconfig().display(),
    );
    if let Some(other) = other {
        text.push_str(&format!(
            "\nYour kubeconfig's current context, {other:?}, was not touched. To use that cluster: lab up --context {other}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_the_greeting_is_the_one_that_runs() {
        let layout = Layout::new("lab", cluster::DEFAULT_NETWORK).unwrap();
        assert!(greeting(&layout, "v1.36.9", None).contains("\nKubernetes v1.36.9 runs on this machine"));
    }
}
