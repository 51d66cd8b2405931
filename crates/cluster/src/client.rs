//! Clients of this cluster.

use std::path::Path;

use access::Route;
use kube::Client;

use crate::Error;

/// A client as the user of a kubeconfig.
///
/// # Errors
/// The file cannot be read, or names files that are missing.
pub async fn client(kubeconfig: &Path) -> Result<Client, Error> {
    Ok(access::unasked(access::read(kubeconfig)?, Route::Direct)
        .await?
        .client)
}

/// The same, for watches.
pub(crate) async fn watching_client(kubeconfig: &Path) -> Result<Client, Error> {
    Ok(access::for_watches(access::read(kubeconfig)?, Route::Direct)
        .await?
        .client)
}
