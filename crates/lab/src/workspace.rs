//! The clone that a command is called in.

use std::path::PathBuf;

/// The folder of the clone, by going up from the current folder.
///
/// # Errors
/// There is none.
pub(crate) fn find() -> anyhow::Result<PathBuf> {
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
