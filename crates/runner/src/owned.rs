//! What a run has made: it alone may be changed and removed.

use std::{collections::BTreeMap, time::Duration};

use access::{Access, plainly, wait};
use guide::{Footprint, Message};
use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{Namespace, Pod},
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
};

use super::{
    Error,
    classes::Classes,
    deletion::{only, unless_gone},
};

/// How long the cluster may take to remove the namespaces: their pods get their time to stop.
pub(super) const CLEANUP: Duration = Duration::from_secs(120);

/// The namespaces that a run has made, with their ids; without one where a step that makes it has only begun. And what is in
/// no namespace.
pub(super) struct Owned {
    access: Access,
    made: BTreeMap<String, Option<String>>,
    classes: Classes,
}

impl Owned {
    /// Nothing so far.
    pub(super) fn new(access: Access) -> Self {
        Self {
            access,
            made: BTreeMap::new(),
            classes: Classes::default(),
        }
    }

    /// Makes a namespace.
    ///
    /// # Errors
    /// The cluster refuses, or does not say whether it has made it.
    pub(super) async fn make(&mut self, namespace: &Namespace) -> Result<(), Error> {
        let namespaces = self.namespaces();
        let error = match namespaces.create(&PostParams::default(), namespace).await {
            Ok(made) => {
                self.learn(&made);
                return Ok(());
            }
            Err(error) => error,
        };
        let name = namespace.name_any();
        let refusal = matches!(&error, kube::Error::Api(status) if status.code < 500);
        // Where no answer came, it may be made all the same.
        if refusal || namespaces.delete(&name, &DeleteParams::default()).await.is_ok() {
            let action = Message::new("action-make-namespace");
            return Err(Error::refused(&self.access, action, &error));
        }
        Err(Error::MaybeMade {
            namespace: name,
            context: self.access.context.clone(),
            reason: plainly(&error),
        })
    }

    /// Refuses to change what is in no namespace and not of this run.
    ///
    /// # Errors
    /// There is such a thing, or the cluster does not say.
    pub(super) async fn only_own_classes(&self, footprint: &Footprint) -> Result<(), Error> {
        self.classes.only_own(&self.access, footprint).await
    }

    /// Counts what a step makes as this run's before it does: it may be interrupted.
    pub(super) fn claim(&mut self, footprint: &Footprint) {
        self.classes.claim(footprint);
        let names = footprint.namespaces().map(|namespace| namespace.name.clone());
        self.made.extend(names.map(|name| (name, None)));
    }

    /// Notes the ids of what a step has made: another of the same name would not be this run's.
    ///
    /// # Errors
    /// The cluster refuses, or does not answer.
    pub(super) async fn learn_all(&mut self, footprint: &Footprint) -> Result<(), Error> {
        self.classes.learn(&self.access, footprint).await?;
        for namespace in footprint.namespaces() {
            let there = self.namespaces().get_opt(&namespace.name).await;
            let action = Message::new("action-show-namespace");
            if let Some(there) = there.map_err(|error| Error::refused(&self.access, action, &error))? {
                self.learn(&there);
            }
        }
        Ok(())
    }

    fn learn(&mut self, there: &Namespace) {
        self.made.insert(there.name_any(), there.uid());
    }

    /// Whether this run has made a namespace.
    pub(super) fn has(&self, there: &Namespace) -> bool {
        self.made.get(&there.name_any()) == Some(&there.uid())
    }

    /// The namespaces that this run has made, or began to.
    pub(super) fn names(&self) -> Vec<String> {
        self.made.keys().cloned().collect()
    }

    /// Those of the namespaces that are still there.
    pub(super) async fn kept(&self) -> Vec<String> {
        let mut kept = vec![];
        for (namespace, uid) in &self.made {
            let there = self.namespaces().get_opt(namespace).await;
            if there.is_ok_and(|there| there.is_some_and(|there| uid.is_none() || there.uid() == *uid)) {
                kept.push(namespace.clone());
            }
        }
        kept
    }

    /// Deletes the namespaces and waits until they are gone.
    ///
    /// # Errors
    /// They may still be there.
    pub(super) async fn remove(&mut self) -> Result<(), Error> {
        self.remove_classes().await?;
        let gone = wait::until(CLEANUP, async || {
            let gone = wait::patiently(async || self.go_on_removing().await).await?;
            Ok(gone.then_some(()))
        });
        match gone.await {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(self.left(Message::new("not-removed").with("seconds", CLEANUP.as_secs()))),
            Err(error) => Err(self.left_by(&error)),
        }
    }

