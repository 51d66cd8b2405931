//! What is kept of an object: a pod has 12 KiB in memory, a third of which stories and boards do not need.

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_pod_what_stories_read_is_kept() {
        let conditions =
            ["PodScheduled", "Initialized", "Ready"].map(|kind| json!({"type": kind, "status": "True"}));
        let probe = json!({"httpGet": {"path": "/healthz", "port": 8080}});
        let container = json!({"name": "api", "image": "api", "readinessProbe": probe, "ports": [{"containerPort": 8080}],
            "env": [{"name": "A", "value": "b"}], "volumeMounts": [{"name": "v", "mountPath": "/v"}]});
        let mut pod: Pod =
            serde_json::from_value(json!({"metadata": {"name": "a", "labels": {"app": "api"}},
            "spec": {"nodeName": "n", "containers": [container], "volumes": [{"name": "v", "emptyDir": {}}]},
            "status": {"conditions": conditions}}))
            .unwrap();
        pod.slim();
        let kept = serde_json::to_value(&pod).unwrap();
        let container = json!({"name": "api", "image": "api", "readinessProbe": probe, "ports": [{"containerPort": 8080}]});
        assert_eq!(kept["spec"], json!({"nodeName": "n", "containers": [container]}));
        assert_eq!(kept["metadata"]["labels"], json!({"app": "api"}));
        let left = pod.status.unwrap().conditions.unwrap();
        let left: Vec<_> = left.iter().map(|condition| &*condition.type_).collect();
        assert_eq!(left, ["PodScheduled", "Ready"]);
    }
}
