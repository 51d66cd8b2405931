//! The disks of the cluster and of its builds.

use std::{fs, io, path::Path};

use rustix::fs::{Dir, FileType};

use crate::{Layout, Problem, error::quoted, files::existing};

const GIB: u64 = 1 << 30;
/// Building takes 4 GiB for Go's caches; a cluster with its images and logs about 1 GiB.
const CACHE_BYTES: u64 = 6 * GIB;
const STATE_BYTES: u64 = 2 * GIB;
/// What a cluster that has its images needs for pods and logs, well above where the kubelet begins to end pods.
const RUNNING_BYTES: u64 = GIB / 2;

/// Whether the cluster's disk has too little room for it.
#[must_use]
pub fn crowded(layout: &Layout) -> Option<Problem> {
    let wanted = if layout.state.exists() {
        RUNNING_BYTES
    } else {
        STATE_BYTES
    };
    space(&layout.state, wanted, "Make room there.")
}

/// What is longest below the folder of the builds.
const LONGEST_BELOW: usize = 256;

/// Whether there can be no folder of the builds: its path or a part of it is too long, or leads through a file, say.
pub(super) fn impossible_cache(layout: &Layout) -> Option<Problem> {
    let below = layout.cache.join("x/".repeat(LONGEST_BELOW / 2));
    let error = fs::metadata(below).err()?;
    (error.kind() != io::ErrorKind::NotFound).then(|| Problem {
        what: format!(
            "builds cannot be kept in {} ({error})",
            quoted(&layout.cache.to_string_lossy())
        ),
        cure: "Set XDG_CACHE_HOME to a folder that can be made.".into(),
    })
}

/// Whether the disk of the builds has too little room for Kubernetes.
pub(super) fn crowded_cache(layout: &Layout) -> Option<Problem> {
    // A cluster keeps the place of its builds for as long as it is there.
    let elsewhere = match layout.saved() {
        Some(_) => format!(
            "Make room there, or `{}` and then set XDG_CACHE_HOME to a folder on a larger disk.",
            layout.command("down")
        ),
        None => "Make room there, or set XDG_CACHE_HOME to a folder on a larger disk.".into(),
    };
    space(&layout.cache, CACHE_BYTES, &elsewhere)
}

fn space(folder: &Path, wanted: u64, cure: &str) -> Option<Problem> {
    let existing = existing(folder)?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    let free = disk.f_bavail * disk.f_frsize;
    (free < wanted).then(|| Problem {
        what: format!(
            "{} has {} MiB of disk left and needs {}",
            existing.display(),
            free >> 20,
            wanted >> 20
        ),
        cure: cure.into(),
    })
}

/// Whether folders do not say of what type the files in them are. The kernel lays such a file system over another all the
/// same, but containerd refuses to.
pub(super) fn without_types(layout: &Layout) -> Option<Problem> {
    let existing = existing(&layout.state)?;
    // Where none can be made, the trial of overlayfs says why.
    let folder = tempfile::tempdir_in(existing).ok()?;
    fs::write(folder.path().join("file"), "").ok()?;
    let opened = fs::File::open(folder.path()).ok()?;
    let mut types = Dir::read_from(opened)
        .ok()?
        .flatten()
        .map(|entry| entry.file_type());
    types.any(|kind| kind == FileType::Unknown).then(|| Problem {
        what: format!(
            "the file system of {} does not keep the types of files in its folders, without which containerd unpacks no image",
            existing.display()
        ),
        cure: "It was made without them (XFS: `ftype=0`, ext4: without `filetype`): mount another on /var/lib/self-healing-lab."
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_need_a_folder_that_can_be_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut layout = Layout::new("lab", crate::DEFAULT_NETWORK).expect("a layout");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("a file");
        let deep = folder.path().join("d/".repeat(1950));
        for (cache, is_possible) in [
            (folder.path().to_owned(), true),
            (folder.path().join("not/there/yet"), true),
            (folder.path().join("x".repeat(300)), false),
            (deep, false),
            (file, false),
        ] {
            layout.cache = cache;
            let problem = impossible_cache(&layout);
            assert_eq!(problem.is_none(), is_possible, "{problem:?}");
        }
    }

    #[test]
    fn a_disk_with_too_little_room_is_a_problem() {
        let folder = std::env::temp_dir();
        assert!(space(&folder.join("not/there/yet"), 0, "").is_none());
        let problem = space(&folder, u64::MAX, "").expect("no disk has so much");
        assert!(
            problem.what.contains(" MiB of disk left and needs "),
            "{problem:?}"
        );
    }
}
