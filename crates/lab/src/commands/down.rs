//! `lab down`.

use cluster::Layout;

use crate::{Exit, progress::StepProgress};

/// Options of `lab down`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Remove the builds too; the next `lab up` takes minutes again.
    #[arg(long)]
    purge: bool,
}

/// Removes the embedded cluster; one that is not there is removed too, so that it can be run again.
///
/// # Errors
/// You are not root, or something of it could not be removed.
pub(crate) async fn run(layout: &Layout, args: &Args) -> anyhow::Result<Exit> {
    let lock = cluster::lock(layout)?;
    let _builds = args
        .purge
        .then(|| cluster::lock_builds(&layout.cache))
        .transpose()?;
    let progress = StepProgress::default();
    cluster::down(layout, args.purge, &lock, &|event| progress.take(event)).await?;
    Ok(Exit::Done)
}
