//! Locks that keep a second `lab` from the same work.

use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{
    Error, Layout, Problem,
    files::{at, private_dir, private_file},
    preflight,
};

/// A lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock(File);

/// Takes the lock of the cluster: its holder alone may change it.
///
/// # Errors
/// [`Error::Busy`] when another process holds it, [`Error::Machine`] where there can be no such cluster, and
/// [`Error::File`] when the file cannot be locked.
pub fn lock(layout: &Layout) -> Result<Lock, Error> {
    if let Some(problem) = preflight::wrong_machine().or_else(|| preflight::homeless(layout)) {
        return Err(Error::Machine(vec![problem]));
    }
    let path = layout.lock();
    loop {
        let lock = try_lock(&path, Error::Busy)?;
        // If a `down` removed the file before it was locked, nobody else finds this one.
        let identity = |file: fs::Metadata| (file.dev(), file.ino());
        let found = fs::metadata(&path).ok().map(identity);
        if found.is_some() && found == lock.0.metadata().ok().map(identity) {
            return Ok(lock);
        }
    }
}

/// Takes the lock of the builds, which all of a user's clusters share.
///
/// # Errors
/// [`Error::Building`] when another process holds it, [`Error::File`] when the file cannot be made or locked.
pub fn lock_builds(cache: &Path) -> Result<Lock, Error> {
    private_dir(cache)?;
    try_lock(&builds(cache), Error::Building)
}

/// Whether another process is changing the cluster, or building what all of a user's clusters share: it is no fault of the
/// machine's, but `lab up` would be refused meanwhile. Looking makes no file, and holds what nobody has for a moment.
#[must_use]
pub fn busy(layout: &Layout) -> Option<Problem> {
    let of_builds = builds(&layout.cache);
    let held = [
        (layout.lock(), Error::Busy as fn(PathBuf) -> Error),
        (of_builds, Error::Building),
    ]
    .into_iter()
    .find_map(|(path, held)| is_locked(&path).then(|| held(path)))?;
    Some(Problem {
        what: held.to_string(),
        cure: format!("`{}` once it is done.", layout.command("up")),
    })
}

fn is_locked(path: &Path) -> bool {
    // Opening a pipe would wait for somebody at its other end.
    fs::metadata(path).is_ok_and(|file| file.is_file())
        && File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn builds(cache: &Path) -> PathBuf {
    cache.join("lock")
}

fn try_lock(path: &Path, held: fn(PathBuf) -> Error) -> Result<Lock, Error> {
    let file = private_file(path)?;
    file.try_lock().map_err(|error| refusal(error, path, held))?;
    Ok(Lock(file))
}

fn refusal(error: TryLockError, path: &Path, held: fn(PathBuf) -> Error) -> Error {
    match error {
        TryLockError::WouldBlock => held(path.into()),
        TryLockError::Error(error) => at("locking", path)(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_that_builds_is_noticed_while_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let mut layout = Layout::new("lab-busy", crate::DEFAULT_NETWORK).unwrap();
        layout.cache = folder.path().join("cache");
        assert!(busy(&layout).is_none());
        assert!(!layout.cache.exists());
        let lock = lock_builds(&layout.cache).unwrap();
        let problem = busy(&layout).unwrap();
        assert!(
            problem.what.contains("another `lab up` is building")
                && problem.cure.contains("`lab --name lab-busy up`"),
            "{problem:?}"
        );
        drop(lock);
        assert!(busy(&layout).is_none());
    }

    #[test]
    fn a_file_system_without_locks_is_not_taken_for_another_lab() {
        let no_locks = TryLockError::Error(std::io::ErrorKind::Unsupported.into());
        let refusal = |error| refusal(error, Path::new("/run/x.lock"), Error::Busy);
        assert_eq!(refusal(no_locks).to_string(), "locking /run/x.lock: unsupported");
        assert!(matches!(refusal(TryLockError::WouldBlock), Error::Busy(_)));
    }
}
