//! The way to kubelets.

use std::{net::IpAddr, time::Duration};

use kube::{Client, config::Kubeconfig};

use crate::{Error, Route, client};

/// The port on which kubelets answer, unless somebody sets another.
const PORT: u16 = 10_250;
/// How long a kubelet may take to accept a connection, and then for an answer. Most clusters let nobody from outside reach it, and
/// the packets are dropped.
const SOON: Duration = Duration::from_secs(3);

/// The way to the kubelets of a cluster, with the credentials of the kubeconfig's current context.
///
/// They go to nobody whose certificate is not of the cluster's authority: kubelets that sign their own are not asked. The way
/// through the API server (`nodes/proxy`) is none of ours: it is a right to run anything on the node.
#[derive(Clone)]
pub struct Kubelets {
    kubeconfig: Kubeconfig,
    route: Route,
}

impl Kubelets {
    /// Those of the cluster of the kubeconfig's current context.
    #[must_use]
    pub fn new(kubeconfig: Kubeconfig, route: Route) -> Self {
        Self { kubeconfig, route }
    }

    /// A client of the kubelet at a node's address. Nothing is asked yet.
    ///
    /// # Errors
    /// As [`unasked`](crate::unasked).
    pub async fn client(&self, node: IpAddr) -> Result<Client, Error> {
        client::of_kubelet(self.kubeconfig.clone(), self.route, (node, PORT).into(), SOON).await
    }
}
