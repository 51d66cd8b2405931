//! Manifests as somebody who does the exercise might write them, for a node of any size.

use serde_json::{Value, json};

/// A namespace of the exercise.
#[derive(Clone, Copy)]
pub(super) struct Team {
    pub(super) namespace: &'static str,
    /// Its share of the node's CPU, in thousandths of a processor.
    pub(super) share: u64,
    /// The share of another one.
    pub(super) other_share: u64,
    /// All of the node's.
    pub(super) node: u64,
}

/// Thousandths of a processor, as a manifest has them.
pub(super) fn milli(cpu: u64) -> String {
    format!("{cpu}m")
}

pub(super) fn quota(name: &str, hard: &[(&str, String)]) -> Value {
    let hard: Value = hard.iter().map(|(key, value)| (*key, value.clone())).collect();
    json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": name }, "spec": { "hard": hard } })
}

/// The quota that most write.
pub(super) fn limits_quota(cpu: u64) -> Value {
    quota("mine", &[("limits.cpu", milli(cpu))])
}

/// So much as a limit, and next to nothing as a request.
pub(super) fn limited(cpu: u64) -> Value {
    json!({ "limits": { "cpu": milli(cpu) }, "requests": { "cpu": "1m" } })
}

pub(super) fn requested(cpu: u64) -> Value {
    json!({ "requests": { "cpu": milli(cpu) } })
}

pub(super) fn pod_spec(resources: &Value) -> Value {
    json!({ "containers": [{
        "name": "web",
        "image": "localhost/lab/pi-web:1.0.0",
        "ports": [{ "containerPort": 8080 }],
        "resources": resources,
    }] })
}

pub(super) fn template(app: &str, spec: &Value) -> Value {
    json!({ "metadata": { "labels": { "app": app } }, "spec": spec })
}

/// Something that makes pods: its kind, its API, and what its specification has besides the template.
pub(super) fn workload(kind: &str, api: &str, name: &str, spec: &Value, template: &Value) -> Value {
    let mut object = json!({ "apiVersion": api, "kind": kind, "metadata": { "name": name }, "spec": spec });
    let labels = &template["metadata"]["labels"];
    object["spec"]["template"] = template.clone();
    match kind {
        "Job" => {}
        "ReplicationController" => object["spec"]["selector"] = labels.clone(),
        _ => object["spec"]["selector"] = json!({ "matchLabels": labels }),
    }
    object
}

pub(super) fn deployment(name: &str, replicas: u64, resources: &Value) -> Value {
    deployment_of(name, replicas, &template("pi-web", &pod_spec(resources)))
}

pub(super) fn deployment_of(name: &str, replicas: u64, template: &Value) -> Value {
    workload(
        "Deployment",
        "apps/v1",
        name,
        &json!({ "replicas": replicas }),
        template,
    )
}

pub(super) fn stateful(replicas: u64, resources: &Value) -> Value {
    let spec = json!({ "replicas": replicas, "serviceName": "pi-web", "podManagementPolicy": "Parallel" });
    let template = template("pi-web", &pod_spec(resources));
    workload("StatefulSet", "apps/v1", "set", &spec, &template)
}

pub(super) fn pods(count: u64, resources: &Value) -> Vec<Value> {
    let one = |number| {
        let metadata = json!({ "name": format!("bare-{number}"), "labels": { "app": "pi-web" } });
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(resources) })
    };
    (0..count).map(one).collect()
}

/// The Service of the exercise, of a type, for a port of the pods.
pub(super) fn service(kind: &str, target_port: u16) -> Value {
    let ports = json!([{ "port": 8099, "targetPort": target_port }]);
    let spec = json!({ "type": kind, "selector": { "app": "pi-web" }, "ports": ports });
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "pi-web" }, "spec": spec })
}
