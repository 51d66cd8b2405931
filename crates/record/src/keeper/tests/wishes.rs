//! When somebody wanted something else of a Deployment, and who.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::Service,
};
use serde_json::{Value, json};
use story::{Source, What};

use crate::{Listed, keeper::Keeper};

#[test]
fn what_kubectl_scale_writes_without_a_date_lies_between_two_signs_of_life() {
    let deployment = |version: u64, generation: u64, wishes: Value| -> Deployment {
        serde_json::from_value(
            json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a", "generation": generation,
            "resourceVersion": version.to_string(), "managedFields": wishes}, "spec": {"replicas": version}}),
        )
        .unwrap()
    };
    let wish = |manager: &str, time: Option<&str>| json!({"manager": manager, "operation": "Update", "time": time, "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}});
    let at = |text: &str| format!("2026-01-01T00:00:{text}Z").parse::<Timestamp>().unwrap();
    let applied = wish("kubectl-client-side-apply", Some("2026-01-01T00:00:00Z"));
    let first = Listed {
        deployments: vec![Arc::new(deployment(1, 1, json!([applied])))],
        ..Listed::default()
    };
    let mut keeper = Keeper::new("lab", first, BTreeMap::new(), at("20"));
    let scaled = json!([wish("kubectl", None), applied]);
    keeper.changed(deployment(2, 2, scaled.clone()), false, at("22.5"));
    let later = json!([
        wish("kubectl", None),
        wish("kubectl-client-side-apply", Some("2026-01-01T00:00:23Z"))
    ]);
    keeper.changed(deployment(3, 3, later), false, at("23.5"));
    let told = keeper.live(at("24")).facts;
    let told: Vec<_> = told
        .iter()
        .map(|fact| {
            (
                fact.who.as_deref().unwrap(),
                fact.when.earliest(),
                fact.when.latest(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("kubectl-client-side-apply", at("00"), at("01")),
            ("kubectl", at("19"), at("22.5")),
            ("kubectl-client-side-apply", at("23"), at("23.5")),
        ]
    );
    // Who wants none is noted nowhere, and a wish that stood there before is not taken for that.
    keeper.heard(Source::Deployments, at("27"));
    keeper.changed(
        deployment(
            4,
            4,
            json!([wish("kubectl-client-side-apply", Some("2026-01-01T00:00:23Z"))]),
        ),
        false,
        at("29"),
    );
    let told = keeper.live(at("30")).facts;
    let last = told.last().unwrap();
    assert_eq!(
        (last.who.as_deref(), last.when.earliest(), last.when.latest()),
        (None, at("26"), at("29"))
    );
    // Of an object that was scaled before anybody looked nobody knows when.
    let only = Listed {
        deployments: vec![Arc::new(deployment(2, 2, scaled))],
        ..Listed::default()
    };
    assert_eq!(only.facts(), []);
}

/// What is told of a Deployment or a ReplicaSet as it comes with these writes in place of those, with who and from when to when.
fn changed<K: crate::keeper::Watched>(
    first: Listed,
    then: K,
    second: &str,
) -> Vec<(What, Option<String>, Timestamp, Timestamp)> {
    let at = |text: &str| format!("2026-01-01T00:00:{text}Z").parse::<Timestamp>().unwrap();
    let before = first.facts().len();
    let mut keeper = Keeper::new("lab", first, BTreeMap::new(), at("20"));
    keeper.heard(K::SOURCE, at("30"));
    keeper.changed(then, false, at(second));
    let facts = keeper.live(at("59")).facts;
    let told = facts.iter().skip(before);
    told.map(|fact| {
        (
            fact.what.clone(),
            fact.who.clone(),
            fact.when.earliest(),
            fact.when.latest(),
        )
    })
    .collect()
}

fn write(manager: &str, second: u32, part: &str) -> Value {
    json!({"manager": manager, "operation": "Update", "time": format!("2026-01-01T00:00:{second:02}Z"), "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {part: {}}}})
}

#[test]
fn what_is_taken_away_has_neither_the_date_nor_the_name_of_an_older_write() {
    let at = |text: &str| format!("2026-01-01T00:00:{text}Z").parse::<Timestamp>().unwrap();
    let deployment = |version: u64, writes: Value| -> Deployment {
        let deployment = json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a", "generation": version,
            "resourceVersion": version.to_string(), "managedFields": writes}});
        serde_json::from_value(deployment).unwrap()
    };
    let (applied, set) = (
        write("kubectl-client-side-apply", 9, "f:x"),
        write("kubectl-set", 10, "f:x"),
    );
    let first = Listed {
        deployments: vec![Arc::new(deployment(2, json!([applied, set])))],
        ..Listed::default()
    };
    let told = changed(first, deployment(3, json!([applied])), "32");
    assert_eq!(told, [(What::Asked { generation: 3 }, None, at("29"), at("32"))]);

    let service = |version: u64, ports: Value| -> Service {
        let service = json!({"metadata": {"name": "s", "namespace": "lab", "uid": "s", "resourceVersion": version.to_string(),
            "managedFields": [write("alice", 9, "f:ports")]}, "spec": {"ports": ports}});
        serde_json::from_value(service).unwrap()
    };
    let first = Listed {
        services: vec![Arc::new(service(1, json!([{"port": 80}, {"port": 81}])))],
        ..Listed::default()
    };
    let told = changed(first, service(2, json!([{"port": 80}])), "32");
    let removed = What::Sends {
        port: "81".into(),
        to: None,
    };
    assert_eq!(told, [(removed, None, at("29"), at("32"))]);

    let set = |version: u64, replicas: u32, writes: Value| -> ReplicaSet {
        let set = json!({"metadata": {"name": "s", "namespace": "lab", "uid": "s", "resourceVersion": version.to_string(),
            "managedFields": writes}, "spec": {"replicas": replicas}});
        serde_json::from_value(set).unwrap()
    };
    let made = write("kube-controller-manager", 9, "f:replicas");
    let scaled = json!({"manager": "kubectl", "operation": "Update", "subresource": "scale", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:replicas": {}}}});
    let first = Listed {
        replica_sets: vec![Arc::new(set(1, 1, json!([made])))],
        ..Listed::default()
    };
    let told = changed(first, set(2, 3, json!([made, scaled])), "32");
    let to_three = What::Scaled {
        from: 1,
        to: 3,
        min_ready: 0,
    };
    assert_eq!(told, [(to_three, Some("kubectl".into()), at("30"), at("32"))]);
}

#[test]
fn a_deployment_that_is_asked_to_go_is_not_told_as_changed() {
    let at = |text: &str| format!("2026-01-01T00:00:{text}Z").parse::<Timestamp>().unwrap();
    let deployment = |version: u64, asked: Option<&str>| -> Deployment {
        let deployment = json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a", "generation": version,
            "resourceVersion": version.to_string(), "deletionTimestamp": asked,
            "managedFields": [write("kubectl-client-side-apply", 9, "f:x")]}});
        serde_json::from_value(deployment).unwrap()
    };
    let first = Listed {
        deployments: vec![Arc::new(deployment(1, None))],
        ..Listed::default()
    };
    let told = changed(first, deployment(2, Some("2026-01-01T00:00:31Z")), "31.5");
    let asked = What::Gone {
        asked: true,
        grace: None,
        idle: false,
    };
    assert_eq!(told, [(asked, None, at("31"), at("31.5"))]);
}
