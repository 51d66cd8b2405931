//! `lab up`.

use std::{
    path::Path,
    pin::pin,
    time::{Duration, Instant, SystemTime},
};

use anyhow::Context;
use cluster::{Event, Layout, Lock, Step};
use futures::future::{Either, select};
use programs::{Reach, command, environment, run as call};
use runner::Stop;
use tokio::sync::Notify;

use crate::{
    Exit, existing_cluster,
    images::{self, Builder},
    progress::StepProgress,
    workspace,
};

/// Options of `lab up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Prepare the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// Install the Debian packages that the embedded cluster needs, as root, with apt-get.
    #[arg(long, conflicts_with = "context")]
    install: bool,
    /// Have the API server keep an audit log, for the tests that check what is told against it.
    #[arg(long, conflicts_with = "context", hide = true)]
    audit: bool,
}

/// Brings up the embedded cluster, or prepares another, and says what to type first. After an interruption, the same command
/// goes on from there.
///
/// # Errors
/// Something is missing on the machine, failed, or took too long; the message says what and what to do.
pub(crate) async fn run(layout: &Layout, args: Args, stop: &Stop) -> anyhow::Result<Exit> {
    let checkout = workspace::find()?;
    let progress = StepProgress::default();
    if let Some(context) = args.context {
        return existing_cluster::prepare(&context, &checkout, &layout.cache, &progress, stop).await;
    }
    let embedded = bring_up(layout, args.install, args.audit, &checkout, &progress);
    stop.or(embedded)
        .await
        .unwrap_or_else(|signal| Ok(Exit::Stopped(signal)))
}

/// Brings up the embedded cluster. Dropping this ends the programs that it waits for.
async fn bring_up(
    layout: &Layout,
    install: bool,
    audit: bool,
    checkout: &Path,
    progress: &StepProgress,
) -> anyhow::Result<Exit> {
    let lock = cluster::lock(layout)?;
    cluster::verify_shell()?;
    let _builds = cluster::lock_builds(&layout.cache).map_err(elsewhere)?;
    for advice in cluster::advice(layout) {
        eprintln!("{}. {}", advice.what, advice.cure);
    }
    if install {
        install_packages(progress).await?;
    }
    // One that runs is not looked at, and what fails would only say that it failed.
    if cluster::status(layout).await.is_some()
        && let Some(problem) = cluster::crowded(layout)
    {
        eprintln!("{}. {}", problem.what, problem.cure);
    }
    let version = start_and_fill(layout, &lock, audit, checkout, progress).await?;
    let greeting = greeting(layout, &version, other_context(layout).as_deref());
    crate::print::out(format_args!("{greeting}"));
    Ok(Exit::Done)
}

/// Says that builds may be kept in another place, where this one cannot be written to.
fn elsewhere(error: cluster::Error) -> anyhow::Error {
    let is_file = matches!(error, cluster::Error::File { .. });
    let error = anyhow::Error::from(error);
    if is_file {
        error.context("builds cannot be kept there; XDG_CACHE_HOME names another folder for them")
    } else {
        error
    }
}

async fn install_packages(progress: &StepProgress) -> anyhow::Result<()> {
    let packages = cluster::missing_packages();
    let Some(problem) = cluster::not_installed() else {
        return Ok(());
    };
    if programs::find("apt-get").is_none() {
        return Err(cluster::Error::Machine(vec![problem]).into());
    }
    progress.start("Installing Debian packages", Duration::from_secs(40));
    let install = [&["install", "--yes", "--no-install-recommends"], &packages[..]].concat();
    for arguments in [vec!["update", "--quiet"], install] {
        let mut apt = command("apt-get", arguments);
        apt.envs(environment(Reach::Registries))
            .env("DEBIAN_FRONTEND", "noninteractive");
        call(apt).await?;
    }
    progress.finish();
    Ok(())
}

