//! What everybody asks of an object.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        core::v1::{ContainerState, Event, LoadBalancerIngress, Node, Pod, Service},
        discovery::v1::{Endpoint, EndpointSlice},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
    jiff::Timestamp,
};

/// Objects that report conditions.
pub trait Conditions {
    /// The type and the status of each condition.
    fn conditions(&self) -> Vec<(&str, &str)>;
}

impl Conditions for Pod {
    fn conditions(&self) -> Vec<(&str, &str)> {
        let conditions = self
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        conditions
            .map(|condition| (condition.type_.as_str(), condition.status.as_str()))
            .collect()
    }
}

impl Conditions for Node {
    fn conditions(&self) -> Vec<(&str, &str)> {
        let conditions = self
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        conditions
            .map(|condition| (condition.type_.as_str(), condition.status.as_str()))
            .collect()
    }
}

/// Whether a pod or node has the condition `Ready`.
#[must_use]
pub fn is_ready(object: &impl Conditions) -> bool {
    object.conditions().contains(&("Ready", "True"))
}

/// Why the scheduler has found no node for a pod; none if it has, or has not said why.
#[must_use]
pub fn without_node(pod: &Pod) -> Option<&str> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let scheduled = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled")?;
    (scheduled.status == "False").then_some(scheduled.message.as_deref()?)
}

/// Whether a pod's volumes are mounted: only then is its sandbox made, in which its containers start (kubelet, `Kubelet.SyncPod`). Kubelets
/// before 1.29 say nothing of it; there it is enough that a container has run.
#[must_use]
pub fn has_volumes(pod: &Pod) -> bool {
    let conditions = pod.conditions();
    let ready = conditions
        .iter()
        .find(|(kind, _)| *kind == "PodReadyToStartContainers");
    ready.map_or_else(|| has_run(pod), |(_, status)| *status == "True")
}

fn has_run(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let all = status.into_iter().flat_map(|status| {
        let usual = status.container_statuses.iter().flatten();
        usual.chain(status.init_container_statuses.iter().flatten())
    });
    let made = |state: &ContainerState| state.running.is_some() || state.terminated.is_some();
    all.flat_map(|container| [&container.state, &container.last_state])
        .flatten()
        .any(made)
}

/// When an event happened last: one that happens again and again is one object, as old as its first time.
#[must_use]
pub fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref());
    let times = [series, event.event_time.as_ref()].map(|time| time.map(|time| time.0));
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    let created = event.metadata.creation_timestamp.as_ref();
    let newest = times.into_iter().flatten().chain(last).max();
    newest.or_else(|| created.map(|time| time.0))
}

/// The labels by which a Service selects pods, if it does.
#[must_use]
pub fn selector_of(service: &Service) -> Option<&BTreeMap<String, String>> {
    let selector = service.spec.as_ref()?.selector.as_ref();
    selector.filter(|selector| !selector.is_empty())
}

/// Whether a selector of labels selects an object.
#[must_use]
pub fn selects(selector: &BTreeMap<String, String>, object: &ObjectMeta) -> bool {
    let labels = object.labels.as_ref();
    selector
        .iter()
        .all(|(key, value)| labels.and_then(|all| all.get(key)) == Some(value))
}

/// The Service that a slice is of.
#[must_use]
pub fn service_of(slice: &EndpointSlice) -> Option<&str> {
    let labels = slice.metadata.labels.as_ref()?;
    labels.get("kubernetes.io/service-name").map(String::as_str)
}

/// Whether an endpoint gets traffic. One that says nothing of being ready does (`discovery/v1`, `EndpointConditions.Ready`: "A nil
/// value should be interpreted as true").
#[must_use]
pub fn gets_traffic(endpoint: &Endpoint) -> bool {
    let conditions = endpoint.conditions.as_ref();
    conditions.and_then(|conditions| conditions.ready).unwrap_or(true)
}

/// Whether a Service has an address outside the cluster.
#[must_use]
pub fn has_address(service: &Service) -> bool {
    !ingress(service).is_empty()
}

/// The first address of a Service of type `LoadBalancer`, an IP address rather than a name, with its first port.
#[must_use]
pub fn outside_url(service: &Service) -> Option<String> {
    let port = service.spec.as_ref()?.ports.as_ref()?.first()?.port;
    let ingress = ingress(service);
    let ip = ingress.iter().find_map(|entry| entry.ip.as_deref());
    let host = ip.or_else(|| ingress.iter().find_map(|entry| entry.hostname.as_deref()))?;
    Some(if host.contains(':') {
        format!("http://[{host}]:{port}")
    } else {
        format!("http://{host}:{port}")
    })
}

/// The most images that a kubelet lists in its node's status, the largest first.
const LISTED_IMAGES: usize = 50;

/// Whether a node has an image with a name that `is_it` accepts; none where its list is full without one.
pub fn has_image(node: &Node, is_it: impl Fn(&str) -> bool) -> Option<bool> {
    let images = node.status.as_ref().and_then(|status| status.images.as_deref());
    let images = images.unwrap_or_default();
    let mut names = images.iter().flat_map(|image| image.names.iter().flatten());
    if names.any(|name| is_it(name)) {
        Some(true)
    } else {
        (images.len() < LISTED_IMAGES).then_some(false)
    }
}

fn ingress(service: &Service) -> &[LoadBalancerIngress] {
    let balancer = service
        .status
        .as_ref()
        .and_then(|status| status.load_balancer.as_ref());
    balancer
        .and_then(|balancer| balancer.ingress.as_deref())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(ingress: &serde_json::Value) -> Option<String> {
        let service = serde_json::json!({
            "metadata": {},
            "spec": { "ports": [{ "port": 8013 }] },
            "status": { "loadBalancer": { "ingress": ingress } },
        });
        outside_url(&serde_json::from_value(service).unwrap())
    }

    #[test]
    fn an_address_is_taken_before_a_name() {
        let both =
            serde_json::json!([{ "hostname": "3323117569" }, { "ip": "198.18.192.1", "ipMode": "VIP" }]);
        assert_eq!(url(&both).unwrap(), "http://198.18.192.1:8013");
        assert_eq!(
            url(&serde_json::json!([{ "hostname": "localhost" }])).unwrap(),
            "http://localhost:8013"
        );
        assert_eq!(
            url(&serde_json::json!([{ "ip": "2001:db8::1" }])).unwrap(),
            "http://[2001:db8::1]:8013"
        );
        assert_eq!(url(&serde_json::json!([])), None);
    }

    #[test]
    fn nothing_is_known_of_an_image_that_a_full_list_lacks() {
        const NAME: &str = "localhost/lab/pi-web:1.0.0";
        for (has, others, expected) in [
            (false, 49, Some(false)),
            (false, 50, None),
            (false, 200, None),
            (true, 49, Some(true)),
            (true, 200, Some(true)),
        ] {
            let mut images = vec![serde_json::json!({ "names": ["other/name"] }); others];
            images.extend(has.then(|| serde_json::json!({ "names": ["other/name", NAME] })));
            let node = serde_json::json!({ "metadata": {}, "status": { "images": images } });
            let node = serde_json::from_value(node).unwrap();
            assert_eq!(has_image(&node, |name| name == NAME), expected, "{has} {others}");
        }
    }
}
