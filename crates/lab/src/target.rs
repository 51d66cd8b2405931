//! Which cluster is meant: the embedded one, or that of a context that the person names.

use anyhow::Context;
use cluster::Layout;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{checks::View, runner::Embedded};

/// Exit code of commands whose cluster is not running.
pub const NO_CLUSTER: u8 = 3;

/// A cluster.
pub struct Target {
    /// How to reach it; its current context counts.
    pub kubeconfig: Kubeconfig,
    /// What differs when it is the embedded one.
    pub embedded: Option<Embedded>,
}

impl Target {
    /// The cluster of `context` in the person's kubeconfig, or else the embedded one; none if that is not running.
    ///
    /// # Errors
    /// A kubeconfig cannot be read.
    pub async fn choose(layout: &Layout, context: Option<String>) -> anyhow::Result<Option<Self>> {
        if let Some(context) = context {
            let own = Kubeconfig::read().context("reading the kubeconfig; KUBECONFIG says where it is")?;
            return Ok(Some(Self {
                kubeconfig: Kubeconfig {
                    current_context: Some(context),
                    ..own
                },
                embedded: None,
            }));
        }
        if !cluster::is_running(layout).await {
            return Ok(None);
        }
        Ok(Some(Self {
            kubeconfig: Kubeconfig::read_from(layout.kubeconfig())?,
            embedded: Some(Embedded::of(layout)),
        }))
    }

    /// The name of its context.
    #[must_use]
    pub fn context(&self) -> &str {
        self.kubeconfig.current_context.as_deref().unwrap_or_default()
    }

    /// What the learner's own commands look at: the context's namespace, and the folder `k8s` of the clone.
    ///
    /// # Errors
    /// There is no such context, or the cluster does not answer.
    pub async fn learners_view(&self, clone: &std::path::Path) -> anyhow::Result<View> {
        let mut config =
            Config::from_custom_kubeconfig(self.kubeconfig.clone(), &KubeConfigOptions::default()).await?;
        config.connect_timeout = Some(crate::runner::ANSWER);
        config.read_timeout = Some(crate::runner::ANSWER);
        // The client would ask again for minutes where something answers that it is down.
        config.default_retry = false;
        if self.embedded.is_some() {
            config.proxy_url = None;
        }
        let namespace = config.default_namespace.clone();
        let client = Client::try_from(config)?;
        let context = self.context();
        client
            .apiserver_version()
            .await
            .with_context(|| format!("the cluster of context {context:?} does not answer; is it running?"))?;
        Ok(View {
            client,
            namespace,
            folder: clone.join("k8s"),
        })
    }
}

/// Says that the embedded cluster is not running.
#[must_use]
pub fn not_running(layout: &Layout) -> std::process::ExitCode {
    eprintln!("error: {}", cluster::Error::NotRunning(layout.name.clone()));
    std::process::ExitCode::from(NO_CLUSTER)
}
