//! The kernel's limits and those of the shell, and what the kernel counts.

use std::{fs, io, path::Path};

use rustix::process::{Resource, getrlimit};

use crate::{Layout, Problem, cgroups, files::existing};

/// What a cluster with the chapter's pods takes of root's inotify instances and watches, and more: without pods, 13 with 325
/// watches; with cgroup v2, containerd takes another instance for each container.
const INSTANCES: usize = 48;
const WATCHES: usize = 768;

const GIB: u64 = 1 << 30;

/// A limit of this process, which those that it starts inherit.
struct Limit {
    resource: Resource,
    /// What it bounds, with the kernel's name.
    what: &'static str,
    /// What building and running a cluster takes, and more; none where any bound is met at some time.
    least: Option<u64>,
    /// What lifts it, in a shell.
    cure: &'static str,
}

/// Under these, programs fail in the midst of their work, each with an error of its own, or are ended without a word.
const LIMITS: [Limit; 5] = [
    Limit {
        resource: Resource::Fsize,
        what: "bytes in a file (RLIMIT_FSIZE)",
        least: Some(2 * GIB),
        cure: "ulimit -f unlimited",
    },
    Limit {
        resource: Resource::Nofile,
        what: "open files in a program (RLIMIT_NOFILE)",
        // What Linux gives each process unless somebody changes it.
        least: Some(1024),
        cure: "ulimit -n 1024",
    },
    Limit {
        resource: Resource::Cpu,
        what: "seconds of CPU time for a program (RLIMIT_CPU)",
        least: None,
        cure: "ulimit -t unlimited",
    },
    // Compilers and Go's programs reserve more than they use.
    Limit {
        resource: Resource::As,
        what: "bytes of addresses in a program (RLIMIT_AS)",
        least: Some(8 * GIB),
        cure: "ulimit -v unlimited",
    },
    Limit {
        resource: Resource::Data,
        what: "bytes of data in a program (RLIMIT_DATA)",
        least: Some(8 * GIB),
        cure: "ulimit -d unlimited",
    },
];

/// The limits of the shell that are too low.
pub(super) fn of_shell() -> Vec<Problem> {
    let low = |limit: &Limit| too_low(limit, getrlimit(limit.resource).current);
    LIMITS.iter().filter_map(low).collect()
}

/// Whether a limit is too low; `current` is none where there is none.
fn too_low(limit: &Limit, current: Option<u64>) -> Option<Problem> {
    let current = current.filter(|current| limit.least.is_none_or(|least| *current < least))?;
    let needed = match limit.least {
        Some(least) => format!("{least} are needed"),
        None => "the cluster's programs run on and on".into(),
    };
    Some(Problem {
        what: format!(
            "this shell allows no more than {current} {}, and {needed}",
            limit.what
        ),
        cure: format!(
            "Type `{}` first. (Where that is refused, the limit is from whoever started the shell, such as a container or \
             /etc/security/limits.conf.)",
            limit.cure
        ),
    })
}

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
    fn a_limit_matters_where_it_is_below_what_is_needed() {
        for limit in &LIMITS {
            assert!(too_low(limit, None).is_none(), "{}", limit.what);
            let problem = too_low(limit, Some(10)).expect("it is low");
            assert!(
                problem.what.contains("no more than 10 ") && problem.what.contains(limit.what),
                "{problem:?}"
            );
            let enough = limit.least.and_then(|least| too_low(limit, Some(least)));
            assert!(enough.is_none(), "{enough:?}");
        }
    }

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
