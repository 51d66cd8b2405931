//! Whether this machine can run the cluster. Each answer is tried rather than guessed.

use programs::{Reach, command, environment, run};
use std::path::Path;

use crate::{
    DEFAULT_NETWORK, Layout, Problem, cgroups, kubernetes, missing_packages, network, packages, status,
    trials,
};

const GIB: u64 = 1 << 30;
/// Building takes 4 GiB for Go's caches; a cluster with its images and logs about 1 GiB.
const CACHE_BYTES: u64 = 6 * GIB;
const STATE_BYTES: u64 = 2 * GIB;
/// What a cluster that has its images needs for pods and logs, well above where the kubelet begins to end pods.
const RUNNING_BYTES: u64 = GIB / 2;
const GO: (u32, u32) = (1, 26);

/// Everything that keeps the cluster from running here, or from being reached where it runs. Dropping the future leaves
/// nothing behind.
pub async fn preflight(layout: &Layout) -> Vec<Problem> {
    if let Some(problem) = wrong_machine() {
        return vec![problem];
    }
    let mut problems = Vec::new();
    let packages = missing_packages();
    problems.extend(packages::problem(&packages));
    if kubernetes::program(layout).is_none() {
        problems.extend(go().await);
        problems.extend(space(&layout.cache, CACHE_BYTES));
    }
    problems.extend(crowded(layout));
    // Without the programs, these checks would fail whatever the machine is.
    if packages.is_empty() {
        problems.extend(trials::problems(layout).await);
        problems.extend(range_in_use(layout).await);
        problems.extend(disconnected(layout).await);
    }
    problems.extend(cgroups::problem());
    problems
}

/// The problems that neither a package nor a setting cures.
pub(crate) fn wrong_machine() -> Option<Problem> {
    let (what, cure) = if !cfg!(target_os = "linux") {
        (
            "it does not run Linux, which Kubernetes' nodes need",
            "Use a Linux machine, real or virtual.",
        )
    } else if !rustix::process::geteuid().is_root() {
        (
            "you are not root, and only root may make network namespaces and cgroups",
            "Become root (`sudo -i`), with Rust and Go on root's PATH, and run the same command.",
        )
    } else {
        return None;
    };
    Some(Problem {
        what: what.into(),
        cure: cure.into(),
    })
}

async fn go() -> Option<Problem> {
    let mut go = command("go", ["env", "GOVERSION"]);
    go.envs(environment(Reach::Registries));
    let what = match run(go).await {
        Err(_) => "there is no Go on the PATH".into(),
        Ok(version) if is_new_enough(version.trim()) => return None,
        Ok(version) => format!("its Go is {}", version.trim()),
    };
    let (major, minor) = GO;
    Some(Problem {
        what,
        cure: format!(
            "Install Go {major}.{minor} or newer and put it on the PATH; it builds Kubernetes, once."
        ),
    })
}

fn is_new_enough(version: &str) -> bool {
    // Of a release candidate, `go1.27rc1`, the numbers before its own count.
    let numbers = version
        .trim_start_matches("go")
        .split(|character: char| !character.is_ascii_digit());
    let mut numbers = numbers.map_while(|number| number.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= GO
}

/// Whether the cluster's disk has too little room for it.
#[must_use]
pub fn crowded(layout: &Layout) -> Option<Problem> {
    let wanted = if layout.state.exists() {
        RUNNING_BYTES
    } else {
        STATE_BYTES
    };
    space(&layout.state, wanted)
}

fn space(folder: &Path, wanted: u64) -> Option<Problem> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    let free = disk.f_bavail * disk.f_frsize;
    (free < wanted).then(|| Problem {
        what: format!(
            "{} has {} MiB of disk left and needs {}",
            existing.display(),
            free >> 20,
            wanted >> 20
        ),
        cure: "Make room there, or (for the cache) set XDG_CACHE_HOME to a folder on a larger disk.".into(),
    })
}

async fn range_in_use(layout: &Layout) -> Option<Problem> {
    let route = network::conflict(layout).await.ok()??;
    // RFC 2544 reserves two such ranges.
    let is_default = layout.network.to_string() == DEFAULT_NETWORK;
    let other = if is_default {
        "198.19.0.0/16"
    } else {
        DEFAULT_NETWORK
    };
    Some(Problem {
        what: format!("the range {} is in use: {route}", layout.network),
        cure: format!(
            "Name another that this machine does not use: `{} --network {other}`.",
            layout.command("up")
        ),
    })
}

/// Whether the routes to a running cluster are gone: a network manager may remove those that it does not know.
pub async fn disconnected(layout: &Layout) -> Option<Problem> {
    let runs = status(layout).await.is_some();
    (runs && matches!(network::is_connected(layout).await, Ok(false))).then(|| Problem {
        what: format!(
            "the routes to the running cluster {:?} are gone, or its link is down",
            layout.name
        ),
        cure: format!("`{}` restores them.", layout.command("up")),
    })
}

#[cfg(test)]
mod tests {
    use super::{is_new_enough, space};

    #[test]
    fn a_disk_with_too_little_room_is_a_problem() {
        let folder = std::env::temp_dir();
        assert!(space(&folder.join("not/there/yet"), 0).is_none());
        let problem = space(&folder, u64::MAX).expect("no disk has so much");
        assert!(
            problem.what.contains(" MiB of disk left and needs "),
            "{problem:?}"
        );
    }

    #[test]
    fn a_go_is_new_enough_by_its_first_two_numbers() {
        assert!(
            ["go1.26", "go1.26.4", "go1.27rc1", "go2.0", "go1.27-abc"]
                .into_iter()
                .all(is_new_enough)
        );
        assert!(!["go1.25.9", "go1.9", "devel", ""].into_iter().any(is_new_enough));
    }
}
