//! The clone that a command is called in.

use std::path::{Path, PathBuf};

/// The clone's folder: the current one or one above it, or else the one that this program was built in, as `lab env` puts it
/// on the PATH.
///
/// # Errors
/// None is a clone.
pub(crate) fn find() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let program = std::env::current_exe().ok();
    let around = |place: &Path| {
        place
            .ancestors()
            .find(|folder| is_clone(folder))
            .map(PathBuf::from)
    };
    around(&here)
        .or_else(|| around(program.as_deref()?))
        .ok_or_else(|| {
            anyhow::anyhow!(
                "{} is not inside a clone of the lab; change into it and try again",
                here.display()
            )
        })
}

fn is_clone(folder: &Path) -> bool {
    folder.join("k8s/numbers").is_dir() && folder.join("docker/Dockerfile").is_file()
}
