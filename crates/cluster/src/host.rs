//! What the components change on the whole machine, put back when they are gone.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Layout,
    files::{at, write_private},
    supervisor::MOUNTS,
    wait,
};

/// Kernel settings that kubelet sets for the whole machine
/// (its `setupKernelTunables`; `protectKernelDefaults` would only make it refuse to start).
const SETTINGS: [&str; 6] = [
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
];

const CGROUPS: &str = "/sys/fs/cgroup";
const ENABLED: &str = "/sys/fs/cgroup/cgroup.subtree_control";
const CGROUPS_WITHIN: Duration = Duration::from_secs(20);

/// How the machine was before.
#[derive(Serialize, Deserialize)]
struct Noted {
    /// By their names below `/proc/sys`.
    settings: BTreeMap<String, String>,
    /// What cgroup v2 gave to the groups below its root.
    controllers: String,
    /// The folders that were not there and are mounted on.
    places: Vec<String>,
}

/// One note for all clusters of this machine: the second one would find what the first has changed.
fn note(layout: &Layout) -> PathBuf {
    layout.state.with_file_name("settings.json")
}

/// Notes how the machine is, unless that was noted before.
pub(crate) fn save_settings(layout: &Layout) -> Result<(), Error> {
    let file = note(layout);
    if file.exists() {
        return Ok(());
    }
    let read = |name: &&str| {
        let value = fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?;
        Some(((*name).to_owned(), value))
    };
    let noted = Noted {
        settings: SETTINGS.iter().filter_map(read).collect(),
        controllers: fs::read_to_string(ENABLED).unwrap_or_default(),
        places: MOUNTS
            .iter()
            .filter(|(place, _)| !Path::new(place).exists())
            .map(|(place, _)| (*place).to_owned())
            .collect(),
    };
    write_private(&file, serde_json::to_vec(&noted).unwrap_or_default())
}

/// Makes the machine what it was, once no cluster is left that needs it otherwise.
pub(crate) fn restore_settings(layout: &Layout) -> Result<(), Error> {
    if layout.others().next().is_some() {
        return Ok(());
    }
    let file = note(layout);
    let Ok(bytes) = fs::read(&file) else { return Ok(()) };
    let noted: Noted = serde_json::from_slice(&bytes)
        .map_err(io::Error::from)
        .map_err(at("reading", &file))?;
    for (name, value) in noted.settings {
        let path = Path::new("/proc/sys").join(name);
        if fs::read_to_string(&path).is_ok_and(|now| now != value) {
            fs::write(&path, value).map_err(at("restoring", &path))?;
        }
    }
    for controller in fs::read_to_string(ENABLED).unwrap_or_default().split_whitespace() {
        if !noted
            .controllers
            .split_whitespace()
            .any(|before| before == controller)
        {
            // The kernel refuses where a group of somebody else's has come to use it.
            let _ = fs::write(ENABLED, format!("-{controller}"));
        }
    }
    for place in noted.places {
        // It stays where somebody else has come to use it.
        let _ = fs::remove_dir(place);
    }
    fs::remove_file(&file).map_err(at("removing", &file))
}

/// The folder for our pods in each hierarchy: one of cgroup v2, or one for each controller of v1.
fn cgroups(layout: &Layout) -> io::Result<Vec<PathBuf>> {
    let name = layout.cgroup();
    let name = name.trim_start_matches('/');
    let root = Path::new(CGROUPS);
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

/// What kubelet wants to find in the cgroup of pods, as far as the machine has it (its `cgroup_v2_manager_linux.go`;
/// systemd enables all of them for others but `hugetlb`).
const CONTROLLERS: [&str; 5] = ["cpu", "cpuset", "hugetlb", "memory", "pids"];

/// How cgroup v2 is told to give them to the groups below, where `there` are those that it has.
fn wanted(there: &str) -> String {
    let there = there
        .split_whitespace()
        .filter(|there| CONTROLLERS.contains(there));
    there.map(|controller| format!("+{controller} ")).collect()
}

/// Makes the cgroups that kubelet expects to find.
pub(crate) fn create_cgroups(layout: &Layout) -> Result<(), Error> {
    let root = Path::new(CGROUPS);
    for folder in cgroups(layout).map_err(at("reading", root))? {
        fs::create_dir_all(&folder).map_err(at("making the cgroup", &folder))?;
        let parent = folder.parent().unwrap_or(root);
        if parent == root
            && let Ok(there) = fs::read_to_string(root.join("cgroup.controllers"))
        {
            fs::write(ENABLED, wanted(&there)).map_err(at("enabling controllers in", root))?;
        }
        // A new cpuset has no processors and no memory, and takes no process until it has.
        for list in ["cpuset.cpus", "cpuset.mems"] {
            let (from, to) = (parent.join(list), folder.join(list));
            if fs::read_to_string(&to).is_ok_and(|now| now.trim().is_empty())
                && from.exists()
                && folder.starts_with(root.join("cpuset"))
            {
                let all = fs::read(&from).map_err(at("reading", &from))?;
                fs::write(&to, all).map_err(at("writing", &to))?;
            }
        }
    }
    Ok(())
}

/// Removes them with all below, which are empty once their processes are gone; the kernel may take a moment.
pub(crate) async fn remove_cgroups(layout: &Layout) -> Result<(), Error> {
    let root = Path::new(CGROUPS);
    let folders = cgroups(layout).map_err(at("reading", root))?;
    let look = format!(
        "`find {CGROUPS} -path '*{}*' -name cgroup.procs -exec cat {{}} +` lists who is in there",
        layout.cgroup()
    );
    wait::until("the end of the pods' cgroups", CGROUPS_WITHIN, &look, || async {
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
        assert_eq!(wanted(debian), "+cpuset +cpu +memory +hugetlb +pids ");
        assert_eq!(wanted("cpuset cpu io pids\n"), "+cpuset +cpu +pids ");
    }
}
