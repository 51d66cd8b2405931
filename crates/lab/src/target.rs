//! The cluster that a command works on: the embedded one, or the one of a kubeconfig context.

use std::time::Duration;

use access::{Access, Kubelets};
use cluster::Layout;
use guide::Message;
use jiff::Timestamp;
use kube::config::Kubeconfig;
use proofs::Place;
use record::Reach;
use runner::Embedded;

use crate::memory::{self, Memory};

/// How long a plugin of the kubeconfig may take before a person is told what goes on.
const UNTOLD: Duration = Duration::from_secs(3);

/// How often it is looked whether the embedded cluster is still there.
const STILL_THERE: Duration = Duration::from_millis(100);

/// The cluster that a command works on.
pub struct Target {
    /// How to reach it; its current context counts.
    pub kubeconfig: Kubeconfig,
    /// Set for the embedded one.
    pub embedded: Option<Embedded>,
}

impl Target {
    /// The cluster of `context` in the person's kubeconfig, or else the embedded one.
    ///
    /// # Errors
    /// The kubeconfig cannot be read; without a context, the embedded cluster is not running or does not answer.
    pub async fn choose(layout: &Layout, context: Option<String>) -> anyhow::Result<Self> {
        if let Some(context) = context {
            return Ok(Self::of_context(context)?);
        }
        cluster::running(layout).await?;
        Ok(Self {
            kubeconfig: access::read(&layout.kubeconfig())?,
            embedded: Some(embedded(layout)),
        })
    }

    /// The cluster of a context in the person's kubeconfig.
    ///
    /// # Errors
    /// The kubeconfig cannot be read.
    pub fn of_context(context: String) -> Result<Self, access::Error> {
        Ok(Self {
            kubeconfig: Kubeconfig {
                current_context: Some(context),
                ..access::person()?
            },
            embedded: None,
        })
    }

    /// The name of its context.
    #[must_use]
    pub fn context(&self) -> &str {
        self.kubeconfig.current_context.as_deref().unwrap_or_default()
    }

    /// Opens a client; says what it waits for where that is a program of the person's.
    ///
    /// # Errors
    /// There is no such context, it cannot be used, or the cluster does not answer.
    pub async fn open(&self) -> Result<Access, access::Error> {
        let opening = access::open(self.kubeconfig.clone(), Embedded::route(self.embedded.as_ref()));
        tokio::pin!(opening);
        if let Some(plugin) = access::plugin_of(&self.kubeconfig) {
            tokio::select! {
                opened = &mut opening => return opened,
                () = tokio::time::sleep(UNTOLD) => eprintln!(
                    "... Waiting for {plugin:?}, which the kubeconfig names, to give credentials: {} s at most",
                    access::PLUGIN.as_secs()
                ),
            }
        }
        opening.await
    }

    /// The ways that a watch needs, beside the one that was opened.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn reach(&self, access: &Access) -> Result<Reach, access::Error> {
        let route = Embedded::route(self.embedded.as_ref());
        let watches = access::for_watches(self.kubeconfig.clone(), route).await?;
        Ok(Reach {
            answers: access.client.clone(),
            watches: watches.client,
            kubelets: Some(Kubelets::new(self.kubeconfig.clone(), route)),
            rules: None,
        })
    }

    /// Waits until the embedded cluster is removed, and says so; forever with another. Whoever goes on asking it has to stop then:
    /// its addresses are somebody else's again.
    ///
    /// # Errors
    /// It was removed.
    pub async fn removed(&self, layout: &Layout) -> Result<std::convert::Infallible, cluster::Error> {
        if self.embedded.is_none() {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(STILL_THERE).await;
            if !layout.namespace().exists() {
                return Err(cluster::Error::NotRunning(layout.name.clone()));
            }
        }
    }

    /// The place where the learner's own commands work: the context's namespace, and the clone's folder `k8s`.
    ///
    /// # Errors
    /// There is no such context, or the cluster does not answer.
    pub async fn learners_place(&self, clone: &std::path::Path) -> Result<Place, access::Error> {
        let access = self.open().await?;
        Ok(Place::new(access.client, access.namespace, clone.join("k8s")))
    }

    /// What is remembered of a place of this cluster; with it, what a person has to know.
    ///
    /// # Errors
    /// The cluster does not answer, or fails.
    pub async fn memory(
        &self,
        place: &Place,
        now: Timestamp,
    ) -> Result<(Memory, Option<Message>), kube::Error> {
        let cluster = memory::identity(&place.client, memory::server(&self.kubeconfig)).await?;
        Ok(Memory::open(&cluster, &place.namespace, now))
    }
}

/// The paths of the embedded cluster that commands need.
#[must_use]
pub fn embedded(layout: &Layout) -> Embedded {
    Embedded {
        programs: layout.bin(),
        discovery: layout.discovery(),
    }
}
