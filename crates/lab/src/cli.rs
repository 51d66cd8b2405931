//! The command line.

use clap::{Parser, Subcommand};
use cluster::{DEFAULT_NAME, DEFAULT_NETWORK, Layout};
use runner::Stop;

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
    pub async fn run(self) -> anyhow::Result<Exit> {
        let layout = self.layout()?;
        // These have handlers of their own, or become another program.
        match self.command {
            Command::Supervise => return supervise(layout).await,
            Command::Logs(args) => return logs::run(&layout, &args),
            _ => {}
        }
        let stop = Stop::listen()?;
        // These clean up when they are stopped.
        let others = match self.command {
            Command::Run(args) => return run::run(&layout, args, &stop).await,
            Command::Doctor(args) => return doctor::run(&layout, &args, &stop).await,
            others => others,
        };
        let work = async {
            match others {
                Command::Up(args) => up::run(&layout, args).await,
                Command::List(args) => list::run(&layout, args).await,
                Command::Check(args) => check::run(&layout, args).await,
                Command::Reset(args) => reset::run(&layout, args).await,
                Command::Down(args) => down::run(&layout, &args).await,
                Command::Status(args) => status::run(&layout, &args).await,
                Command::Env => env::run(&layout).await,
                Command::Registry(args) => registry::run(&args),
                Command::Run(_) | Command::Doctor(_) | Command::Logs(_) | Command::Supervise => {
                    unreachable!("it was done above")
                }
            }
        };
        stop.or(work)
            .await
            .unwrap_or_else(|signal| Ok(Exit::Stopped(signal)))
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
