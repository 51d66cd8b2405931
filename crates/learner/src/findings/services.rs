//! Services that lead nowhere.

use std::collections::{BTreeMap, BTreeSet};

use guide::{Message, Stage};
use k8s_openapi::{
    api::core::v1::{Pod, Service},
    apimachinery::pkg::util::intstr::IntOrString,
};
use kube::ResourceExt;

use crate::{
    finding::{Finding, title},
    scene::Scene,
};

pub(super) fn find(scene: &Scene, stage: &Stage) -> Vec<Finding> {
    let mut found = vec![];
    for name in stage.objects.keys().filter(|name| name.kind == "Service") {
        let Some(room) = scene.room(name) else {
            continue;
        };
        let service = room
            .services
            .iter()
            .find(|service| service.name_any() == name.name);
        let Some(spec) = service.and_then(|service| service.spec.as_ref()) else {
            continue;
        };
        let selector = spec.selector.clone().unwrap_or_default();
        let pods: Vec<_> = room
            .pods
            .iter()
            .filter(|pod| !selector.is_empty() && matches(pod, &selector))
            .collect();
        if pods.is_empty() && !room.pods.is_empty() {
            let message = Message::new("find-selects-nobody")
                .with("service", title(name))
                .with("selector", text(&selector));
            // Where pods are not there yet, this will pass; where there are some, they have other labels.
            found.push(Finding::fact(message));
        }
        found.extend(ports(service, &pods).map(|(target, ports)| {
            let message = Message::new("find-target-port")
                .with("service", title(name))
                .with("port", target)
                .with("ports", ports);
            Finding::wrong(message)
        }));
        if spec.type_.as_deref() == Some("LoadBalancer") && !service.is_some_and(access::has_address) {
            let message = Message::new("find-no-address").with("service", title(name));
            found.push(Finding::fact(message));
        }
    }
    found
}

fn matches(pod: &Pod, selector: &BTreeMap<String, String>) -> bool {
    selector
        .iter()
        .all(|(key, value)| pod.labels().get(key) == Some(value))
}

fn text(labels: &BTreeMap<String, String>) -> String {
    let labels: Vec<_> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    labels.join(",")
}

/// The port to which a Service sends requests and which no container of its pods names, with those that they name.
fn ports(service: Option<&Service>, pods: &[&Pod]) -> Option<(String, String)> {
    let port = service?.spec.as_ref()?.ports.as_ref()?.first()?;
    let containers = pods
        .iter()
        .filter_map(|pod| pod.spec.as_ref())
        .flat_map(|spec| &spec.containers);
    let named: Vec<_> = containers
        .flat_map(|container| container.ports.iter().flatten())
        .collect();
    let known = match port.target_port.as_ref() {
        Some(IntOrString::String(name)) => named.iter().any(|port| port.name.as_ref() == Some(name)),
        Some(IntOrString::Int(number)) => named.iter().any(|port| port.container_port == *number),
        None => named.iter().any(|named| named.container_port == port.port),
    };
    if named.is_empty() || known {
        return None;
    }
    let target = match port.target_port.as_ref() {
        Some(IntOrString::String(name)) => name.clone(),
        Some(IntOrString::Int(number)) => number.to_string(),
        None => port.port.to_string(),
    };
    let ports: BTreeSet<_> = named.iter().map(|port| port.container_port.to_string()).collect();
    Some((target, ports.into_iter().collect::<Vec<_>>().join(", ")))
}
