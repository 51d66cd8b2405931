//! A cluster's names, addresses and files.

use std::{
    env,
    ffi::OsString,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    files::{private_dir, write_json},
    typed,
};

const SAVED: &str = "layout.json";

/// The range used unless another is named: half of 198.18.0.0/15, which RFC 2544 sets aside for benchmarks, so that it
/// meets neither a home network nor a company's, as a private range soon would.
pub const DEFAULT_NETWORK: &str = "198.18.0.0/16";

/// The ranges that nobody on the internet has: private (RFC 1918), shared (RFC 6598) and for benchmarks (RFC 2544). RFC 6890
/// lists no others with room for a cluster. From any other range a cluster would take the real machines there away.
const RANGES: [Ipv4Net; 5] = [
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15),
];

/// The folder of claims' volumes, in the state folder.
pub(crate) const CLAIMS: &str = "claims";

/// Hard-coded paths of components, and the folders of the state folder that are mounted there: pods' logs, results of
/// network plugins, device plugins' sockets (a kubelet removes those when it starts, another cluster's too), volumes of
/// kube-controller-manager's host path provisioner.
pub(crate) const MOUNTS: [(&str, &str); 4] = [
    ("/var/log", "log"),
    ("/var/lib/cni", "cni"),
    ("/var/lib/kubelet", "devices"),
    ("/tmp/hostpath_pv", CLAIMS),
];

/// The name, network and folders that tell two clusters on one machine apart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Layout {
    /// Names the node and the kubeconfig's context, and is part of the names of network namespace, interface and cgroup.
    pub name: String,
    /// A /16, divided into pods, Services, load balancers and the link to this machine.
    pub network: Ipv4Net,
    /// Everything that the cluster writes, until `down`.
    pub state: PathBuf,
    /// Builds, kept between clusters.
    pub cache: PathBuf,
}

impl Layout {
    /// A cluster's layout, with the user's cache folder (`XDG_CACHE_HOME`).
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is not 1 to 11 lower-case letters, digits or inner hyphens (an interface's name
    /// has 15 at most), a network that is not a /16 of those that nobody on the internet has, or a cache folder that is not
    /// absolute.
    pub fn new(name: &str, network: &str) -> Result<Self, Error> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let length = (1..=11).contains(&name.len());
        if !length || !name.bytes().all(inner) || name.starts_with('-') || name.ends_with('-') {
            let allowed = "1 to 11 lower-case letters, digits and inner hyphens";
            return Err(invalid("cluster name", name, allowed));
        }
        Ok(Self {
            name: name.into(),
            network: range(network)?,
            state: PathBuf::from("/var/lib/self-healing-lab").join(name),
            cache: cache_folder(env::var_os("XDG_CACHE_HOME"), env::home_dir())?.join("self-healing-lab"),
        })
    }

    /// The layout that the cluster of this name was made with, if there is one.
    pub fn saved(&self) -> Option<Self> {
        serde_json::from_slice(&fs::read(self.state.join(SAVED)).ok()?).ok()
    }

    /// Writes the layout to the place where [`Layout::saved`] finds it.
    pub(crate) fn save(&self) -> Result<(), Error> {
        private_dir(&self.state)?;
        write_json(&self.state.join(SAVED), self)
    }

    /// A command of the lab for this cluster, to be typed, such as `lab --name other up`.
    pub fn command(&self, words: &str) -> String {
        typed::command(&self.name, words)
    }

    /// The names of this machine's other clusters: each has a state folder beside this one's.
    pub(crate) fn others(&self) -> Vec<String> {
        let folders = self.state.parent().and_then(|all| fs::read_dir(all).ok());
        let folders = folders.into_iter().flatten().flatten();
        folders
            .filter(|folder| folder.path() != self.state && folder.path().join(SAVED).exists())
            .map(|folder| folder.file_name().to_string_lossy().into_owned())
            .collect()
    }

    fn subnet(&self, offset: u32, prefix: u8) -> Ipv4Net {
        let base = u32::from(self.network.network());
        // A prefix below 33 is always accepted; the whole network stands in for one that is not.
        Ipv4Net::new(Ipv4Addr::from(base + offset), prefix).unwrap_or(self.network)
    }

