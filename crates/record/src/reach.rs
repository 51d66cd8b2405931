//! The ways to a cluster.

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
    /// The way to kube-proxy's metrics; none but where they are on one machine. It is asked only where [`ALL`](crate::ALL) namespaces are
    /// watched, as it counts what happens in all of them.
    pub proxy: Option<Client>,
}
