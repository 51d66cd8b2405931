//! Who changed which pods a Service chooses.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, Service};
use serde_json::{Value, json};
use story::{Fact, What};

use crate::{Listed, keeper::Keeper};

fn at(text: &str) -> Timestamp {
    format!("2026-01-01T00:00:{text}Z").parse().unwrap()
}

/// A pod with labels, and with who set its label `app` when.
fn pod(version: u64, labels: &Value, writes: &[(&str, &str)]) -> Pod {
    let write = |(manager, second): &(&str, &str)| {
        json!({"manager": manager, "operation": "Update", "time": at(second), "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:labels": {"f:app": {}}}}})
    };
    let writes: Vec<_> = writes.iter().map(write).collect();
    serde_json::from_value(
        json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a", "resourceVersion": version.to_string(),
        "labels": labels, "managedFields": writes}}),
    )
    .unwrap()
}

/// What is told of a pod with `app=api` once it comes with other labels, beside two Services that choose by that label, in two namespaces.
fn told(labels: &Value, writes: &[(&str, &str)]) -> Vec<Fact> {
    let service = |namespace: &str| -> Arc<Service> {
        let service = json!({"metadata": {"name": format!("of-{namespace}"), "namespace": namespace, "uid": namespace},
            "spec": {"selector": {"app": "api"}}});
        Arc::new(serde_json::from_value(service).unwrap())
    };
    let made = ("kube-controller-manager", "10");
    let first = Listed {
        pods: vec![Arc::new(pod(1, &json!({"app": "api", "x": "1"}), &[made]))],
        services: vec![service("lab"), service("another")],
        ..Listed::default()
    };
    let mut keeper = Keeper::new(crate::ALL, first, BTreeMap::new(), at("10.2"));
    keeper.changed(pod(2, labels, writes), false, at("10.5"));
    let facts = keeper.live(at("11")).facts;
    let labelled = facts
        .iter()
        .filter(|fact| matches!(fact.what, What::Labelled { .. }));
    labelled.map(|fact| (**fact).clone()).collect()
}

#[test]
fn who_sets_a_label_is_told_and_who_takes_one_away_is_not_known() {
    let made = ("kube-controller-manager", "10");
    let set = told(&json!({"app": "b", "x": "1"}), &[made, ("kubectl-label", "10")]);
    let What::Labelled { labels, chosen, .. } = &set[0].what else {
        panic!("{set:?}")
    };
    assert_eq!(*labels, BTreeMap::from([("app".into(), Some("b".into()))]));
    assert_eq!(*chosen, BTreeMap::from([("of-lab".into(), false)]));
    assert_eq!(
        (set[0].who.as_deref(), set[0].when.earliest()),
        (Some("kubectl-label"), at("10"))
    );

    let taken = told(&json!({"x": "1"}), &[made]);
    assert_eq!(
        (
            taken[0].who.as_deref(),
            taken[0].when.earliest(),
            taken[0].when.latest()
        ),
        (None, at("09.2"), at("10.5"))
    );
}

#[test]
fn labels_that_nobody_chooses_by_are_no_news() {
    assert_eq!(told(&json!({"app": "api", "x": "2"}), &[]), []);
}

/// Whether what a Service chooses is news, as it comes with another specification.
fn is_news(before: &Value, after: &Value) -> bool {
    let service = |version: u64, spec: &Value| -> Service {
        let service = json!({"metadata": {"name": "s", "namespace": "lab", "uid": "s", "resourceVersion": version.to_string()},
            "spec": spec});
        serde_json::from_value(service).unwrap()
    };
    let first = Listed {
        services: vec![Arc::new(service(1, before))],
        ..Listed::default()
    };
    let mut keeper = Keeper::new("lab", first, BTreeMap::new(), at("10"));
    keeper.changed(service(2, after), false, at("11"));
    let facts = keeper.live(at("12")).facts;
    facts.iter().any(|fact| matches!(fact.what, What::Selects { .. }))
}

#[test]
fn a_service_that_stands_for_another_name_chooses_nobody() {
    let chooses = json!({"selector": {"app": "api"}});
    let elsewhere = json!({"type": "ExternalName", "externalName": "example.org", "selector": {"app": "b"}});
    assert!(is_news(&chooses, &json!({"selector": {"app": "b"}})));
    assert!(is_news(&chooses, &elsewhere));
    assert!(is_news(&chooses, &json!({})));
    assert!(!is_news(
        &chooses,
        &json!({"selector": {"app": "api"}, "type": "LoadBalancer"})
    ));
    assert!(!is_news(&json!({}), &elsewhere));
}

#[test]
fn where_the_ports_of_a_service_lead_is_told_with_who_changed_it() {
    let service = |version: u64, ports: &Value| -> Service {
        let write = json!({"manager": "kubectl-edit", "operation": "Update", "time": at("10"), "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:ports": {}}}});
        let service = json!({"metadata": {"name": "s", "namespace": "lab", "uid": "s", "resourceVersion": version.to_string(),
            "managedFields": [write]}, "spec": {"selector": {"app": "api"}, "ports": ports}});
        serde_json::from_value(service).unwrap()
    };
    let first = Listed {
        services: vec![Arc::new(service(
            1,
            &json!([{"port": 80, "targetPort": 8080, "protocol": "TCP"}, {"port": 90}, {"port": 90, "protocol": "UDP"}]),
        ))],
        ..Listed::default()
    };
    let mut keeper = Keeper::new("lab", first, BTreeMap::new(), at("09"));
    let changed = json!([{"port": 80, "targetPort": "web", "protocol": "TCP", "name": "a"}, {"port": 90, "targetPort": 90}]);
    keeper.changed(service(2, &changed), false, at("10.5"));
    let facts = keeper.live(at("12")).facts;
    let told: Vec<_> = facts
        .iter()
        .map(|fact| (fact.what.clone(), fact.who.as_deref(), fact.when.earliest()))
        .collect();
    let sends = |port: &str, to: Option<&str>| {
        let what = What::Sends {
            port: port.into(),
            to: to.map(str::to_owned),
        };
        (what, Some("kubectl-edit"), at("10"))
    };
    assert_eq!(told, [sends("80", Some("web")), sends("90/UDP", None)]);
}
