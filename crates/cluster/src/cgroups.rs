//! The parent cgroup of the cluster's pods, in version 1, version 2, or a machine with both.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    Error, Layout, Problem,
    files::{at, private_dir},
    wait,
};

const ROOT: &str = "/sys/fs/cgroup";
/// The controllers that cgroup v2's root gives to the groups below it.
pub(crate) const ENABLED: &str = "/sys/fs/cgroup/cgroup.subtree_control";
const END_WITHIN: Duration = Duration::from_secs(20);

/// The controllers that limits and probes need.
const NEEDED: [&str; 4] = ["cpu", "cpuset", "memory", "pids"];
/// The controllers that kubelet uses where the machine has them (its `cgroup_v2_manager_linux.go`; systemd enables all
/// but this one for other groups).
const OPTIONAL: &str = "hugetlb";

/// The needed controllers that are not mounted anywhere.
pub(crate) fn problem() -> Option<Problem> {
    let v2 = fs::read_to_string(Path::new(ROOT).join("cgroup.controllers")).unwrap_or_default();
    let is_mounted = |controller: &str| {
        v2.split_whitespace().any(|has| has == controller) || Path::new(ROOT).join(controller).exists()
    };
    let absent: Vec<_> = NEEDED
        .into_iter()
        .filter(|controller| !is_mounted(controller))
        .collect();
    (!absent.is_empty()).then(|| Problem {
        what: format!("these cgroup controllers are not mounted: {}", absent.join(" ")),
        cure: "Some machines switch memory off: add `cgroup_enable=memory` to the kernel's command line. Otherwise boot \
               with cgroup v2 (systemd's default), or mount each controller below /sys/fs/cgroup."
            .into(),
    })
}

/// The pods' parent in each hierarchy: one of cgroup v2, or one for each controller of v1.
fn parents(layout: &Layout) -> io::Result<Vec<PathBuf>> {
    let name = layout.cgroup();
    let name = name.trim_start_matches('/');
    let root = Path::new(ROOT);
    if root.join("cgroup.controllers").exists() {
        return Ok(vec![root.join(name)]);
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            folders.push(path.join(name));
        }
    }
    Ok(folders)
}

/// The line that makes cgroup v2 give controllers to the groups below, of those that are `available`.
fn enabling(available: &str) -> String {
    let available = available.split_whitespace();
    let wanted = available.filter(|controller| NEEDED.contains(controller) || *controller == OPTIONAL);
    wanted.map(|controller| format!("+{controller} ")).collect()
}

/// Makes the cgroups that kubelet expects to find.
pub(crate) fn create(layout: &Layout) -> Result<(), Error> {
    let root = Path::new(ROOT);
    for folder in parents(layout).map_err(at("reading", root))? {
        private_dir(&folder)?;
        let parent = folder.parent().unwrap_or(root);
        if parent == root
            && let Ok(available) = fs::read_to_string(root.join("cgroup.controllers"))
        {
            fs::write(ENABLED, enabling(&available)).map_err(at("enabling controllers in", root))?;
        }
        if parent == root.join("cpuset") {
            give_processors(parent, &folder)?;
        }
    }
    Ok(())
}

/// A new cpuset of version 1 has no processors and no memory, and takes no process until it has.
fn give_processors(parent: &Path, folder: &Path) -> Result<(), Error> {
    for list in ["cpuset.cpus", "cpuset.mems"] {
        let (from, to) = (parent.join(list), folder.join(list));
        if fs::read_to_string(&to).is_ok_and(|now| now.trim().is_empty()) {
            let all = fs::read(&from).map_err(at("reading", &from))?;
            fs::write(&to, all).map_err(at("writing", &to))?;
        }
    }
    Ok(())
}

/// Removes the cgroups with all below, which are empty once their processes are gone; the kernel may take a moment.
pub(crate) async fn remove(layout: &Layout) -> Result<(), Error> {
    let folders = parents(layout).map_err(at("reading", Path::new(ROOT)))?;
    let look = format!(
        "`find {ROOT} -path '*{}*' -name cgroup.procs -exec cat {{}} +` lists the processes in there",
        layout.cgroup()
    );
    wait::until("the end of the pods' cgroups", END_WITHIN, &look, || async {
        folders
            .iter()
            .all(|folder| remove_tree(folder).is_ok())
            .then_some(())
    })
    .await
}

fn remove_tree(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_controllers_those_are_enabled_that_the_machine_has() {
        // Debian 12 with systemd, and a machine whose memory is switched off.
        let debian = "cpuset cpu io memory hugetlb pids rdma misc\n";
        assert_eq!(enabling(debian), "+cpuset +cpu +memory +hugetlb +pids ");
        assert_eq!(enabling("cpuset cpu io pids\n"), "+cpuset +cpu +pids ");
    }
}
