//! The kernel's limits, and what it counts.

use std::{fs, io, path::Path};

use crate::{Layout, Problem, cgroups, files::existing};

/// What a cluster with the chapter's pods takes of root's inotify instances and watches, and more: without pods, 13 with 325
/// watches; with cgroup v2, containerd takes another instance for each container.
const INSTANCES: usize = 48;
const WATCHES: usize = 768;

/// Whether root has too few inotify instances or watches left. They are tried, as others of root's programs take some.
#[cfg(target_os = "linux")]
pub(super) fn few_watchers(layout: &Layout) -> Option<Problem> {
    // A cluster that runs has its own already.
    if layout.state.exists() {
        return None;
    }
    let existing = existing(&layout.state)?;
    let folder = tempfile::tempdir_in(existing).ok()?;
    let error = watch(folder.path()).err()?;
    let setting = match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::MFILE) => "fs.inotify.max_user_instances=512",
        Some(rustix::io::Errno::NOSPC) => "fs.inotify.max_user_watches=65536",
        // Another cause, such as a disk that is full or read-only, is another check's.
        _ => return None,
    };
    Some(Problem {
        what: format!(
            "the kernel lets root watch too few files: {INSTANCES} instances of inotify with {WATCHES} watches are too many \
             ({error})"
        ),
        cure: format!(
            "Raise the limit: `sysctl -w {setting}`. A line of that in /etc/sysctl.d/ keeps it. (In a container, do so on its \
             host.)"
        ),
    })
}

#[cfg(target_os = "linux")]
fn watch(folder: &Path) -> io::Result<()> {
    use rustix::fs::inotify;

    let mut instances = vec![];
    for _ in 0..INSTANCES {
        instances.push(inotify::init(inotify::CreateFlags::CLOEXEC)?);
    }
    // Each file has one watch of an instance at most.
    for number in 0..WATCHES {
        let file = folder.join(number.to_string());
        fs::write(&file, "")?;
        if let Some(instance) = instances.first() {
            inotify::add_watch(instance, &file, inotify::WatchFlags::MODIFY)?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn few_watchers(_: &Layout) -> Option<Problem> {
    None
}

/// Whether there is swap that the kernel does not count for each group. Kubelet then leaves it to pods, whatever their limit
/// (its `kuberuntime_container_linux.go` looks at these files).
pub(super) fn swap_without_account() -> Option<Problem> {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let counted = counting_file(cgroups::is_v2(), &read("/proc/self/cgroup"));
    uncounted(&read("/proc/swaps"), Path::new(&counted).exists())
}

/// The file that is there if swap is counted.
fn counting_file(is_v2: bool, own_groups: &str) -> String {
    if !is_v2 {
        return "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes".into();
    }
    let own = own_groups.lines().find_map(|line| line.strip_prefix("0::/"));
    Path::new("/sys/fs/cgroup")
        .join(own.unwrap_or_default())
        .join("memory.swap.max")
        .display()
        .to_string()
}

/// The same from what `/proc/swaps` lists below its heading.
fn uncounted(swaps: &str, is_counted: bool) -> Option<Problem> {
    (swaps.lines().count() > 1 && !is_counted).then(|| Problem {
        what: "this machine swaps, and does not count whose memory it is: in 12.4 a program over its memory limit is not \
               ended but becomes slow"
            .into(),
        cure: "Do without swap meanwhile (`swapoff -a`), or have it counted: with cgroup v1, `swapaccount=1` on the kernel's \
               command line; with v2, anywhere but in the root of all groups."
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_matters_where_it_is_on_and_not_counted() {
        let heading = "Filename\tType\tSize\tUsed\tPriority\n";
        let swaps = format!("{heading}/swap.img file 2097148 0 -2\n");
        assert!(uncounted(&swaps, false).is_some());
        assert!(uncounted(&swaps, true).is_none());
        assert!(uncounted(heading, false).is_none());
        assert!(uncounted("", false).is_none());
    }

    #[test]
    fn kubelet_looks_at_its_own_group() {
        let v2 = "0::/user.slice/user-0.slice/session-1.scope\n";
        assert_eq!(
            counting_file(true, v2),
            "/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope/memory.swap.max"
        );
        // The root of a container's own groups.
        assert_eq!(counting_file(true, "0::/\n"), "/sys/fs/cgroup/memory.swap.max");
        assert_eq!(
            counting_file(false, "4:memory:/\n0::/\n"),
            "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"
        );
    }
}
