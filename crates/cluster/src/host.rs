//! What the components change on the whole machine, put back when they are gone.

use std::{collections::BTreeMap, fs, io, path::Path, time::Duration};

use crate::{
    Error, Layout,
    files::{at, write_private},
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
const CGROUPS_WITHIN: Duration = Duration::from_secs(20);

/// Notes the settings as they are, unless they were noted before.
pub(crate) fn save_settings(layout: &Layout) -> Result<(), Error> {
    let file = layout.state.join("settings.json");
    if file.exists() {
        return Ok(());
    }
    let read = |name: &&str| {
        Some((
            (*name).to_owned(),
            fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?,
        ))
    };
    let settings: BTreeMap<String, String> = SETTINGS.iter().filter_map(read).collect();
    write_private(&file, serde_json::to_vec(&settings).unwrap_or_default())
}

/// Puts the noted settings back.
pub(crate) fn restore_settings(layout: &Layout) -> Result<(), Error> {
    let file = layout.state.join("settings.json");
    let Ok(bytes) = fs::read(&file) else { return Ok(()) };
    let settings: BTreeMap<String, String> = serde_json::from_slice(&bytes)
        .map_err(io::Error::from)
        .map_err(at("reading", &file))?;
    for (name, value) in settings {
        let path = Path::new("/proc/sys").join(name);
        if fs::read_to_string(&path).is_ok_and(|now| now != value) {
            fs::write(&path, value).map_err(at("restoring", &path))?;
        }
    }
    Ok(())
}

/// The folder for our pods in each hierarchy: one of cgroup v2, or one for each controller of v1.
fn cgroups(layout: &Layout) -> io::Result<Vec<std::path::PathBuf>> {
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

/// Makes the cgroups that kubelet expects to find.
pub(crate) fn create_cgroups(layout: &Layout) -> Result<(), Error> {
    let root = Path::new(CGROUPS);
    for folder in cgroups(layout).map_err(at("reading", root))? {
        fs::create_dir_all(&folder).map_err(at("making the cgroup", &folder))?;
        let parent = folder.parent().unwrap_or(root);
        if parent.join("cgroup.subtree_control").exists() && parent == root {
            let controllers = "+cpu +cpuset +memory +pids +io";
            fs::write(root.join("cgroup.subtree_control"), controllers)
                .map_err(at("enabling controllers in", root))?;
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
