//! The place that proofs look at.

use std::path::PathBuf;

use k8s_openapi::{NamespaceResourceScope, api::core::v1::Service};
use kube::{Api, Client};

/// A namespace, and the folder where the commands run.
#[derive(Clone)]
pub struct Place {
    /// A client of the cluster.
    pub client: Client,
    /// The namespace.
    pub namespace: String,
    /// The folder.
    pub folder: PathBuf,
}

impl Place {
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
