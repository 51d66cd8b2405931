//! Locks against a second `lab` that does the same at the same time.

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
};

use crate::{
    Error, Layout,
    files::{at, private_dir, private_file},
    requirements,
};

/// Whoever holds it is the only one to change the cluster.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it is held, not read")] File);

/// Takes the cluster's lock; it goes with the process.
///
/// # Errors
/// [`Error::Busy`] when another process holds it; [`Error::Requirements`] where there can be no such cluster.
pub fn lock(layout: &Layout) -> Result<Lock, Error> {
    if let Some(missing) = requirements::wrong_machine() {
        return Err(Error::Requirements(vec![missing]));
    }
    let path = layout.lock();
    loop {
        let file = private_file(&path).map_err(at("locking", &path))?;
        file.try_lock().map_err(|_| Error::Busy(path.clone()))?;
        // Between making and locking it, a `down` may have removed it; then the lock is on a file that nobody else finds.
        let identity = |file: fs::Metadata| (file.dev(), file.ino());
        let found = fs::metadata(&path).ok().map(identity);
        if found.is_some() && found == file.metadata().ok().map(identity) {
            return Ok(Lock(file));
        }
    }
}

/// Takes the lock of the builds, which all clusters of a user share; it goes with the process.
///
/// # Errors
/// [`Error::Building`] when another process holds it.
pub fn lock_builds(cache: &Path) -> Result<Lock, Error> {
    private_dir(cache)?;
    let path = cache.join("lock");
    let file = private_file(&path).map_err(at("locking", &path))?;
    file.try_lock().map_err(|_| Error::Building(path))?;
    Ok(Lock(file))
}
