//! Removing what a run has made, and nothing else.

use std::time::{Duration, Instant};

use guide::Message;
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job, core::v1::Pod};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Preconditions},
};

use access::plainly;

use super::{
    Error, Sandbox,
    sandbox::{GONE_AFTER, PERIOD},
};

/// How long the cluster may take to remove the namespaces: their pods get their time to stop.
pub(super) const CLEANUP: Duration = Duration::from_secs(120);

impl Sandbox {
    /// Deletes the namespaces and waits until they are gone. A cluster that fails to answer gets some time to come back.
    pub(super) async fn remove(&self) -> Result<(), Error> {
        let began = Instant::now();
        let mut answered = began;
        while began.elapsed() < CLEANUP {
            match self.go_on_removing().await {
                Ok(true) => return Ok(()),
                Ok(false) => answered = Instant::now(),
                Err(error) if answered.elapsed() > GONE_AFTER => {
                    return Err(self.left(Message::Verbatim(plainly(&error))));
                }
                Err(_) => {}
            }
            tokio::time::sleep(PERIOD).await;
        }
        Err(self.left(Message::new("not-removed").with("seconds", CLEANUP.as_secs())))
    }

    /// Deletes the namespaces; the cluster removes what is in them.
    pub(super) async fn ask_to_remove(&self) -> Result<(), Error> {
        for (namespace, uid) in self.made() {
            match self.namespaces().delete(&namespace, &only(uid)).await {
                Ok(_) => {}
                // It is gone, or another of the same name is there.
                Err(kube::Error::Api(other)) if matches!(other.code, 404 | 409) => {}
                Err(error) => return Err(self.left(Message::Verbatim(plainly(&error)))),
            }
        }
        Ok(())
    }

    /// Those of the namespaces that are still there.
    pub(super) async fn kept(&self) -> Vec<String> {
        let mut kept = vec![];
        for (namespace, uid) in self.made() {
            let there = self.namespaces().get_opt(&namespace).await;
            if there.is_ok_and(|there| there.is_some_and(|there| uid.is_none() || there.uid() == uid)) {
                kept.push(namespace);
            }
        }
        kept
    }

    /// Does what is next, and says whether the namespaces are gone.
    async fn go_on_removing(&self) -> Result<bool, kube::Error> {
        let mut gone = true;
        for (namespace, uid) in self.made() {
            gone &= self.go_on_removing_one(&namespace, uid).await?;
        }
        Ok(gone)
    }

    /// Pods are ended first: a cluster that has to wait for one while it removes a namespace looks again only after half
    /// of the time that the pod gets to stop. Here it gets a second, as nobody calls it any more.
    async fn go_on_removing_one(&self, namespace: &str, uid: Option<String>) -> Result<bool, kube::Error> {
        let Some(there) = self.namespaces().get_opt(namespace).await? else {
            return Ok(true);
        };
        if uid.is_some() && there.uid() != uid {
            return Ok(true);
        }
        self.made.borrow_mut().insert(namespace.to_owned(), there.uid());
        let client = &self.access.client;
        let all = ListParams::default();
        let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
        if pods.list(&all).await?.items.is_empty() {
            if there.metadata.deletion_timestamp.is_none() {
                self.namespaces().delete(namespace, &only(there.uid())).await?;
            }
        } else {
            let deployments: Api<Deployment> = Api::namespaced(client.clone(), namespace);
            deployments
                .delete_collection(&DeleteParams::background(), &all)
                .await?;
            let jobs: Api<Job> = Api::namespaced(client.clone(), namespace);
            jobs.delete_collection(&DeleteParams::background(), &all).await?;
            pods.delete_collection(&DeleteParams::default().grace_period(1), &all)
                .await?;
        }
        Ok(false)
    }

    fn left(&self, reason: Message) -> Error {
        Error::LeftBehind {
            namespaces: self.names().join(" "),
            context: self.access.context.clone(),
            reason,
        }
    }

    /// The namespaces that this run has made, or began to.
    pub(super) fn names(&self) -> Vec<String> {
        self.made.borrow().keys().cloned().collect()
    }

    fn made(&self) -> Vec<(String, Option<String>)> {
        self.made.borrow().clone().into_iter().collect()
    }
}

/// Deletes this namespace, and no other that got its name meanwhile.
fn only(uid: Option<String>) -> DeleteParams {
    let preconditions = Preconditions {
        uid,
        resource_version: None,
    };
    DeleteParams::default().preconditions(preconditions)
}
