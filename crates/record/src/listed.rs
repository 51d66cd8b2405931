//! The objects of a namespace.

use std::sync::Arc;

use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod, Service},
    discovery::v1::EndpointSlice,
};
/// The objects of a namespace, each once. Kinds that may not be looked at are empty: then fewer facts come of it, and no others.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Its pods.
    pub pods: Vec<Arc<Pod>>,
    /// Its EndpointSlices.
    pub slices: Vec<Arc<EndpointSlice>>,
    /// Its Deployments.
    pub deployments: Vec<Arc<Deployment>>,
    /// Its ReplicaSets.
    pub replica_sets: Vec<Arc<ReplicaSet>>,
    /// Its Services. A version alone does not say since when it chooses what it does, so that no fact comes of it.
    pub services: Vec<Arc<Service>>,
    /// Its events.
    pub events: Vec<Arc<Event>>,
}
