//! The clone that a command is called in.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// The clone's folder: the current one or one above it, or else the one that this program was built in, as `lab env` puts it
/// on the PATH.
///
/// # Errors
/// None is a clone.
pub(crate) fn find() -> anyhow::Result<PathBuf> {
    around(std::env::current_dir(), std::env::current_exe().ok().as_deref())
}

fn around(here: io::Result<PathBuf>, program: Option<&Path>) -> anyhow::Result<PathBuf> {
    let here = here.map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!(
            "the folder that this shell is in is gone; change into a clone of the lab and try again"
        ),
        _ => anyhow::anyhow!("cannot tell the folder that this shell is in: {error}"),
    })?;
    let clone = |place: &Path| {
        place
            .ancestors()
            .find(|folder| is_clone(folder))
            .map(PathBuf::from)
    };
    clone(&here).or_else(|| clone(program?)).ok_or_else(|| {
        anyhow::anyhow!(
            "{} is not inside a clone of the lab; change into it and try again",
            here.display()
        )
    })
}

fn is_clone(folder: &Path) -> bool {
    folder.join("k8s/numbers").is_dir() && folder.join("docker/Dockerfile").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_has_been_removed_is_said_to_be() {
        let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let gone = Err(ErrorKind::NotFound.into());
        let error = around(gone, Some(&clone)).unwrap_err().to_string();
        assert!(
            error.contains("is gone; change into a clone of the lab"),
            "{error}"
        );
        assert_eq!(around(Ok("/".into()), Some(&clone.join("lab"))).unwrap(), clone);
    }
}
