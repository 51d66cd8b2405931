//! The ways to a cluster.

use std::path::PathBuf;

use kube::Client;

/// The ways to a cluster that a watch needs.
#[derive(Clone)]
pub struct Reach {
    /// For lists, with a time limit for each answer: made by [`access::open`].
    pub answers: Client,
    /// For watches, without one: made by [`access::for_watches`].
    pub watches: Client,
    /// The way to kubelets; none where they are not to be asked.
    pub kubelets: Option<access::Kubelets>,
    /// The program that writes out the rules of kube-proxy, `iptables-save`; none but where kube-proxy runs beside, in the same network.
    pub rules: Option<PathBuf>,
}
