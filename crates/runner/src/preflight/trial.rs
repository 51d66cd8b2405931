//! A namespace for what is made on a cluster only to see what comes of it.

use std::time::Duration;

use access::{plainly, wait};
use guide::Message;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{
    Api, Client,
    api::{DeleteParams, PostParams},
};
use serde_json::json;
use tokio::time::timeout;

/// How long a new namespace may be without its service account, which pods need.
const ACCOUNT: Duration = Duration::from_secs(30);
/// How long the cluster may take to accept that the namespace goes.
const REMOVED_WITHIN: Duration = Duration::from_secs(5);

/// A namespace of a name of its own. What is in it may cost money, so that whoever makes it has to call [`Trial::remove`],
/// however the trial ended.
pub struct Trial {
    client: Client,
    namespace: String,
    /// Whether it may be there: from before it is asked for until it is refused.
    made: bool,
}

impl Trial {
    /// Names one; makes nothing.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            namespace: format!("lab-probe-{:08x}", rand::random::<u32>()),
            made: false,
        }
    }

    /// Makes the namespace, if it is not there yet, and gives its name.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn make(&mut self) -> Result<&str, kube::Error> {
        if !self.made {
            let namespace = json!({ "metadata": { "name": self.namespace } });
            let namespace = serde_json::from_value(namespace).map_err(kube::Error::SerdeError)?;
            self.made = true;
            let made = self.namespaces().create(&PostParams::default(), &namespace).await;
            if let Err(kube::Error::Api(status)) = &made {
                self.made = status.code >= 500;
            }
            made?;
        }
        Ok(&self.namespace)
    }

    /// The same, and waits until pods can be made in it: false if that did not come.
    ///
    /// # Errors
    /// As [`Trial::make`].
    pub async fn make_for_pods(&mut self) -> Result<bool, kube::Error> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), self.make().await?);
        wait::watch(&accounts, "default", ACCOUNT, |account| account.is_some()).await
    }

    /// Its name, whether it is there or not.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Removes what was made, and does not wait for a cluster that does not answer.
    ///
    /// # Errors
    /// It may still be there: what to do about it.
    pub async fn remove(self) -> Result<(), Message> {
        if !self.made {
            return Ok(());
        }
        let (namespaces, parameters) = (self.namespaces(), DeleteParams::default());
        let reason = match timeout(REMOVED_WITHIN, namespaces.delete(&self.namespace, &parameters)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(kube::Error::Api(status))) if status.code == 404 => return Ok(()),
            Ok(Err(error)) => plainly(&error),
            Err(late) => late.to_string(),
        };
        Err(Message::new("probe-left")
            .with("namespace", self.namespace)
            .with("reason", reason))
    }

    fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.client.clone())
    }
}