    /// Addresses of pods.
    pub(crate) fn pods(&self) -> Ipv4Net {
        self.subnet(0, 17)
    }

    /// Cluster addresses of Services.
    pub(crate) fn services(&self) -> Ipv4Net {
        self.subnet(0x8000, 18)
    }

    /// Addresses of Services of type `LoadBalancer`, one each.
    pub fn load_balancers(&self) -> Ipv4Net {
        self.subnet(0xc000, 24)
    }

    /// The two ends of the veth pair between this machine and the cluster.
    pub(crate) fn link(&self) -> Ipv4Net {
        self.subnet(0xfffc, 30)
    }

    /// This machine's end of the veth pair.
    pub fn host(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.link().network()) + 1)
    }

    /// The cluster's end of the veth pair: the node's address, where the API server and DNS listen.
    pub fn node(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.link().network()) + 2)
    }

    /// The address of the Service `kubernetes`: always the first of the range.
    pub fn kubernetes_service(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.services().network()) + 1)
    }

    /// The interface that is this machine's end of the veth pair.
    pub(crate) fn interface(&self) -> String {
        format!("{}-veth", self.name)
    }

    /// The network namespace's name. It has to be ours alone: every process in it is killed by `down`.
    pub(crate) fn namespace_name(&self) -> String {
        format!("self-healing-lab-{}", self.name)
    }

    /// The network namespace, as a file.
    pub fn namespace(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(self.namespace_name())
    }

    /// The parent of all pods' cgroups, in every hierarchy.
    pub(crate) fn cgroup(&self) -> String {
        format!("/self-healing-lab-{}", self.name)
    }

    /// The kubeconfig of the cluster's user.
    pub fn kubeconfig(&self) -> PathBuf {
        self.state.join("kubeconfig")
    }

    /// The folder with `kubectl` and `helm`.
    pub fn bin(&self) -> PathBuf {
        self.state.join("bin")
    }

    /// The discovery cache of kubectl and helm: in the person's home it would outlast the cluster.
    pub fn discovery(&self) -> PathBuf {
        self.state.join("discovery")
    }

    /// containerd's socket, reached from outside the cluster's mount namespace too.
    pub(crate) fn containerd_socket(&self) -> PathBuf {
        self.state.join("containerd.sock")
    }

    /// The supervisor's socket, which answers each connection with a [`crate::Status`] as JSON.
    pub(crate) fn status_socket(&self) -> PathBuf {
        self.state.join("supervisor.sock")
    }

    /// The log of a component.
    pub fn log(&self, component: &str) -> PathBuf {
        self.state.join("logs").join(format!("{component}.log"))
    }

    /// The audit log of the API server, which only a cluster that is brought up for tests has.
    #[must_use]
    pub fn audit_log(&self) -> PathBuf {
        self.log("audit")
    }

    /// What the API server writes into its audit log. A cluster without this file has none.
    pub(crate) fn audit_policy(&self) -> PathBuf {
        self.state.join("conf/audit.json")
    }

    /// The folder of what the recorder keeps.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.state.join("record")
    }

    /// The kubeconfig of the recorder.
    #[must_use]
    pub fn recorder_kubeconfig(&self) -> PathBuf {
        self.state.join("conf/recorder.kubeconfig")
    }

    /// The file locked by the process that changes this cluster; it outlives the state folder.
    pub(crate) fn lock(&self) -> PathBuf {
        PathBuf::from(format!("/run/self-healing-lab-{}.lock", self.name))
    }
}

fn invalid(what: &'static str, value: &str, allowed: &str) -> Error {
    Error::Invalid {
        what,
        value: value.into(),
        allowed: allowed.into(),
    }
}

fn range(network: &str) -> Result<Ipv4Net, Error> {
    let is_possible = |range: &Ipv4Net| {
        range.prefix_len() == 16
            && range.trunc() == *range
            && RANGES.iter().any(|reserved| reserved.contains(range))
    };
    let range = network.parse().ok().filter(is_possible);
    range.ok_or_else(|| {
        let ranges = RANGES.map(|range| range.to_string()).join(", ");
        let allowed = format!(
            "a range of exactly /16 that this machine does not use, such as 198.19.0.0/16, in one of those that nobody on \
             the internet has: {ranges}"
        );
        invalid("network", network, &allowed)
    })
}

