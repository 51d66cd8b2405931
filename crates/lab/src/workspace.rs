//! The clone that a command is called in.

use std::path::PathBuf;

/// The clone's folder: the current one or one above it.
///
/// # Errors
/// Neither is a clone.
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
