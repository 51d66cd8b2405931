//! When somebody wanted something else of a Deployment, and who.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};
use story::Source;

use crate::{Listed, keeper::Keeper};

#[test]
fn what_kubectl_scale_writes_without_a_date_lies_between_two_signs_of_life() {
    let deployment = |version: u64, generation: u64, wishes: Value| -> Deployment {
        serde_json::from_value(
            json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a", "generation": generation,
            "resourceVersion": version.to_string(), "managedFields": wishes}}),
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
