//! `lab logs`.

use std::os::unix::process::CommandExt;

use cluster::Layout;

use crate::Exit;

/// Options of `lab logs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One of those that `lab status` lists, or supervisor.
    component: String,
    /// How many of the last lines.
    #[arg(long, short = 'n', default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    lines: u32,
    /// Go on with what is logged from now on.
    #[arg(long, short)]
    follow: bool,
}

/// Becomes `tail` on the component's log.
///
/// # Errors
/// There is no such component, or no log of it.
pub(crate) fn run(layout: &Layout, args: &Args) -> anyhow::Result<Exit> {
    cluster::known_component(&args.component)?;
    let log = layout.log(&args.component);
    anyhow::ensure!(log.exists(), cluster::Error::NotRunning(layout.name.clone()));
    let mut tail = programs::command("tail", [""; 0]).into_std();
    tail.arg(format!("--lines={}", args.lines));
    if args.follow {
        tail.arg("--follow=name");
    }
    Err(anyhow::Error::new(tail.arg(log).exec()).context("calling tail"))
}
