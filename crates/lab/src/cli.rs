//! The command line.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use cluster::{DEFAULT_NAME, DEFAULT_NETWORK, Layout};

use crate::{check, doctor, down, env, list, logs, registry, reset, run, status, up};

/// Puts the chapter on a Kubernetes cluster, runs its exercises, and proves that what should happen did happen.
#[derive(Debug, Parser)]
#[command(
    name = "lab",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Which embedded cluster: several can stand side by side, each with a network of its own.
    #[arg(long, global = true, env = "LAB_NAME", default_value = DEFAULT_NAME)]
    name: String,
    /// The embedded cluster's addresses, a /16 that this machine does not use [default: 198.18.0.0/16].
    #[arg(long, global = true, env = "LAB_NETWORK")]
    network: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring up the embedded cluster, or prepare one that you have (--context).
    Up(up::Args),
    /// List the exercises: what each teaches, how long it takes, and where you stand.
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
    /// Print the lines that make plain kubectl and helm work: eval "$(cargo lab env)".
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
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let layout = self.layout()?;
        match self.command {
            Command::Up(args) => up::run(&layout, args).await,
            Command::List(args) => list::run(&layout, args).await,
            Command::Run(args) => run::run(&layout, args).await,
            Command::Check(args) => check::run(&layout, args).await,
            Command::Reset(args) => reset::run(&layout, args).await,
            Command::Down(args) => down::run(&layout, &args).await,
            Command::Status(args) => status::run(&layout, &args).await,
            Command::Logs(args) => logs::run(&layout, &args),
            Command::Env => env::run(&layout).await,
            Command::Doctor(args) => doctor::run(&layout, &args).await,
            Command::Registry(args) => registry::run(&args),
            Command::Supervise => {
                // The client reports each refused connection, of which there are many while the API server starts.
                tracing_subscriber::fmt()
                    .with_ansi(false)
                    .with_env_filter("info,kube_client=off")
                    .init();
                cluster::supervise(layout).await?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    /// The cluster's layout: the network that it was made with, if it is there.
    fn layout(&self) -> anyhow::Result<Layout> {
        let asked = Layout::new(&self.name, self.network.as_deref().unwrap_or(DEFAULT_NETWORK))?;
        match asked.saved() {
            Some(saved) if self.network.is_some() && saved.network != asked.network => anyhow::bail!(
                "the cluster {:?} has the network {}, not {}; `lab down` first, or choose another --name",
                self.name,
                saved.network,
                asked.network
            ),
            Some(saved) => Ok(saved),
            None => Ok(asked),
        }
    }
}

/// The folder of the checkout that this is called in, by going up from the current folder.
///
/// # Errors
/// There is none.
pub fn checkout() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?;
    here.ancestors()
        .find(|folder| folder.join("k8s/numbers").is_dir() && folder.join("docker/Dockerfile").is_file())
        .map(PathBuf::from)
        .ok_or_else(|| {
            anyhow::anyhow!(
                "{} is not inside a clone of the lab; change into it and try again",
                here.display()
            )
        })
}
