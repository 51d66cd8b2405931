#![expect(
    clippy::needless_pass_by_value,
    reason = "tables of JSON read better without references"
)]

mod objects;
mod pods;
mod shares;

use std::{collections::BTreeMap, path::PathBuf};

use access::fake;
use guide::Message;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-11-26T00:00:00Z";
const LONG_AGO: &str = "2026-11-25T00:00:00Z";

fn goal(text: &Value) -> Goal {
    serde_json::from_value(text.clone()).unwrap()
}

/// A cluster that lists these objects, by the last part of their path, such as `/a/pods`, and has the namespace `a`.
fn cluster(objects: &[(&'static str, Value)]) -> Client {
    let objects: BTreeMap<_, _> = objects.iter().cloned().collect();
    fake::api(move |request, _| {
        let path = request
            .rsplit_once("/namespaces")
            .map_or(request, |(_, path)| path);
        if path == "/a" {
            return (200, json!({ "metadata": { "name": "a" } }));
        }
        match objects.iter().find(|(end, _)| path.ends_with(**end)) {
            Some((_, Value::Null)) => fake::refusal(403, "you may not"),
            Some((_, items)) => fake::list(items.as_array().unwrap()),
            None if path.matches('/').count() == 1 => fake::refusal(404, "no such namespace"),
            None => fake::list(&[]),
        }
    })
}

async fn judged(goals: &[Value], objects: &[(&'static str, Value)]) -> Vec<(Outcome, String)> {
    let goals: Vec<_> = goals.iter().map(goal).collect();
    let place = Place::new(cluster(objects), "a".into(), PathBuf::new());
    let verdicts = judge(&goals, &place).await.unwrap();
    let said = verdicts.into_iter().map(|verdict| {
        let id = verdict.reason.as_ref().and_then(Message::id).unwrap_or("met");
        assert_eq!(id == "met", verdict.is_met());
        (verdict.outcome, id.to_owned())
    });
    said.collect()
}

async fn said(goal: Value, objects: &[(&'static str, Value)]) -> String {
    judged(&[goal], objects).await.remove(0).1
}

fn node(cpu: &str, more: Value) -> Value {
    json!({ "metadata": { "name": cpu }, "spec": more, "status": { "allocatable": { "cpu": cpu, "memory": "4Gi" } } })
}

fn quota(hard: Value) -> Value {
    json!({ "metadata": { "name": "q" }, "spec": { "hard": hard } })
}

fn share(namespace: &str, percent: u8) -> Value {
    json!({ "quota": { "namespace": namespace, "resource": "cpu", "percent": percent } })
}

fn pod(name: &str, ready: bool, created: &str, more: Value) -> Value {
    let mut pod = json!({
        "metadata": { "name": name, "creationTimestamp": created, "labels": { "app": "w" },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "s", "uid": "s", "controller": true }] },
        "spec": { "nodeName": "n", "containers": [{ "name": "c" }] },
        "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" } }] },
    });
    for (key, value) in more.as_object().unwrap() {
        pod[key] = value.clone();
    }
    pod
}

fn set(replicas: u32, conditions: Value) -> Value {
    json!({
        "metadata": { "name": "s", "uid": "s" },
        "spec": { "replicas": replicas, "template": { "metadata": { "labels": { "app": "w" } } } },
        "status": { "conditions": conditions },
    })
}

fn event(message: &str, at: &str) -> Value {
    json!({ "metadata": { "name": "e" }, "involvedObject": { "uid": "s" }, "message": message, "lastTimestamp": at })
}

const QUOTA: &str = "pods \"s-x\" is forbidden: exceeded quota: q, requested: limits.cpu=150m, used: limits.cpu=450m, limited: limits.cpu=500m";
