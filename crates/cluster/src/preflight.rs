//! What a machine needs for the embedded cluster, each tried rather than guessed.

use std::path::{Path, PathBuf};

use crate::{
    DEFAULT_NETWORK, Layout,
    command::{command, run},
    kubernetes, network,
};

/// Something that the machine lacks, with its cure.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What is missing, in a sentence.
    pub what: String,
    /// What to do, in a sentence.
    pub cure: String,
}

/// The programs that are called, and the Debian packages that have them.
const PROGRAMS: [(&str, &str); 13] = [
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("ip", "iproute2"),
    ("tini", "tini"),
    ("nsenter", "util-linux"),
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
    ("buildah", "buildah"),
    ("mmdebstrap", "mmdebstrap"),
    ("curl", "curl"),
];

/// Where distributions put the CNI plugins.
const CNI_FOLDERS: [&str; 3] = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const CNI_PACKAGE: &str = "containernetworking-plugins";

const GIB: u64 = 1 << 30;
/// Building takes 4 GiB for Go's caches; a cluster with its images and logs about 1 GiB.
const CACHE_BYTES: u64 = 6 * GIB;
const STATE_BYTES: u64 = 2 * GIB;
const GO: (u32, u32) = (1, 26);

/// The folder of the CNI plugins, if they are installed.
pub(crate) fn cni_plugins() -> Option<PathBuf> {
    CNI_FOLDERS
        .map(PathBuf::from)
        .into_iter()
        .find(|folder| folder.join("ptp").exists())
}

/// The Debian packages that are missing.
#[must_use]
pub fn missing_packages() -> Vec<&'static str> {
    let mut packages: Vec<_> = PROGRAMS
        .iter()
        .filter(|(program, _)| which::which(program).is_err())
        .map(|(_, package)| *package)
        .collect();
    if cni_plugins().is_none() {
        packages.push(CNI_PACKAGE);
    }
    packages.dedup();
    packages
}

/// Everything that is missing; nothing when the cluster can run.
pub async fn missing(layout: &Layout) -> Vec<Missing> {
    if let Some(missing) = wrong_machine() {
        return vec![missing];
    }
    let mut found = Vec::new();
    let packages = missing_packages();
    if !packages.is_empty() {
        found.push(Missing {
            what: format!("these programs are not installed: {}", packages.join(" ")),
            cure: format!(
                "apt-get install --no-install-recommends {}   (or add --install: `lab up --install`)",
                packages.join(" ")
            ),
        });
    }
    if kubernetes::program(layout).is_none() {
        found.extend(go().await);
        found.extend(space(&layout.cache, CACHE_BYTES));
    }
    if !layout.state.exists() {
        found.extend(space(&layout.state, STATE_BYTES));
    }
    let existing = layout.state.ancestors().find(|folder| folder.exists());
    let existing = existing.unwrap_or(Path::new("/")).to_string_lossy().into_owned();
    for (what, cure, trial) in [
        (
            "there can be no overlayfs where images are unpacked",
            "Load it (modprobe overlay); inside a container, or on a file system that cannot be below one (ZFS), run on \
             another machine.",
            OVERLAY,
        ),
        (
            "the kernel has no virtual network cables here",
            "Load them: modprobe veth.",
            VETH,
        ),
        (
            "the kernel does not let iptables rewrite addresses here",
            "Load it: modprobe -a iptable_nat xt_comment xt_statistic nf_conntrack.",
            NAT,
        ),
    ] {
        let words = ["--mount", "--net", "sh", "-ec", trial, "sh", &existing];
        // Without the programs the trial would say something about them, not about the kernel.
        if packages.is_empty()
            && let Err(error) = run(command("unshare", words)).await
        {
            found.push(Missing {
                what: format!("{what} ({})", last_line(&error.to_string())),
                cure: cure.into(),
            });
        }
    }
    found.extend(cgroups());
    if packages.is_empty()
        && let Ok(Some(route)) = network::conflict(layout).await
    {
        // RFC 2544 reserves two such ranges.
        let other = if layout.network.to_string() == DEFAULT_NETWORK {
            "198.19.0.0/16"
        } else {
            DEFAULT_NETWORK
        };
        found.push(Missing {
            what: format!("the range {} is in use: {route}", layout.network),
            cure: format!("Name another that this machine does not use: `lab up --network {other}`."),
        });
    }
    found
}

/// What no package cures, and what everything else needs.
pub(crate) fn wrong_machine() -> Option<Missing> {
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
    Some(Missing {
        what: what.into(),
        cure: cure.into(),
    })
}

const OVERLAY: &str = "d=$(mktemp -d -p \"$1\"); trap 'rm -rf \"$d\"' EXIT; mkdir \"$d/l\" \"$d/u\" \"$d/w\" \"$d/m\"; \
     cd \"$d\"; mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m; umount m; cd /";
const VETH: &str = "ip link add name lab0 type veth peer name lab1";
const NAT: &str = "iptables -w 5 -t nat -A OUTPUT -p tcp -m comment --comment x -m statistic --mode random --probability 0.5 -j DNAT --to 127.0.0.1";

fn last_line(text: &str) -> &str {
    text.trim_end().lines().next_back().unwrap_or_default()
}

async fn go() -> Option<Missing> {
    let cure = format!(
        "Install Go {}.{} or newer and put it on the PATH; it builds Kubernetes, once.",
        GO.0, GO.1
    );
    let Ok(version) = run(command("go", ["env", "GOVERSION"])).await else {
        return Some(Missing {
            what: "there is no Go on the PATH".into(),
            cure,
        });
    };
    let version = version.trim();
    let mut numbers = version
        .trim_start_matches("go")
        .split('.')
        .map_while(|number| number.parse::<u32>().ok());
    let new_enough = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= GO;
    (!new_enough).then(|| Missing {
        what: format!("its Go is {version}"),
        cure,
    })
}

fn space(folder: &Path, wanted: u64) -> Option<Missing> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    let free = rustix::fs::statvfs(existing)
        .map(|disk| disk.f_bavail * disk.f_frsize)
        .ok()?;
    (free < wanted).then(|| Missing {
        what: format!(
            "{} has {} MiB of disk left and needs {}",
            existing.display(),
            free >> 20,
            wanted >> 20
        ),
        cure: "Make room there, or (for the cache) set XDG_CACHE_HOME to a folder on a larger disk.".into(),
    })
}

/// The controllers that limits and probes need, wherever they are mounted.
fn cgroups() -> Option<Missing> {
    let root = Path::new("/sys/fs/cgroup");
    let v2 = std::fs::read_to_string(root.join("cgroup.controllers")).unwrap_or_default();
    let absent: Vec<_> = ["cpu", "cpuset", "memory", "pids"]
        .into_iter()
        .filter(|controller| {
            !v2.split_whitespace().any(|has| has == *controller) && !root.join(controller).exists()
        })
        .collect();
    (!absent.is_empty()).then(|| Missing {
        what: format!("these cgroup controllers are not mounted: {}", absent.join(" ")),
        cure: "Some machines switch memory off: add `cgroup_enable=memory` to the kernel's command line. Otherwise boot \
               with cgroup v2 (systemd's default), or mount each controller below /sys/fs/cgroup."
            .into(),
    })
}
