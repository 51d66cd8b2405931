//! The settings of the whole machine that components change, restored by the `down` of the last cluster.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Layout,
    cgroups::ENABLED,
    files::{at, write_json},
    layout::MOUNTS,
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

/// The machine's settings before its first cluster.
#[derive(Serialize, Deserialize)]
struct Before {
    /// By their names below `/proc/sys`.
    settings: BTreeMap<String, String>,
    /// The controllers that cgroup v2's root gave to the groups below it.
    controllers: String,
    /// The mount points that were missing.
    places: Vec<String>,
}

/// One file for all clusters of this machine: the second would record what the first has changed.
fn record(layout: &Layout) -> PathBuf {
    layout.state.with_file_name("settings.json")
}

/// Records the machine's settings, unless an earlier cluster did.
pub(crate) fn save_settings(layout: &Layout) -> Result<(), Error> {
    let file = record(layout);
    if file.exists() {
        return Ok(());
    }
    let read = |name: &&str| {
        let value = fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?;
        Some(((*name).to_owned(), value))
    };
    let places = MOUNTS.iter().map(|(place, _)| *place);
    let before = Before {
        settings: SETTINGS.iter().filter_map(read).collect(),
        controllers: fs::read_to_string(ENABLED).unwrap_or_default(),
        places: places
            .filter(|place| !Path::new(place).exists())
            .map(String::from)
            .collect(),
    };
    write_json(&file, &before)
}

/// Restores the recorded settings once no other cluster is left.
pub(crate) fn restore_settings(layout: &Layout) -> Result<(), Error> {
    let file = record(layout);
    if !layout.others().is_empty() || !file.exists() {
        return Ok(());
    }
    let before: Before = fs::read(&file)
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(io::Error::from))
        .map_err(at("reading", &file))?;
    for (name, value) in before.settings {
        let path = Path::new("/proc/sys").join(name);
        if fs::read_to_string(&path).is_ok_and(|now| now != value) {
            fs::write(&path, value).map_err(at("restoring", &path))?;
        }
    }
    let had = |controller: &str| before.controllers.split_whitespace().any(|had| had == controller);
    for controller in fs::read_to_string(ENABLED).unwrap_or_default().split_whitespace() {
        if !had(controller) {
            // The kernel refuses while somebody else's group uses it.
            let _ = fs::write(ENABLED, format!("-{controller}"));
        }
    }
    for place in before.places {
        // It stays if somebody else uses it by now.
        let _ = fs::remove_dir(place);
    }
    fs::remove_file(&file).map_err(at("removing", &file))
}
