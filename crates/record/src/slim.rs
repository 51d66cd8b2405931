//! What is kept of an object: a pod has 12 KiB in memory, of which stories and boards need a third.

use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{Deployment, ReplicaSet},
        core::v1::{Container, Event, Pod, Service},
        discovery::v1::EndpointSlice,
    },
};
use kube::Resource;

/// A kind whose objects are kept.
pub(crate) trait Slim: Resource<Scope = NamespaceResourceScope, DynamicType = ()> {
    /// Leaves out what nobody here asks for, and the room for what might have come.
    fn slim(&mut self) {}
}

impl Slim for Pod {
    fn slim(&mut self) {
        if let Some(spec) = &mut self.spec {
            spec.affinity = None;
            spec.node_selector = None;
            spec.tolerations = None;
            spec.volumes = None;
            shrink(&mut spec.init_containers);
            spec.containers.shrink_to_fit();
            let of_init = spec.init_containers.iter_mut().flatten();
            of_init.chain(&mut spec.containers).for_each(slim_container);
        }
        if let Some(status) = &mut self.status {
            if let Some(conditions) = &mut status.conditions {
                conditions.retain(|condition| matches!(&*condition.type_, "PodScheduled" | "Ready"));
            }
            shrink(&mut status.conditions);
            shrink(&mut status.container_statuses);
            shrink(&mut status.init_container_statuses);
            shrink(&mut status.ephemeral_container_statuses);
        }
        self.metadata.annotations = None;
        shrink(&mut self.metadata.owner_references);
    }
}

fn slim_container(container: &mut Container) {
    container.env = None;
    container.env_from = None;
    container.volume_mounts = None;
}

fn shrink<T>(list: &mut Option<Vec<T>>) {
    if let Some(list) = list {
        list.shrink_to_fit();
    }
}

impl Slim for EndpointSlice {}
impl Slim for Deployment {}
impl Slim for ReplicaSet {}
impl Slim for Service {}
impl Slim for Event {}
