//! The folders of claims. kube-controller-manager makes each for root alone, and a pod that meets the security standard
//! `restricted` is not root. As other provisioners of folders do, this lets every pod that mounts the claim write to it;
//! outside of pods nobody gets there, because the folder above is root's.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

/// The mode that kube-controller-manager gives a new folder.
const CLOSED: u32 = 0o750;
const OPEN: u32 = 0o777;

/// Opens each folder in `claims`, present and future, until that fails.
///
/// # Errors
/// The folder cannot be watched or read.
#[cfg(target_os = "linux")]
pub(crate) fn keep_open(claims: &Path) -> io::Result<()> {
    use rustix::fs::inotify;

    let watch = inotify::init(inotify::CreateFlags::CLOEXEC)?;
    inotify::add_watch(&watch, claims, inotify::WatchFlags::CREATE)?;
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(watch, &mut buffer);
    loop {
        open(claims)?;
        events.next()?;
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_open(claims: &Path) -> io::Result<()> {
    open(claims)
}

/// Opens the folders that have their first mode. A mode that somebody set since is left alone.
fn open(claims: &Path) -> io::Result<()> {
    for claim in fs::read_dir(claims)? {
        let claim = claim?;
        let opened = claim.metadata().and_then(|about| {
            let ours = about.uid() == rustix::process::geteuid().as_raw();
            if about.is_dir() && ours && about.mode() & 0o777 == CLOSED {
                fs::set_permissions(claim.path(), Permissions::from_mode(OPEN))?;
            }
            Ok(())
        });
        // A folder that is being deleted may be gone by now.
        if let Err(error) = opened
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::DirBuilderExt, thread, time::Instant};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").mode() & 0o777
    }

    #[test]
    fn folders_that_come_are_opened_and_others_are_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let claim = |name: &str, mode: u32| {
            let path = folder.path().join(name);
            fs::DirBuilder::new().mode(mode).create(&path).expect("a claim");
            path
        };
        let (present, private) = (claim("present", CLOSED), claim("private", 0o700));
        let claims = folder.path().to_owned();
        // It ends with the test's process.
        thread::spawn(move || keep_open(&claims));
        let until_open = |path: &Path| {
            let begin = Instant::now();
            while mode(path) != OPEN {
                assert!(
                    begin.elapsed().as_secs() < 10,
                    "{}: {:o}",
                    path.display(),
                    mode(path)
                );
                thread::yield_now();
            }
        };
        until_open(&present);
        until_open(&claim("later", CLOSED));
        assert_eq!(mode(&private), 0o700);
    }
}
