//! The command line.

use std::{ffi::OsString, future::Future};

use clap::{Parser, Subcommand};
use cluster::{DEFAULT_NAME, DEFAULT_NETWORK, Layout};
use guide::Language;
use runner::Stop;
use tracing_subscriber::EnvFilter;

use crate::{
    Exit,
    commands::{
        board, check, doctor, down, env, explain, list, logs, pictures, record, registry, reset, run, status,
        up, watch,
    },
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
    /// Which embedded cluster: several can stand side by side, each with a network of its own [env: LAB_NAME] [default: lab].
    #[arg(long, global = true)]
    name: Option<String>,
    /// The embedded cluster's addresses, a /16 that this machine does not use [env: LAB_NETWORK] [default: 198.18.0.0/16].
    #[arg(long, global = true)]
    network: Option<String>,
    /// Trace on standard error each program that is called and each request to a cluster. With it, RUST_LOG chooses more finely.
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
    /// Show beside the terminal that you work in where you stand, and what happens; it looks again as the cluster changes.
    Watch(watch::Args),
    /// Say what happened to a pod, a Deployment or a Service, who decided it, and why.
    Explain(explain::Args),
    /// Show who gets traffic, who doesn't, and why, on a page for a projector.
    Board(board::Args),
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
    /// Draw the guide's pictures, from runs that were recorded or from one to be recorded now: for those who work on the guide.
    #[command(hide = true)]
    Pictures(pictures::Args),
    /// Show or change the registry that the manifests take their images from.
    Registry(registry::Args),
    /// Keep the cluster's components running, in its namespaces.
    #[command(hide = true)]
    Supervise,
    /// Keep what happens in the cluster for whoever asks later.
    #[command(hide = true)]
    Record,
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    /// Whatever went wrong, for a person to read.
    pub async fn run(self) -> anyhow::Result<Exit> {
        let layout = self.layout(|variable| std::env::var_os(variable))?;
        if !matches!(self.command, Command::Supervise | Command::Record) {
            trace(self.verbose)?;
        }
        if let Some((_, columns)) = console::Term::stdout().size_checked() {
            report::fit(columns.into());
        }
        match self.command {
            Command::List(args) => stoppable(list::run(&layout, args)).await,
            Command::Check(args) => stoppable(check::run(&layout, args)).await,
            Command::Watch(args) => stoppable(watch::run(&layout, args)).await,
            Command::Explain(args) => stoppable(explain::run(&layout, args)).await,
            Command::Reset(args) => stoppable(reset::run(&layout, args)).await,
            Command::Down(args) => stoppable(down::run(&layout, &args)).await,
            Command::Status(args) => stoppable(status::run(&layout, &args)).await,
            Command::Env => stoppable(env::run(&layout)).await,
            // It waits for nothing, but a signal is not to leave half of its files behind.
            Command::Registry(args) => stoppable(async { registry::run(&args) }).await,
            // These remove what they made in the cluster when they are stopped.
            Command::Up(args) => up::run(&layout, args, &Stop::listen()?).await,
            Command::Run(args) => run::run(&layout, args, &Stop::listen()?).await,
            Command::Pictures(args) => pictures::run(&layout, args, &Stop::listen()?).await,
            Command::Board(args) => board::run(&layout, args, &Stop::listen()?).await,
            Command::Doctor(args) => doctor::run(&layout, &args, &Stop::listen()?).await,
            Command::Logs(args) => logs::run(&layout, &args),
            Command::Supervise => supervise(layout).await,
            Command::Record => stoppable(record::run(&layout)).await,
        }
    }

    /// The language of the command's answers, and of its errors.
    #[must_use]
    pub fn language(&self) -> Language {
        match &self.command {
            Command::List(args) => args.lang,
            Command::Run(args) => args.lang,
            Command::Check(args) => args.lang,
            Command::Watch(args) => args.lang,
            Command::Explain(args) => args.lang,
            Command::Board(args) => args.lang,
            _ => Language::En,
        }
    }

    /// The cluster's layout: the network that it was made with, if it is there.
    fn layout(&self, variable: impl Fn(&str) -> Option<OsString>) -> anyhow::Result<Layout> {
        // As for every program, a variable that is set to nothing is not set; an option with nothing is a mistake. What is
        // no text becomes what no name or network is: with the usual one in its place, another cluster would be taken down.
        let named = |option: &Option<String>, name| {
            let set = || variable(name).filter(|value| !value.is_empty());
            let text = || set().map(|value| value.to_string_lossy().into_owned());
            option.clone().or_else(text)
        };
        let name = named(&self.name, "LAB_NAME");
        let network = named(&self.network, "LAB_NETWORK");
        let asked = Layout::new(
            name.as_deref().unwrap_or(DEFAULT_NAME),
            network.as_deref().unwrap_or(DEFAULT_NETWORK),
        )?;
        match asked.saved() {
            Some(saved) if network.is_some() && saved.network != asked.network => anyhow::bail!(
                "the cluster {:?} has the network {}, not {}; `{}` first, or choose another --name",
                asked.name,
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

/// Traces programs and requests on standard error with `--verbose`: those that `RUST_LOG` names, if it does.
fn trace(verbose: bool) -> anyhow::Result<()> {
    // The variable is everybody's: where it is set for another program, nothing is traced that nobody asked for here.
    if !verbose {
        return Ok(());
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(console::colors_enabled_stderr())
        .with_env_filter(filter(std::env::var_os(EnvFilter::DEFAULT_ENV))?)
        .init();
    Ok(())
}

/// What is traced.
fn filter(named: Option<OsString>) -> Result<EnvFilter, cluster::Error> {
    let named = named.filter(|named| !named.is_empty());
    let Some(named) = named else {
        return Ok(EnvFilter::new("warn,cluster=debug,kube_client=debug"));
    };
    let filter = named.to_str().and_then(|text| EnvFilter::try_new(text).ok());
    filter.ok_or_else(|| cluster::Error::Invalid {
        what: "RUST_LOG",
        value: named.to_string_lossy().into_owned(),
        allowed: "such as debug, or cluster=debug,kube_client=trace".into(),
    })
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

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;

    fn layout(arguments: &[&str], variables: &[(&str, impl AsRef<OsStr>)]) -> anyhow::Result<Layout> {
        let words = ["lab", "env"].into_iter().chain(arguments.iter().copied());
        let variable = |name: &str| {
            let set = variables.iter().find(|(known, _)| *known == name)?;
            Some(set.1.as_ref().to_owned())
        };
        Cli::try_parse_from(words)?.layout(variable)
    }

    #[test]
    fn an_empty_variable_is_none_and_an_option_goes_first() {
        let empty = layout(&[], &[("LAB_NAME", ""), ("LAB_NETWORK", "")]).unwrap();
        assert_eq!(empty.name, DEFAULT_NAME);
        let set = [("LAB_NAME", "from-env"), ("LAB_NETWORK", "10.200.0.0/16")];
        let set_layout = layout(&[], &set).unwrap();
        assert_eq!(
            (&*set_layout.name, set_layout.network.to_string()),
            ("from-env", "10.200.0.0/16".into())
        );
        assert_eq!(layout(&["--name", "other"], &set).unwrap().name, "other");
        assert!(layout(&["--name", ""], &set).is_err());
        assert!(layout(&["--network", ""], &set).is_err());
    }

    #[test]
    fn a_variable_that_is_no_text_does_not_mean_the_usual_cluster() {
        for name in ["LAB_NAME", "LAB_NETWORK"] {
            assert!(
                layout(&[], &[(name, OsStr::from_bytes(b"a\xff"))]).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_filter_of_traces_that_cannot_be_read_is_bad_usage() {
        for good in [
            None,
            Some(""),
            Some("debug"),
            Some("cluster=debug,kube_client=trace"),
        ] {
            assert!(filter(good.map(OsString::from)).is_ok(), "{good:?}");
        }
        for bad in [&b"=,="[..], b"cluster=loud", b"a\xff"] {
            let error = filter(Some(OsStr::from_bytes(bad).to_owned())).unwrap_err();
            assert!(error.to_string().contains("RUST_LOG"), "{error}");
            assert_eq!(Exit::of(&error.into()), Exit::Usage);
        }
    }
}
