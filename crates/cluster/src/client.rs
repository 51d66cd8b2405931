//! Clients of this cluster.

use std::path::Path;

use access::Route;
use kube::{Client, config::Kubeconfig};

use crate::Error;

/// A client as the user of a kubeconfig.
///
/// # Errors
/// The file cannot be read, or names files that are missing.
pub async fn client(kubeconfig: &Path) -> Result<Client, Error> {
    Ok(access::unasked(read(kubeconfig)?, Route::Direct).await?.client)
}

/// The same, for watches.
pub(crate) async fn watching_client(kubeconfig: &Path) -> Result<Client, Error> {
    Ok(access::for_watches(read(kubeconfig)?, Route::Direct)
        .await?
        .client)
}

fn read(kubeconfig: &Path) -> Result<Kubeconfig, access::Error> {
    Kubeconfig::read_from(kubeconfig).map_err(access::Error::Kubeconfig)
}