/// The folder for all that can be made again, by the XDG Base Directory Specification. That has a relative path passed over;
/// here somebody named a disk for gigabytes, and they would go to another.
fn cache_folder(named: Option<OsString>, home: Option<PathBuf>) -> Result<PathBuf, Error> {
    let relative = |what, folder: &Path| invalid(what, &folder.to_string_lossy(), "an absolute path");
    if let Some(named) = named.filter(|named| !named.is_empty()).map(PathBuf::from) {
        return if named.is_absolute() {
            Ok(named)
        } else {
            Err(relative("XDG_CACHE_HOME", &named))
        };
    }
    match home.filter(|home| !home.as_os_str().is_empty()) {
        Some(home) if home.is_absolute() => Ok(home.join(".cache")),
        Some(home) => Err(relative("HOME", &home)),
        None => Err(invalid(
            "home folder",
            "(none)",
            "a user with a home folder: set HOME",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_network_do_not_overlap() {
        let layout = Layout::new("lab", DEFAULT_NETWORK).unwrap();
        let parts = [
            layout.pods(),
            layout.services(),
            layout.load_balancers(),
            layout.link(),
        ];
        for (index, part) in parts.iter().enumerate() {
            assert!(layout.network.contains(part), "{part}");
            for other in &parts[index + 1..] {
                assert!(
                    !part.contains(other) && !other.contains(part),
                    "{part} and {other}"
                );
            }
        }
        assert_eq!(layout.node().to_string(), "198.18.255.254");
        assert_eq!(layout.kubernetes_service().to_string(), "198.18.128.1");
    }

    #[test]
    fn odd_names_and_networks_are_refused() {
        for name in ["", "-a", "a-", "Lab", "a.b", "../x", "twelve-chars"] {
            assert!(Layout::new(name, DEFAULT_NETWORK).is_err(), "{name}");
        }
        let no_range = ["198.18.0.0/15", "198.18.0.1/16", "nonsense", "::/16", ""];
        let somebody_elses = [
            "0.0.0.0/16",
            "8.8.0.0/16",
            "9.255.0.0/16",
            "11.0.0.0/16",
            "100.63.0.0/16",
            "100.128.0.0/16",
            "127.0.0.0/16",
            "169.254.0.0/16",
            "172.15.0.0/16",
            "172.32.0.0/16",
            "192.167.0.0/16",
            "192.169.0.0/16",
            "198.17.0.0/16",
            "198.20.0.0/16",
            "224.1.0.0/16",
            "255.255.0.0/16",
        ];
        for network in no_range.into_iter().chain(somebody_elses) {
            assert!(Layout::new("lab", network).is_err(), "{network}");
        }
    }

    #[test]
    fn ranges_that_nobody_on_the_internet_has_are_taken() {
        for network in [
            "10.0.0.0/16",
            "10.255.0.0/16",
            "100.64.0.0/16",
            "100.127.0.0/16",
            "172.16.0.0/16",
            "172.31.0.0/16",
            "192.168.0.0/16",
            "198.19.0.0/16",
        ] {
            assert!(Layout::new("lab", network).is_ok(), "{network}");
        }
    }

    #[test]
    fn builds_are_kept_in_a_folder_that_depends_on_no_other() {
        let cache = |named: Option<&str>, home: Option<&str>| {
            cache_folder(named.map(Into::into), home.map(Into::into)).map_err(|error| error.to_string())
        };
        assert_eq!(cache(Some("/mnt/c"), Some("home")), Ok("/mnt/c".into()));
        for named in [None, Some("")] {
            assert_eq!(cache(named, Some("/home/ann")), Ok("/home/ann/.cache".into()));
        }
        for (named, home, expected) in [
            (
                Some("c"),
                Some("/home/ann"),
                "XDG_CACHE_HOME \"c\" is not possible",
            ),
            (None, Some("home"), "HOME \"home\" is not possible"),
            (None, Some(""), "set HOME"),
            (None, None, "set HOME"),
        ] {
            let error = cache(named, home).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
