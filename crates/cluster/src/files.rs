//! Files and folders that only their owner can read, written whole or not at all.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use serde::Serialize;

use crate::Error;

pub(crate) fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + use<'a> {
    move |reason| Error::File {
        action,
        path: path.to_owned(),
        reason,
    }
}

/// The folder, or the nearest above it that is there.
pub(crate) fn existing(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.is_dir())
}

/// Makes a folder of mode 0700, with those above it; one of ours that is there already gets that mode too.
///
/// # Errors
/// It cannot be made, or is somebody else's.
pub fn private_dir(path: &Path) -> Result<(), Error> {
    let make = || {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o700))
    };
    make().map_err(at("making the folder", path))
}

/// Opens a file of mode 0600, new or emptied.
///
/// # Errors
/// It cannot be opened, or is somebody else's.
pub fn private_file(path: &Path) -> Result<File, Error> {
    let open = || {
        let mut options = fs::OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(file)
    };
    open().map_err(at("writing", path))
}

/// Writes a file of mode 0600. After an interruption, a power failure too, it has its old content or all of the new.
///
/// # Errors
/// It cannot be written.
pub fn write_private(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut builder = tempfile::Builder::new();
        let mut file = builder
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        file.write_all(content.as_ref())?;
        // The new name may reach the disk before the content does, unless the content is there already.
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(at("writing", path))
}

/// Writes a value as JSON, like [`write_private`].
///
/// # Errors
/// It cannot be written, or is no JSON.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_vec_pretty(value).map_err(|error| at("writing", path)(error.into()))?;
    write_private(path, json)
}

/// Removes a folder and its content, if it is there.
pub(crate) async fn remove_dir(path: &Path) -> Result<(), Error> {
    match tokio::fs::remove_dir_all(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at("removing", path)(error)),
        _ => Ok(()),
    }
}
