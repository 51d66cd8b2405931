#![doc = include_str!("../README.md")]

mod claims;
mod command;
mod components;
mod error;
mod files;
mod host;
mod kubernetes;
mod layout;
mod lifecycle;
mod load_balancer;
mod lock;
mod network;
mod pki;
mod progress;
mod requirements;
mod supervisor;
mod wait;

use std::path::Path;

pub use components::COMPONENTS;
pub use error::Error;
pub use layout::{DEFAULT_NAME, DEFAULT_NETWORK, KUBERNETES_VERSION, Layout};
pub use lifecycle::{down, is_running, known_component, load_image, status, up};
pub use lock::{Lock, lock, lock_builds};
pub use progress::{Event, Reporter, Step};
pub use requirements::{Missing, missing, missing_packages};
pub use supervisor::{ComponentStatus, Status, supervise};

/// The image of the process that holds a pod's namespaces. It has to be loaded before the first pod.
pub const PAUSE_IMAGE: &str = "localhost/lab/pause:1.0.0";

/// A client as the user of a kubeconfig.
///
/// # Errors
/// The file cannot be read, or names what is not there.
pub async fn client(kubeconfig: &Path) -> Result<kube::Client, Error> {
    let odd = |error: kube::config::KubeconfigError| Error::File {
        action: "reading",
        path: kubeconfig.into(),
        reason: std::io::Error::other(error),
    };
    let file = kube::config::Kubeconfig::read_from(kubeconfig).map_err(odd)?;
    let mut config = kube::Config::from_custom_kubeconfig(file, &kube::config::KubeConfigOptions::default())
        .await
        .map_err(odd)?;
    // The way to the cluster is a cable of this machine; no proxy stands on it.
    config.proxy_url = None;
    Ok(kube::Client::try_from(config)?)
}
