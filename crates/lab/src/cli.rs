//! The command line.

use std::future::Future;

use anyhow::Context;
use clap::{Parser, Subcommand};
use cluster::{DEFAULT_NAME, DEFAULT_NETWORK, Layout};
use guide::Language;
use runner::Stop;
use tracing_subscriber::EnvFilter;

use crate::{
    Exit,
    commands::{check, doctor, down, env, list, logs, registry, reset, run, status, up},
};

/// Puts the chapter on a Kubernetes cluster, runs its exercises, and proves that what should happen did happen.
#[derive(Debug, Parser)]
#[command(
    name = "lab",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = Exit::TABLE
)]
pub struct Cli {
    /// Which embedded cluster: several can stand side by side, each with a network of its own.
    #[arg(long, global = true, env = "LAB_NAME", default_value = DEFAULT_NAME)]
    name: String,
    /// The embedded cluster's addresses, a /16 that this machine does not use [default: 198.18.0.0/16].
    #[arg(long, global = true, env = "LAB_NETWORK")]
    network: Option<String>,
    /// Trace on standard error each program that is called and each request to a cluster. RUST_LOG chooses more finely.
    #[arg(long, short, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring up the embedded cluster, or prepare one that you have (--context).
    Up(up::Args),
    /// List the exercises: how long each takes, where you stand, and what you have done before.
    List(list::Args),
    /// Run an exercise of the guide, or all, and prove that what should happen does.
    Run(run::Args),
    /// Look at what you did by hand: what is there, what is missing, and a hint.
    Check(check::Args),
    /// Go back to the start of an exercise, or of all.
    Reset(reset::Args),
    /// Remove the embedded cluster and all that it wrote.
    Down(down::Args),
    /// Show what runs, since when, and how much memory it takes.
    Status(status::Args),
    /// Show what a component of the embedded cluster logged.
    Logs(logs::Args),
    /// Print the lines that make plain kubectl, helm and lab work: eval "$(cargo lab env)".
    Env,
    /// Say what this machine, or a cluster of yours, lacks for the chapter.
    Doctor(doctor::Args),
    /// Show or change the registry that the manifests take their images from.
    Registry(registry::Args),
    /// Keep the cluster's components running, in its namespaces.
    #[command(hide = true)]
    Supervise,
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    /// Whatever went wrong, for a person to read.
    pub async fn run(self) -> anyhow::Result<Exit> {
        let layout = self.layout()?;
        if !matches!(self.command, Command::Supervise) {
            trace(self.verbose)?;
        }
        match self.command {
            Command::Up(args) => stoppable(up::run(&layout, args)).await,
            Command::List(args) => stoppable(list::run(&layout, args)).await,
            Command::Check(args) => stoppable(check::run(&layout, args)).await,
            Command::Reset(args) => stoppable(reset::run(&layout, args)).await,
            Command::Down(args) => stoppable(down::run(&layout, &args)).await,
            Command::Status(args) => stoppable(status::run(&layout, &args)).await,
            Command::Env => stoppable(env::run(&layout)).await,
            // It waits for nothing, but a signal is not to leave half of its files behind.
            Command::Registry(args) => stoppable(async { registry::run(&args) }).await,
            // These remove what they made in the cluster when they are stopped.
            Command::Run(args) => run::run(&layout, args, &Stop::listen()?).await,
            Command::Doctor(args) => doctor::run(&layout, &args, &Stop::listen()?).await,
            Command::Logs(args) => logs::run(&layout, &args),
            Command::Supervise => supervise(layout).await,
        }
    }

    /// The language of the command's answers, and of its errors.
    #[must_use]
    pub fn language(&self) -> Language {
        match &self.command {
            Command::List(args) => args.lang,
            Command::Run(args) => args.lang,
            Command::Check(args) => args.lang,
            _ => Language::En,
        }
    }

    /// The cluster's layout: the network that it was made with, if it is there.
    fn layout(&self) -> anyhow::Result<Layout> {
        let asked = Layout::new(&self.name, self.network.as_deref().unwrap_or(DEFAULT_NETWORK))?;
        match asked.saved() {
            Some(saved) if self.network.is_some() && saved.network != asked.network => anyhow::bail!(
                "the cluster {:?} has the network {}, not {}; `{}` first, or choose another --name",
                self.name,
                saved.network,
                asked.network,
                saved.command("down")
            ),
            Some(saved) => Ok(saved),
            None => Ok(asked),
        }
    }
}

/// Drops the work at a signal, which ends the programs that it waits for.
async fn stoppable(work: impl Future<Output = anyhow::Result<Exit>>) -> anyhow::Result<Exit> {
    let done = Stop::listen()?.or(work).await;
    done.unwrap_or_else(|signal| Ok(Exit::Stopped(signal)))
}

/// Traces programs and requests on standard error with `--verbose`, or what `RUST_LOG` names.
fn trace(verbose: bool) -> anyhow::Result<()> {
    let named = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let filter = match (named.as_str(), verbose) {
        ("", false) => return Ok(()),
        ("", true) => "warn,cluster=debug,kube_client=debug",
        (named, _) => named,
    };
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("RUST_LOG is {filter:?}; allowed: such as debug, or cluster=debug,kube_client=trace")
    })?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(console::colors_enabled_stderr())
        .with_env_filter(filter)
        .init();
    Ok(())
}

/// Keeps the cluster's components running until it is told to stop.
async fn supervise(layout: Layout) -> anyhow::Result<Exit> {
    // The client reports each refused connection, of which there are many while the API server starts.
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter("info,kube_client=off")
        .init();
    cluster::supervise(layout).await?;
    Ok(Exit::Done)
}
