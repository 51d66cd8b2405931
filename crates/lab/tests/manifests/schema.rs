//! Whether Kubernetes would take them.
//!
//! The types of `k8s-openapi` are generated from the published schema. They pass over fields that they do not know, so a
//! manifest has to come out of them exactly as it went in: an unknown field would be lost on the way, and one that is
//! required but missing would be added.

use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{ConfigMap, LimitRange, Namespace, Pod, ResourceQuota, Secret, Service},
    policy::v1::PodDisruptionBudget,
    scheduling::v1::PriorityClass,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Manifest, manifests};

/// The object's deviations from the schema of its kind.
pub(super) fn deviations(object: &Value) -> Vec<String> {
    let kind = (
        object["apiVersion"].as_str().unwrap_or(""),
        object["kind"].as_str().unwrap_or(""),
    );
    let returned = match kind {
        ("apps/v1", "Deployment") => round_trip::<Deployment>(object),
        ("v1", "Service") => round_trip::<Service>(object),
        ("v1", "ConfigMap") => round_trip::<ConfigMap>(object),
        ("v1", "Secret") => round_trip::<Secret>(object),
        ("v1", "Namespace") => round_trip::<Namespace>(object),
        ("v1", "ResourceQuota") => round_trip::<ResourceQuota>(object),
        ("policy/v1", "PodDisruptionBudget") => round_trip::<PodDisruptionBudget>(object),
        ("v1", "Pod") => round_trip::<Pod>(object),
        ("v1", "LimitRange") => round_trip::<LimitRange>(object),
        ("batch/v1", "Job") => round_trip::<Job>(object),
        ("scheduling.k8s.io/v1", "PriorityClass") => round_trip::<PriorityClass>(object),
        (version, kind) => Err(format!(
            "no schema here for {kind:?} of {version:?}: add it to this test"
        )),
    };
    match returned {
        Ok(returned) => {
            let mut found = Vec::new();
            compare("", object, &returned, &mut found);
            found
        }
        Err(error) => vec![error],
    }
}

fn round_trip<T: DeserializeOwned + Serialize>(object: &Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

fn compare(path: &str, written: &Value, returned: &Value, found: &mut Vec<String>) {
    match (written, returned) {
        (Value::Object(written), Value::Object(returned)) => {
            for (key, value) in written {
                match returned.get(key) {
                    Some(other) => compare(&format!("{path}.{key}"), value, other, found),
                    None => found.push(format!("{path}.{key} is not in the schema")),
                }
            }
            for key in returned.keys().filter(|key| !written.contains_key(*key)) {
                found.push(format!("{path}.{key} is required"));
            }
        }
        (Value::Array(written), Value::Array(returned)) if written.len() == returned.len() => {
            for (index, (value, other)) in written.iter().zip(returned).enumerate() {
                compare(&format!("{path}[{index}]"), value, other, found);
            }
        }
        _ if written == returned => {}
        _ => found.push(format!(
            "{path} is {written}, which the schema reads as {returned}"
        )),
    }
}

#[test]
fn every_manifest_is_what_the_schema_says() {
    for Manifest { file, object } in manifests() {
        assert_eq!(deviations(&object), Vec::<String>::new(), "{file}");
    }
}

#[test]
fn the_schema_check_finds_what_is_wrong() {
    let good = manifests()
        .into_iter()
        .find(|manifest| manifest.kind() == "Deployment")
        .unwrap()
        .object;
    let container = "/spec/template/spec/containers/0";
    let wrong = |pointer: &str, key: &str, value: Option<Value>| {
        let mut object = good.clone();
        let fields = object.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => fields.insert(key.into(), value),
            None => fields.remove(key),
        };
        deviations(&object)
    };
    assert_eq!(
        wrong("/spec", "replica", Some(json!(2))),
        [".spec.replica is not in the schema"]
    );
    assert_eq!(
        wrong(container, "readynessProbe", Some(json!({}))),
        [".spec.template.spec.containers[0].readynessProbe is not in the schema"]
    );
    assert_eq!(wrong("/spec", "selector", None), [".spec.selector is required"]);
    assert_eq!(
        wrong("/spec", "replicas", Some(json!("two"))).len(),
        1,
        "a number of replicas in words"
    );
    assert_eq!(
        wrong("", "kind", Some(json!("Deploiment"))).len(),
        1,
        "a kind that does not exist"
    );
    assert_eq!(
        wrong("", "apiVersion", Some(json!("apps/v2"))).len(),
        1,
        "a version that does not exist"
    );
}