    /// Deletes the namespaces; the cluster removes what is in them.
    ///
    /// # Errors
    /// They may still be there.
    pub(super) async fn ask_to_remove(&self) -> Result<(), Error> {
        self.remove_classes().await?;
        for (namespace, uid) in &self.made {
            let deleted = self.namespaces().delete(namespace, &only(uid.clone())).await;
            unless_gone(deleted.map(|_| ())).map_err(|error| self.left_by(&error))?;
        }
        Ok(())
    }

    async fn remove_classes(&self) -> Result<(), Error> {
        let removed = wait::patiently(async || self.classes.remove(&self.access).await).await;
        removed.map_err(|error| self.left_by(&error))
    }

    /// Does what is next, and says whether the namespaces are gone.
    async fn go_on_removing(&mut self) -> Result<bool, kube::Error> {
        let mut gone = true;
        for (name, uid) in self.made.clone() {
            let there = self.namespaces().get_opt(&name).await?;
            if let Some(there) = there.filter(|there| uid.is_none() || there.uid() == uid) {
                self.learn(&there);
                unless_gone(self.remove_next(&there).await)?;
                gone = false;
            }
        }
        Ok(gone)
    }

    /// Pods are ended first: a cluster that has to wait for one while it removes a namespace looks again only after half
    /// of the time that the pod gets to stop. Here it gets a second, as nobody calls it any more.
    async fn remove_next(&self, there: &Namespace) -> Result<(), kube::Error> {
        let (name, client) = (there.name_any(), &self.access.client);
        let (all, background) = (ListParams::default(), DeleteParams::background());
        let pods: Api<Pod> = Api::namespaced(client.clone(), &name);
        if !pods.list(&all).await?.items.is_empty() {
            let deployments: Api<Deployment> = Api::namespaced(client.clone(), &name);
            deployments.delete_collection(&background, &all).await?;
            let jobs: Api<Job> = Api::namespaced(client.clone(), &name);
            jobs.delete_collection(&background, &all).await?;
            let soon = DeleteParams::default().grace_period(1);
            pods.delete_collection(&soon, &all).await?;
        } else if there.metadata.deletion_timestamp.is_none() {
            self.namespaces().delete(&name, &only(there.uid())).await?;
        }
        Ok(())
    }

    fn left_by(&self, error: &kube::Error) -> Error {
        self.left(Message::Verbatim(plainly(error)))
    }

    fn left(&self, reason: Message) -> Error {
        Error::LeftBehind {
            namespaces: self.names().join(" "),
            context: self.access.context.clone(),
            reason,
        }
    }

    fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.access.client.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use access::fake;
    use serde_json::{Value, json};

    use super::*;

    fn namespace() -> (Value, Namespace) {
        let own = json!({ "metadata": { "name": "own", "uid": "1" } });
        (own.clone(), serde_json::from_value(own).unwrap())
    }

    #[tokio::test]
    async fn a_namespace_whose_making_was_not_answered_is_removed_or_named() {
        let make = async |made: u16, deleted: u16| {
            let asked = Arc::new(Mutex::new(vec![]));
            let requests = Arc::clone(&asked);
            let access = fake::access(move |request, _| {
                requests.lock().unwrap().push(request.to_owned());
                match if request.starts_with("POST") {
                    made
                } else {
                    deleted
                } {
                    200 => (200, json!({ "metadata": {} })),
                    code => fake::refusal(code, "why"),
                }
            });
            let error = Owned::new(access).make(&namespace().1).await.unwrap_err();
            let asked = asked.lock().unwrap().get(1).cloned();
            (
                matches!(error, Error::MaybeMade { namespace, .. } if namespace == "own"),
                asked,
            )
        };
        let delete = Some("DELETE /api/v1/namespaces/own".to_owned());
        assert_eq!(make(504, 200).await, (false, delete.clone()));
        assert_eq!(make(504, 404).await, (true, delete));
        // One of that name that was there before is somebody else's.
        assert_eq!(make(409, 200).await, (false, None));
    }

    #[tokio::test]
    async fn another_namespace_of_the_same_name_is_left_alone() {
        let deleted = Arc::new(Mutex::new(false));
        let seen = Arc::clone(&deleted);
        let (own, namespace) = namespace();
        let access = fake::access(move |request, _| {
            *seen.lock().unwrap() |= request.starts_with("DELETE");
            match request {
                "POST /api/v1/namespaces" => (201, own.clone()),
                _ => (200, json!({ "metadata": { "name": "own", "uid": "2" } })),
            }
        });
        let mut owned = Owned::new(access);
        owned.make(&namespace).await.unwrap();
        owned.remove().await.unwrap();
        assert!(!*deleted.lock().unwrap());
    }
}
