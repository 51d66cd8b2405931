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
/// The files of a group of cgroup v2 with the controllers that it has, and with those that it gives to the groups below it.
const AVAILABLE: &str = "cgroup.controllers";
const GIVEN: &str = "cgroup.subtree_control";
/// The controllers that cgroup v2's root gives to the groups below it.
pub(crate) const ENABLED: &str = "/sys/fs/cgroup/cgroup.subtree_control";
const END_WITHIN: Duration = Duration::from_secs(20);

/// The controllers that limits and probes need.
const NEEDED: [&str; 4] = ["cpu", "cpuset", "memory", "pids"];
/// The controllers that kubelet uses where the machine has them (its `cgroup_v2_manager_linux.go`; systemd enables all
/// but this one for other groups).
const OPTIONAL: &str = "hugetlb";

/// Why pods' limits could not be set here.
pub(crate) fn problem() -> Option<Problem> {
    not_mounted().or_else(|| refused(&trial().err()?))
}

/// The needed controllers that are not mounted anywhere.
fn not_mounted() -> Option<Problem> {
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

/// Does what [`create`] does, and undoes it.
fn trial() -> io::Result<()> {
    let folders = groups(&format!("self-healing-lab-trial-{}", std::process::id()))?;
    let tried = folders.iter().try_for_each(fs::create_dir);
    for folder in &folders {
        // Those that could not be made are not there.
        let _ = fs::remove_dir(folder);
    }
    tried?;
    if is_v2() {
        try_enabling(Path::new(ROOT))
    } else {
        Ok(())
    }
}

/// Enables the controllers in a group of cgroup v2 that it does not give to those below it, and disables them again.
fn try_enabling(root: &Path) -> io::Result<()> {
    let available = fs::read_to_string(root.join(AVAILABLE))?;
    let given = fs::read_to_string(root.join(GIVEN))?;
    let is_given = |controller: &str| given.split_whitespace().any(|given| given == controller);
    let missing: Vec<_> = wanted(&available).filter(|wanted| !is_given(wanted)).collect();
    fs::write(root.join(GIVEN), signed('+', &missing))?;
    fs::write(root.join(GIVEN), signed('-', &missing))
}

fn refused(error: &io::Error) -> Option<Problem> {
    let cure = match error.kind() {
        // "No internal processes", cgroups(7): the root of all groups is the exception, but not a container's own root.
        io::ErrorKind::ResourceBusy => {
            "The processes of this container are in the group that would have to give controllers to others. Move them into \
             one below it, and run the same command: mkdir -p /sys/fs/cgroup/init && xargs -rn1 \
             </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs"
        }
        // There may be groups of which this program was not told; the step that needs them says so.
        io::ErrorKind::NotFound => return None,
        _ => {
            "In a container, they have to be its own or the machine's, and writable: run it with `--privileged \
             --cgroupns=host`. Otherwise use a machine, real or virtual."
        }
    };
    Some(Problem {
        what: format!("cgroups, which hold pods to their limits, cannot be made here ({error})"),
        cure: cure.into(),
    })
}

/// Whether all controllers are in the one hierarchy of cgroup v2.
pub(crate) fn is_v2() -> bool {
    Path::new(ROOT).join(AVAILABLE).exists()
}

/// The pods' parent in each hierarchy.
fn parents(layout: &Layout) -> io::Result<Vec<PathBuf>> {
    groups(layout.cgroup().trim_start_matches('/'))
}

/// A group's folder in each hierarchy: the one of cgroup v2, or one for each controller of v1.
fn groups(name: &str) -> io::Result<Vec<PathBuf>> {
    let root = Path::new(ROOT);
    if is_v2() {
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

/// The controllers that groups below are to have, of those that are `available`.
fn wanted(available: &str) -> impl Iterator<Item = &str> {
    let available = available.split_whitespace();
    available.filter(|controller| NEEDED.contains(controller) || *controller == OPTIONAL)
}

/// The line that makes cgroup v2 give controllers to the groups below (`+`), or no longer (`-`).
fn signed(sign: char, controllers: &[&str]) -> String {
    let signed = controllers
        .iter()
        .map(|controller| format!("{sign}{controller} "));
    signed.collect()
}

/// Makes the cgroups that kubelet expects to find.
pub(crate) fn create(layout: &Layout) -> Result<(), Error> {
    let root = Path::new(ROOT);
    for folder in parents(layout).map_err(at("reading", root))? {
        private_dir(&folder)?;
        let parent = folder.parent().unwrap_or(root);
        if parent == root
            && let Ok(available) = fs::read_to_string(root.join(AVAILABLE))
        {
            let wanted: Vec<_> = wanted(&available).collect();
            fs::write(ENABLED, signed('+', &wanted)).map_err(at("enabling controllers in", root))?;
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
        let enabling = |available| signed('+', &wanted(available).collect::<Vec<_>>());
        assert_eq!(enabling(debian), "+cpuset +cpu +memory +hugetlb +pids ");
        assert_eq!(enabling("cpuset cpu io pids\n"), "+cpuset +cpu +pids ");
    }

    #[test]
    fn a_trial_enables_what_is_missing_and_leaves_the_rest() {
        let root = tempfile::tempdir().expect("a folder");
        let write =
            |file: &str, text: &str| fs::write(root.path().join(file), text).expect("it can be written");
        write(AVAILABLE, "cpuset cpu io memory pids\n");
        write(GIVEN, "cpu memory pids\n");
        try_enabling(root.path()).expect("a file takes anything");
        // What the kernel would have taken last.
        let last = fs::read_to_string(root.path().join(GIVEN)).expect("it is there");
        assert_eq!(last, "-cpuset ");
    }

    #[test]
    fn a_group_that_is_busy_has_another_cure_than_one_that_is_closed() {
        let cure = |kind: io::ErrorKind| refused(&kind.into()).map(|problem| problem.cure);
        assert!(cure(io::ErrorKind::ResourceBusy).is_some_and(|cure| cure.contains("cgroup.procs")));
        assert!(cure(io::ErrorKind::ReadOnlyFilesystem).is_some_and(|cure| cure.contains("--privileged")));
        assert!(cure(io::ErrorKind::NotFound).is_none());
    }
}
