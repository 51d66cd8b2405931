//! CPU time, as the kernel counts it for a pod's cgroup.

use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::ListParams};
use pictures::recording::{Used, milliseconds};
use tokio::time::{MissedTickBehavior, interval};

use super::{Error, Scene};

/// How often the kernel is asked.
const PERIOD: Duration = Duration::from_millis(10);
/// How often is looked for new pods.
const NEW_PODS: Duration = Duration::from_millis(500);
/// How deep below the cgroups' root a pod's may be.
const DEPTH: usize = 6;
/// Less growth between two looks is a pod that does nothing but answer its probes, in seconds.
const IDLE: f64 = 0.001;

/// Reads the CPU time of the newest pod again and again, and keeps what it is while it grows.
pub(crate) async fn sample(scene: &Scene<'_>) -> Result<Infallible, Error> {
    let pods: Api<Pod> = Api::namespaced(scene.client.clone(), scene.namespace);
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut newest: Option<(String, PathBuf)> = None;
    let mut looked = None::<Instant>;
    let (mut last, mut kept) = (None::<Used>, true);
    loop {
        tick.tick().await;
        if looked.is_none_or(|looked| looked.elapsed() > NEW_PODS) {
            let list = pods.list(&ListParams::default().labels(scene.take.pods)).await?;
            let pod = list
                .into_iter()
                .max_by_key(|pod| pod.metadata.creation_timestamp.clone());
            let uid = pod.as_ref().and_then(ResourceExt::uid);
            if let Some(uid) = uid.filter(|uid| newest.as_ref().is_none_or(|(known, _)| known != uid)) {
                newest = count(Path::new("/sys/fs/cgroup"), &uid, DEPTH).map(|file| (uid, file));
                (last, kept) = (None, true);
            }
            looked = Some(Instant::now());
        }
        let Some(used) = newest.as_ref().and_then(|(_, file)| read(file)) else {
            continue;
        };
        let now = Used(scene.began.elapsed(), milliseconds(used));
        if let Some(before) = last.replace(now) {
            let grew = now.1 - before.1 >= IDLE;
            let mut recording = scene.note();
            if grew && !kept {
                recording.used.push(before);
            }
            if grew {
                recording.used.push(now);
            }
            kept = grew;
        } else {
            kept = false;
        }
    }
}

/// The file in which the kernel counts the CPU time of a pod.
fn count(folder: &Path, uid: &str, depth: usize) -> Option<PathBuf> {
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        // systemd's names have `_` where the id has `-`.
        if entry
            .file_name()
            .to_string_lossy()
            .replace('_', "-")
            .contains(uid)
        {
            let files = ["cpuacct.usage", "cpu.stat"].map(|name| path.join(name));
            if let Some(file) = files.into_iter().find(|file| read(file).is_some()) {
                return Some(file);
            }
        } else if depth > 0
            && let Some(found) = count(&path, uid, depth - 1)
        {
            return Some(found);
        }
    }
    None
}

/// Seconds of CPU time: cgroup v1 counts in ns, v2 in µs.
fn read(file: &Path) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let number = |text: &str| text.trim().parse::<u64>().ok().map(Duration::from_nanos);
    let micros = |text: &str| text.trim().parse::<u64>().ok().map(Duration::from_micros);
    let in_stat = || {
        text.lines()
            .find_map(|line| micros(line.strip_prefix("usage_usec ")?))
    };
    number(&text).or_else(in_stat).map(|time| time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_cgroup_are_read() {
        let folder = std::env::temp_dir().join(format!("recorder-cpu-{}", std::process::id()));
        let v1 = folder.join("cpuacct/kubepods/pod1-2");
        let v2 = folder.join("kubepods.slice/kubepods-pod3_4.slice");
        fs::create_dir_all(&v1).unwrap();
        fs::create_dir_all(&v2).unwrap();
        fs::write(v1.join("cpuacct.usage"), "1500000000\n").unwrap();
        fs::write(v2.join("cpu.stat"), "usage_usec 250000\nuser_usec 1\n").unwrap();
        let seconds = |uid| count(&folder, uid, DEPTH).and_then(|file| read(&file));
        let found = [seconds("1-2"), seconds("3-4"), seconds("5-6")];
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, [Some(1.5), Some(0.25), None]);
    }
}
