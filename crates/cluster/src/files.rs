//! Files that are either whole or not there, and that nobody else reads.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use crate::Error;

pub(crate) fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + use<'a> {
    move |reason| Error::File {
        action,
        path: path.to_owned(),
        reason,
    }
}

/// Makes a folder, and those above it, that only its owner enters.
pub(crate) fn private_dir(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(at("making the folder", path))
}

/// Opens a file that only its owner reads, made or emptied.
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// Writes a file that only its owner reads (mode 0600); an interruption leaves the old one or the new one, no half.
pub(crate) fn write_private(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut file = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        file.write_all(content.as_ref())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(at("writing", path))
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_dir(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at("removing", path)(error)),
        _ => Ok(()),
    }
}
