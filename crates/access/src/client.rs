//! Clients, all with the same time limits.

use std::time::Duration;

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::Error;

/// How long the API server may take to accept a connection, and then for one answer. The client itself would wait
/// forever for a server that accepts and stays silent.
pub const ANSWER: Duration = Duration::from_secs(10);

/// What is between this machine and a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Whatever the person's environment and kubeconfig say, a proxy included.
    Person,
    /// A veth pair of this machine: no proxy.
    Direct,
}

/// A way to a cluster that has answered.
#[derive(Clone)]
pub struct Access {
    /// The client.
    pub client: Client,
    /// The kubeconfig's context.
    pub context: String,
    /// The namespace that the context names, or `default`.
    pub namespace: String,
}

/// Opens a way to the cluster of the kubeconfig's current context, and asks it for its version.
///
/// # Errors
/// There is no such context, or the cluster does not answer within [`ANSWER`], or not to this user.
pub async fn open(kubeconfig: Kubeconfig, route: Route) -> Result<Access, Error> {
    let access = unasked(kubeconfig, route).await?;
    match access.client.apiserver_version().await {
        Ok(_) => Ok(access),
        Err(error) => Err(Error::unanswered(access.context, &error)),
    }
}

/// The same way, without asking whether anybody answers.
///
/// # Errors
/// There is no such context, or the kubeconfig names files that cannot be read.
pub async fn unasked(kubeconfig: Kubeconfig, route: Route) -> Result<Access, Error> {
    made(kubeconfig, route, Some(ANSWER)).await
}

/// A way for watches, on which nothing may come for minutes: only connecting has a time limit.
///
/// # Errors
/// As [`unasked`].
pub async fn for_watches(kubeconfig: Kubeconfig, route: Route) -> Result<Access, Error> {
    made(kubeconfig, route, None).await
}

async fn made(kubeconfig: Kubeconfig, route: Route, silence: Option<Duration>) -> Result<Access, Error> {
    let context = kubeconfig.current_context.clone().unwrap_or_default();
    let known: Vec<_> = kubeconfig
        .contexts
        .iter()
        .map(|known| known.name.clone())
        .collect();
    if !known.contains(&context) {
        return Err(Error::NoContext { context, known });
    }
    #[expect(clippy::disallowed_methods, reason = "this is the one way")]
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let mut config = config.map_err(Error::Kubeconfig)?;
    config.connect_timeout = Some(ANSWER);
    config.read_timeout = silence;
    // Whoever asks again does so with a deadline. The client would do it for minutes, and for a pod's own 503 as well.
    config.default_retry = false;
    if route == Route::Direct {
        config.proxy_url = None;
    }
    let namespace = config.default_namespace.clone();
    let client = Client::try_from(config).map_err(|error| Error::unanswered(context.clone(), &error))?;
    Ok(Access {
        client,
        context,
        namespace,
    })
}
