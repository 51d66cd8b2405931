//! The one place in this crate where a client is made.

use std::path::Path;

use crate::Error;

/// A client as the user of a kubeconfig.
///
/// # Errors
/// The file cannot be read, or names files that are missing.
pub async fn client(kubeconfig: &Path) -> Result<kube::Client, Error> {
    let unusable = |error: kube::config::KubeconfigError| Error::File {
        action: "reading",
        path: kubeconfig.into(),
        reason: std::io::Error::other(error),
    };
    let file = kube::config::Kubeconfig::read_from(kubeconfig).map_err(unusable)?;
    let mut config = kube::Config::from_custom_kubeconfig(file, &kube::config::KubeConfigOptions::default())
        .await
        .map_err(unusable)?;
    // The cluster is at the other end of a veth pair; no proxy is on the way.
    config.proxy_url = None;
    Ok(kube::Client::try_from(config)?)
}
