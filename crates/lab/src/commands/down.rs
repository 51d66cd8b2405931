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
    let lock = cluster::lock(layout).map_err(plainly)?;
    let _builds = args
        .purge
        .then(|| cluster::lock_builds(&layout.cache))
        .transpose()?;
    let progress = StepProgress::default();
    cluster::down(layout, args.purge, &lock, &|event| progress.take(event)).await?;
    Ok(Exit::Done)
}

/// That a cluster cannot run here is no news to somebody who removes one.
fn plainly(error: cluster::Error) -> anyhow::Error {
    let cluster::Error::Machine(problems) = error else {
        return error.into();
    };
    let told = problems
        .iter()
        .map(|problem| format!("{}\n  {}", problem.what, problem.cure));
    anyhow::Error::msg(told.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_removes_a_cluster_is_told_the_reason_alone() {
        let problem = cluster::Problem {
            what: "you are not root".into(),
            cure: "Become root.".into(),
        };
        let told = plainly(cluster::Error::Machine(vec![problem])).to_string();
        assert_eq!(told, "you are not root\n  Become root.");
        let other = plainly(cluster::Error::NotRunning("lab".into()));
        assert!(other.downcast_ref::<cluster::Error>().is_some());
    }
}
