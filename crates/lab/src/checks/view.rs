//! The place that checks look at.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::Service;
use kube::{Api, Client};

use super::http::base_url;

/// A namespace, and the folder where the commands run.
#[derive(Clone)]
pub struct View {
    /// A client of the cluster.
    pub client: Client,
    /// The namespace.
    pub namespace: String,
    /// The folder.
    pub folder: PathBuf,
}

impl View {
    /// The namespace that a check means.
    pub(super) fn namespace<'a>(&'a self, named: Option<&'a str>) -> &'a str {
        named.unwrap_or(&self.namespace)
    }

    /// Objects of a kind, in the namespace that a check means.
    pub(super) fn api<K>(&self, namespace: Option<&str>) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), self.namespace(namespace))
    }

    /// The URL of a Service's address outside the cluster, if it has one.
    pub(super) async fn outside(
        &self,
        service: &str,
        namespace: Option<&str>,
    ) -> Result<Option<String>, kube::Error> {
        let service = self.api::<Service>(namespace).get_opt(service).await?;
        Ok(service.as_ref().and_then(base_url))
    }
}
