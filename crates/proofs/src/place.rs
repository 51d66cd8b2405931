//! The place that proofs look at, and how strictly.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use k8s_openapi::{NamespaceResourceScope, api::core::v1::Service};
use kube::{Api, Client};

use crate::{callers::Callers, once::Once};

/// How long a caller, or the API server on our behalf, waits for an answer in a run.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same while a learner waits for one look at everything.
const SHORT_PATIENCE: Duration = Duration::from_secs(2);
/// The same where nobody is behind an address.
const NO_HOPE: Duration = Duration::from_millis(300);

/// A namespace, and the folder where the commands run.
#[derive(Clone)]
pub struct Place {
    /// A client of the cluster.
    pub client: Client,
    /// The namespace.
    pub namespace: String,
    /// The folder.
    pub folder: PathBuf,
    learner: Option<Arc<LearnersLook>>,
}

/// One look at everything on behalf of a learner.
#[derive(Default)]
struct LearnersLook {
    /// How many pods more than its manifest asks for a Deployment has, by namespace and name.
    surplus: BTreeMap<(String, String), usize>,
    callers: Once<Callers>,
    bodies: Once<Option<(u16, Vec<u8>)>>,
    pods: Once<Option<u16>, (String, String, String)>,
}

/// What a pod answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodAnswer {
    /// The pod's namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// The path that it was asked for.
    pub path: String,
    /// The HTTP status; none if it did not answer.
    pub status: Option<u16>,
}

impl Place {
    /// A place where each number has to be as the guide has it, and where every look asks anew.
    #[must_use]
    pub fn new(client: Client, namespace: String, folder: PathBuf) -> Self {
        Self {
            client,
            namespace,
            folder,
            learner: None,
        }
    }

    /// The same place for one look at all of a learner's work: each address is asked once, waited for shortly, and what is
    /// more than the guide's is as good: pods (by as many as `surplus` has for a Deployment, by namespace and name), restarts,
    /// revisions.
    #[must_use]
    pub fn for_learner(&self, surplus: BTreeMap<(String, String), usize>) -> Self {
        let look = LearnersLook {
            surplus,
            ..LearnersLook::default()
        };
        Self {
            learner: Some(Arc::new(look)),
            ..self.clone()
        }
    }

    /// Whether more than the guide has is as good.
    pub(crate) fn is_lenient(&self) -> bool {
        self.learner.is_some()
    }

    /// How many pods more than its manifest asks for a Deployment has.
    pub(crate) fn surplus(&self, deployment: &str, namespace: Option<&str>) -> usize {
        let name = (self.namespace(namespace).to_owned(), deployment.to_owned());
        let surplus = self.learner.as_ref().and_then(|look| look.surplus.get(&name));
        surplus.copied().unwrap_or_default()
    }

    /// How long an answer is waited for, at most.
    pub(crate) fn patience(&self) -> Duration {
        match self.learner {
            Some(_) => SHORT_PATIENCE,
            None => PATIENCE,
        }
    }

    /// What callers of an address meet. Where there is no `hope`, as nobody is behind it, a learner does not wait long: the
    /// kernel, which refuses, soon falls silent.
    pub(crate) async fn callers(&self, base: Option<String>, path: &str, hope: bool) -> Callers {
        let asked = format!("{base:?} {path}");
        let patience = match self.is_lenient() && !hope {
            true => NO_HOPE,
            false => self.patience(),
        };
        let call = crate::callers::call(base, path, patience);
        match &self.learner {
            Some(look) => look.callers.ask(asked, call).await,
            None => call.await,
        }
    }

    /// The status and the body of an answer that may take `patience`.
    pub(crate) async fn body(&self, uri: &str, accept: &str, patience: Duration) -> Option<(u16, Vec<u8>)> {
        let asked = format!("{uri} {accept}");
        let get = crate::callers::get(uri, accept, patience);
        match &self.learner {
            Some(look) => look.bodies.ask(asked, get).await,
            None => get.await,
        }
    }

    /// What a pod answers, which `ask` finds out.
    pub(crate) async fn pod_status(
        &self,
        namespace: &str,
        pod: &str,
        path: &str,
        ask: impl Future<Output = Option<u16>>,
    ) -> Option<u16> {
        let asked = (namespace.to_owned(), pod.to_owned(), path.to_owned());
        match &self.learner {
            Some(look) => look.pods.ask(asked, ask).await,
            None => ask.await,
        }
    }

    /// What pods answered in this look: namespace, pod, path, and the status if there was one.
    #[must_use]
    pub fn pod_answers(&self) -> Vec<PodAnswer> {
        let answers = self
            .learner
            .as_ref()
            .map(|look| look.pods.answers())
            .unwrap_or_default();
        answers
            .into_iter()
            .map(|((namespace, pod, path), status)| PodAnswer {
                namespace,
                pod,
                path,
                status,
            })
            .collect()
    }

    /// The namespace that a proof means.
    pub(crate) fn namespace<'a>(&'a self, named: Option<&'a str>) -> &'a str {
        named.unwrap_or(&self.namespace)
    }

    /// Objects of a kind, in the namespace that a proof means.
    pub(crate) fn api<K>(&self, namespace: Option<&str>) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), self.namespace(namespace))
    }

    /// The URL of a Service's address outside the cluster, if it has one.
    pub(crate) async fn outside(
        &self,
        service: &str,
        namespace: Option<&str>,
    ) -> Result<Option<String>, kube::Error> {
        let service = self.api::<Service>(namespace).get_opt(service).await?;
        Ok(service.as_ref().and_then(access::outside_url))
    }
}