/// Starts the cluster, and builds and loads its images at the same time: one uses the processors while the other waits for
/// the network or a linker. Returns Kubernetes' version.
async fn start_and_fill(
    layout: &Layout,
    lock: &Lock,
    audit: bool,
    checkout: &Path,
    progress: &StepProgress,
) -> anyhow::Result<String> {
    let lab = std::env::current_exe().context("finding this program's own file")?;
    let answers = Notify::new();
    let (began, usual) = (Instant::now(), images::usual_time(checkout, &layout.cache)?);
    let report = |event| {
        let checked = matches!(event, Event::Finished(Step::Check));
        if matches!(event, Event::Started(Step::Node)) {
            answers.notify_one();
        }
        progress.take(event);
        if checked {
            progress.meanwhile("Building the images", usual);
        }
    };
    let start = pin!(cluster::up(layout, &lab, SystemTime::now(), audit, lock, &report));
    let fill = pin!(fill(layout, checkout, &answers));
    match select(start, fill).await {
        Either::Left((version, fill)) => {
            let version = version?;
            progress.start(
                "Building and loading the images",
                usual.saturating_sub(began.elapsed()),
            );
            fill.await?;
            progress.finish();
            Ok(version)
        }
        Either::Right((filled, start)) => {
            filled?;
            Ok(start.await?)
        }
    }
}

/// Builds the images that changed, and loads those that the cluster lacks once it `answers`. Says nothing of it: the cluster's
/// steps are on the screen meanwhile.
async fn fill(layout: &Layout, checkout: &Path, answers: &Notify) -> anyhow::Result<()> {
    let silent = StepProgress::silent();
    let images = Builder::Buildah.build(checkout, &layout.cache, &silent).await?;
    answers.notified().await;
    images::load(layout, &images, &silent).await
}

/// The current context of the person's own kubeconfig, which is another file than the cluster's.
fn other_context(layout: &Layout) -> Option<String> {
    let ours = std::env::var_os("KUBECONFIG").is_some_and(|path| path == layout.kubeconfig().as_os_str());
    if ours {
        None
    } else {
        access::person().ok()?.current_context
    }
}

/// No wider than the terminal, but for names and paths of the person's own.
fn greeting(layout: &Layout, version: &str, other: Option<&str>) -> String {
    let lab = if layout.name == cluster::DEFAULT_NAME {
        "cargo lab".to_owned()
    } else {
        format!("cargo lab --name {}", layout.name)
    };
    let (node, name, range) = (layout.node(), &layout.name, layout.load_balancers());
    let kubeconfig = layout.kubeconfig();
    let runs = format!("Kubernetes {version} runs on this machine, in a network of its own.");
    let mut paragraphs = vec![
        runs,
        format!(
            "  node        {node} ({name})
  Services    get addresses from {range}
  kubeconfig  {}",
            kubeconfig.display()
        ),
        "In each shell where you want to use it, first type".into(),
        format!("  eval \"$({lab} env)\"\n  cd k8s"),
        "and then the first command of 12.1 (guide/en/12.1.md, guide/ko/12.1.md):".into(),
        "  kubectl apply -f numbers/".into(),
        format!("{lab} run 12.1 does the whole exercise for you; {lab} down removes everything."),
    ];
    if let Some(other) = other {
        paragraphs.push(format!(
            "Your kubeconfig's current context, {other:?}, was not touched. To use that cluster:"
        ));
        paragraphs.push(format!("  cargo lab up --context {}", shell_words::quote(other)));
    }
    let mut text = String::new();
    for paragraph in paragraphs {
        // What is to be typed or copied stays in one line.
        let fitted = if paragraph.starts_with("  ") {
            paragraph
        } else {
            report::paragraph("", &paragraph)
        };
        text += &format!("\n{fitted}\n");
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

    #[test]
    fn the_greeting_breaks_between_words() {
        let context = "kubernetes-admin@a-cluster-of-mine.example.com";
        for name in ["lab", "eleven-char"] {
            let layout = Layout::new(name, "100.100.0.0/16").unwrap();
            let text = greeting(&layout, "v1.37.10-rc.12", Some(context));
            assert!(
                text.lines().all(|line| console::measure_text_width(line) <= 80),
                "{text}"
            );
            assert!(
                text.contains(&format!("\n  cargo lab up --context {context}\n")),
                "{text}"
            );
        }
    }
}
