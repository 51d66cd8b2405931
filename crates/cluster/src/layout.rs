//! Where everything of one cluster is: its names, addresses and files.

use std::{net::Ipv4Addr, path::PathBuf};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::{Error, files::write_private};

const SAVED: &str = "layout.json";

/// The version of Kubernetes that is built, as in `kubernetes/go.mod`.
pub const KUBERNETES_VERSION: &str = "1.37.2";

/// The name of a cluster that nobody named.
pub const DEFAULT_NAME: &str = "lab";

/// The range used unless another is named: half of 198.18.0.0/15, set aside for benchmarks by RFC 2544, so that it
/// meets neither a home network nor a company's, as a private range soon would.
pub const DEFAULT_NETWORK: &str = "198.18.0.0/16";

/// What tells two clusters on one machine apart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Layout {
    /// Names the node and the kubeconfig's context, and is part of the names of network namespace, cable and cgroup.
    pub name: String,
    /// A /16, cut up by [`Layout::pods`], [`Layout::services`], [`Layout::load_balancers`] and [`Layout::link`].
    pub network: Ipv4Net,
    /// Everything that the cluster writes; gone after `down`.
    pub state: PathBuf,
    /// Builds, kept between clusters.
    pub cache: PathBuf,
}

impl Layout {
    /// A cluster's layout, with the user's cache folder (`XDG_CACHE_HOME`).
    ///
    /// # Errors
    /// A name that is not 1 to 11 lower-case letters, digits or inner hyphens (a network interface's name bounds it),
    /// a network that is not a /16, or a user without a home.
    pub fn new(name: &str, network: &str) -> Result<Self, Error> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty()
            || name.len() > 11
            || !name.bytes().all(inner)
            || name.starts_with('-')
            || name.ends_with('-')
        {
            return Err(Error::Invalid {
                what: "cluster name",
                value: name.into(),
                allowed: "1 to 11 lower-case letters, digits and inner hyphens",
            });
        }
        let invalid = || Error::Invalid {
            what: "network",
            value: network.into(),
            allowed: "an IPv4 range of exactly /16 that this machine does not use, such as 198.19.0.0/16",
        };
        let network: Ipv4Net = network.parse().map_err(|_| invalid())?;
        if network.prefix_len() != 16 || network.trunc() != network {
            return Err(invalid());
        }
        let cache = etcetera::base_strategy::choose_base_strategy()
            .map(|base| etcetera::BaseStrategy::cache_dir(&base))
            .map_err(|_| Error::Invalid {
                what: "home folder",
                value: "(none)".into(),
                allowed: "a user with a home folder: set HOME",
            })?
            .join("self-healing-lab");
        Ok(Self {
            name: name.into(),
            network,
            state: PathBuf::from("/var/lib/self-healing-lab").join(name),
            cache,
        })
    }

    /// The layout that the cluster of this name was made with, if there is one.
    #[must_use]
    pub fn saved(&self) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(self.state.join(SAVED)).ok()?).ok()
    }

    /// Notes the layout where [`Layout::saved`] finds it.
    pub(crate) fn save(&self) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_private(&self.state.join(SAVED), json)
    }

    /// The names of this machine's other clusters: each has a state folder beside this one's.
    pub(crate) fn others(&self) -> impl Iterator<Item = String> {
        let folders = self.state.parent().and_then(|all| std::fs::read_dir(all).ok());
        let names = folders.into_iter().flatten().flatten().filter_map(|entry| {
            let is_cluster = entry.path().join(SAVED).exists() && entry.path() != self.state;
            is_cluster.then(|| entry.file_name().to_string_lossy().into_owned())
        });
        names.collect::<Vec<_>>().into_iter()
    }

    fn subnet(&self, offset: u32, prefix: u8) -> Ipv4Net {
        let base = u32::from(self.network.network());
        // A prefix below 33 is always accepted; the whole network stands in for one that is not.
        Ipv4Net::new(Ipv4Addr::from(base + offset), prefix).unwrap_or(self.network)
    }

    /// Addresses of pods.
    #[must_use]
    pub fn pods(&self) -> Ipv4Net {
        self.subnet(0, 17)
    }

    /// Cluster addresses of Services.
    #[must_use]
    pub fn services(&self) -> Ipv4Net {
        self.subnet(0x8000, 18)
    }

    /// Addresses that Services of type `LoadBalancer` get, one each.
    #[must_use]
    pub fn load_balancers(&self) -> Ipv4Net {
        self.subnet(0xc000, 24)
    }

    /// The two ends of the cable between this machine and the cluster.
    #[must_use]
    pub fn link(&self) -> Ipv4Net {
        self.subnet(0xfffc, 30)
    }

    /// This machine's end of the cable.
    #[must_use]
    pub fn host(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.link().network()) + 1)
    }

    /// The cluster's end of the cable: the node's address, where the API server and DNS listen.
    #[must_use]
    pub fn node(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.link().network()) + 2)
    }

    /// The address of the Service `kubernetes`: always the first of the range.
    #[must_use]
    pub fn kubernetes_service(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.services().network()) + 1)
    }

    /// The API server's URL.
    #[must_use]
    pub fn api_server(&self) -> String {
        format!("https://{}:6443", self.node())
    }

    /// This machine's end of the cable, as an interface.
    #[must_use]
    pub fn interface(&self) -> String {
        format!("{}-veth", self.name)
    }

    /// The network namespace's name, which nobody else's namespace has by chance: all that runs in there is ended.
    #[must_use]
    pub fn namespace_name(&self) -> String {
        format!("self-healing-lab-{}", self.name)
    }

    /// The network namespace, as a file.
    #[must_use]
    pub fn namespace(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(self.namespace_name())
    }

    /// The cgroup under which all pods run, in every hierarchy.
    #[must_use]
    pub fn cgroup(&self) -> String {
        format!("/self-healing-lab-{}", self.name)
    }

    /// The kubeconfig of the person who uses the cluster.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.state.join("kubeconfig")
    }

    /// `kubectl` and `helm`.
    #[must_use]
    pub fn bin(&self) -> PathBuf {
        self.state.join("bin")
    }

    /// Where kubectl and helm keep what they find out about the cluster: in the person's home it would outlast it.
    #[must_use]
    pub fn discovery(&self) -> PathBuf {
        self.state.join("discovery")
    }

    /// containerd's socket, reached from outside the cluster's mount namespace too.
    #[must_use]
    pub fn containerd_socket(&self) -> PathBuf {
        self.state.join("containerd.sock")
    }

    /// The supervisor's socket: whoever connects reads its [`crate::Status`] as JSON.
    #[must_use]
    pub fn status_socket(&self) -> PathBuf {
        self.state.join("supervisor.sock")
    }

    /// The log of a component.
    #[must_use]
    pub fn log(&self, component: &str) -> PathBuf {
        self.state.join("logs").join(format!("{component}.log"))
    }

    /// Held by whoever changes this cluster; it outlives the state folder.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        PathBuf::from(format!("/run/self-healing-lab-{}.lock", self.name))
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
        for network in ["198.18.0.0/15", "198.18.0.1/16", "nonsense", "::/16", ""] {
            assert!(Layout::new("lab", network).is_err(), "{network}");
        }
    }
}
