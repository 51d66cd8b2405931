//! What the cluster has of a Service.

use k8s_openapi::api::{core::v1::Pod, discovery::v1::EndpointSlice};

use crate::callers::Callers;

/// What the cluster has.
pub(crate) struct Facts {
    pub(super) slices: Vec<EndpointSlice>,
    /// All pods of the namespace, for their labels.
    pub(super) pods: Vec<Pod>,
    /// Empty if none was sent.
    pub(super) callers: Callers,
    /// Whether there is such a Service.
    pub(super) exists: bool,
    /// How many pods more than its manifest asks for the Deployment of this name has.
    pub(super) surplus: usize,
}
