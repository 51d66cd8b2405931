//! `lab registry`.

use crate::{Exit, image_source, workspace};

/// Options of `lab registry`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The new registry with its path, such as registry.example/team; without it, the present one is printed.
    registry: Option<String>,
}

/// Prints the registry, or writes another into all manifests and charts of the clone.
///
/// # Errors
/// Not in a clone, a name that no image can have, or a file that cannot be read or written; without a name, also manifests
/// that disagree.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let checkout = workspace::find()?;
    match &args.registry {
        None => crate::outln!("{}", image_source::current(&checkout)?),
        Some(registry) => {
            let changed = image_source::change(&checkout, registry)?;
            crate::outln!("{registry} ({changed} files changed)");
        }
    }
    Ok(Exit::Done)
}
