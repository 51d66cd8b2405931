//! The manifests in `k8s/`, without a cluster: against Kubernetes' published schema, and against what the chapter says.
//!
//! The types of `k8s-openapi` are generated from that schema. They pass over fields that they do not know, so a manifest
//! has to come out of them exactly as it went in: an unknown field would be lost on the way, and one that is required
//! but missing would be added.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Namespace, ResourceQuota, Service},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// One object and the file that it stands in, relative to `k8s/`.
struct Manifest {
    file: String,
    object: Value,
}

impl Manifest {
    fn kind(&self) -> &str {
        self.object["kind"].as_str().unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.object["metadata"]["name"].as_str().unwrap_or_default()
    }

    fn container(&self) -> &Value {
        &self.object["spec"]["template"]["spec"]["containers"][0]
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s")
}

fn manifests() -> Vec<Manifest> {
    let mut files = Vec::new();
    collect(&folder(), &mut files);
    files.sort();
    let manifests: Vec<_> = files.iter().flat_map(|file| read(file)).collect();
    assert!(
        manifests.len() >= 14,
        "only {} objects found in {}",
        manifests.len(),
        folder().display()
    );
    manifests
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // kubectl takes .yml and .json too; one ending for all lets no file slip past a check.
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => files.push(path),
            Some("md") => {}
            _ => panic!(
                "{}: a file in k8s/ is a .yaml or a .md, not {name}",
                path.display()
            ),
        }
    }
}

fn read(path: &Path) -> Vec<Manifest> {
    let file = path.strip_prefix(folder()).unwrap().display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let objects: Vec<Value> =
        serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(!objects.is_empty(), "{file} holds no object");
    objects
        .into_iter()
        .map(|object| Manifest {
            file: file.clone(),
            object,
        })
        .collect()
}

/// The object's deviations from the schema of its kind.
fn deviations(object: &Value) -> Vec<String> {
    let kind = (
        object["apiVersion"].as_str().unwrap_or(""),
        object["kind"].as_str().unwrap_or(""),
    );
    let returned = match kind {
        ("apps/v1", "Deployment") => round_trip::<Deployment>(object),
        ("v1", "Service") => round_trip::<Service>(object),
        ("v1", "Namespace") => round_trip::<Namespace>(object),
        ("v1", "ResourceQuota") => round_trip::<ResourceQuota>(object),
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

#[test]
fn everything_carries_the_label_of_the_clean_up() {
    for Manifest { file, object } in manifests() {
        assert_eq!(object["metadata"]["labels"]["kiamol"], "ch12", "{file}");
        if object["kind"] == "Deployment" {
            assert_eq!(
                object["spec"]["template"]["metadata"]["labels"]["kiamol"], "ch12",
                "{file}: the pods"
            );
        }
    }
}

#[test]
fn every_pod_meets_the_restricted_standard() {
    // The fields that https://kubernetes.io/docs/concepts/security/pod-security-standards/ requires; what it forbids
    // (host namespaces, host paths and so on) is in no manifest, which the next line sees to.
    let allowed = ["containers", "securityContext"];
    for manifest in manifests()
        .iter()
        .filter(|manifest| manifest.kind() == "Deployment")
    {
        let file = &manifest.file;
        let pod = &manifest.object["spec"]["template"]["spec"];
        let fields = pod.as_object().unwrap();
        assert!(
            fields.keys().all(|field| allowed.contains(&field.as_str())),
            "{file}: {:?}",
            fields.keys()
        );
        assert_eq!(pod["containers"].as_array().unwrap().len(), 1, "{file}");
        assert_eq!(
            pod["securityContext"],
            json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}),
            "{file}"
        );
        assert_eq!(
            manifest.container()["securityContext"],
            json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}),
            "{file}"
        );
    }
}

#[test]
fn every_image_is_the_program_of_this_version_from_the_one_registry() {
    let root = folder().join("..");
    let registry = lab::registry::current(&root).unwrap();
    for manifest in manifests()
        .iter()
        .filter(|manifest| manifest.kind() == "Deployment")
    {
        let image = format!("{registry}/{}:{}", manifest.name(), env!("CARGO_PKG_VERSION"));
        assert_eq!(manifest.container()["image"], image, "{}", manifest.file);
        assert!(
            lab::registry::SERVICES.contains(&manifest.name()),
            "{}",
            manifest.file
        );
    }
}

#[test]
fn services_and_deployments_find_their_pods() {
    for Manifest { file, object } in manifests() {
        let selector = json!({"app": object["metadata"]["name"]});
        match object["kind"].as_str().unwrap() {
            "Deployment" => {
                assert_eq!(
                    object["spec"]["selector"],
                    json!({"matchLabels": selector}),
                    "{file}"
                );
                let labels = &object["spec"]["template"]["metadata"]["labels"];
                assert_eq!(labels["app"], object["metadata"]["name"], "{file}");
            }
            "Service" => assert_eq!(object["spec"]["selector"], selector, "{file}"),
            _ => {}
        }
    }
}

/// An update is the same Deployment, or `kubectl apply` would start a second application beside the first.
#[test]
fn an_update_changes_what_the_folder_above_started() {
    let manifests = manifests();
    let updates: Vec<_> = manifests
        .iter()
        .filter(|manifest| manifest.file.contains("/update/"))
        .collect();
    assert_eq!(updates.len(), 4);
    for update in updates {
        let application = update.file.split('/').next().unwrap();
        let first = manifests.iter().find(|manifest| {
            manifest.kind() == "Deployment"
                && Path::new(&manifest.file).parent() == Some(Path::new(application))
        });
        let first = first.unwrap_or_else(|| panic!("{}: nothing to update", update.file));
        assert_eq!(
            (update.kind(), update.name()),
            (first.kind(), first.name()),
            "{}",
            update.file
        );
        assert_eq!(
            update.object["spec"]["replicas"], first.object["spec"]["replicas"],
            "{}",
            update.file
        );
        assert_eq!(
            update.container()["env"],
            first.container()["env"],
            "{}",
            update.file
        );
        assert_ne!(update.object, first.object, "{} changes nothing", update.file);
    }
}

/// Names, numbers and probes that the chapter's text and its readers rely on.
#[test]
fn the_chapters_values() {
    let manifests = manifests();
    let value = |file: &str, kind: &str, pointer: &str| {
        let found: Vec<_> = manifests
            .iter()
            .filter(|manifest| manifest.file == file && manifest.kind() == kind)
            .collect();
        assert_eq!(found.len(), 1, "{kind} objects in {file}");
        found[0].object.pointer(pointer).cloned().unwrap_or(Value::Null)
    };
    let deployment = |file: &str, pointer: &str| value(file, "Deployment", pointer);
    let container =
        |file: &str, pointer: &str| deployment(file, &format!("/spec/template/spec/containers/0{pointer}"));
    let version = |file: &str| deployment(file, "/spec/template/metadata/labels/version");
    let get = json!({"path": "/healthz", "port": 8080});
    let port = |port: u16| json!([{"port": port, "targetPort": 8080}]);

    let numbers = "numbers/numbers-api.yaml";
    assert_eq!(value(numbers, "Service", "/spec/type"), "LoadBalancer");
    assert_eq!(value(numbers, "Service", "/spec/ports"), port(8013));
    assert_eq!(deployment(numbers, "/spec/replicas"), 2);
    assert_eq!(
        container(numbers, "/env"),
        json!([{"name": "FailAfterCallCount", "value": "1"}])
    );
    assert_eq!(container(numbers, "/readinessProbe"), Value::Null);
    assert_eq!(container(numbers, "/livenessProbe"), Value::Null);

    let ready = "numbers/update/api-with-readiness.yaml";
    let readiness = json!({"httpGet": get, "periodSeconds": 5, "failureThreshold": 1});
    assert_eq!(version(ready), "v2");
    assert_eq!(container(ready, "/readinessProbe"), readiness);
    assert_eq!(container(ready, "/livenessProbe"), Value::Null);

    let live = "numbers/update/api-with-readiness-and-liveness.yaml";
    assert_eq!(version(live), "v3");
    assert_eq!(container(live, "/readinessProbe"), readiness);
    assert_eq!(container(live, "/livenessProbe/httpGet"), get);
    assert_eq!(container(live, "/livenessProbe/initialDelaySeconds"), 10);
    assert_eq!(container(live, "/livenessProbe/periodSeconds"), 10);
    assert_eq!(container(live, "/livenessProbe/failureThreshold"), 2);

    assert_eq!(value("pi/pi-web.yaml", "Service", "/spec/type"), "LoadBalancer");
    assert_eq!(value("pi/pi-web.yaml", "Service", "/spec/ports"), port(8012));
    assert_eq!(container("pi/pi-web.yaml", "/resources"), Value::Null);
    assert_eq!(
        container("pi/update/web-with-cpu-limit.yaml", "/resources"),
        json!({"limits": {"cpu": "250m"}})
    );

    let quota = "pi/namespace-with-quota/01-namespace.yaml";
    let web = "pi/namespace-with-quota/pi-web.yaml";
    assert_eq!(value(quota, "Namespace", "/metadata/name"), "kiamol-ch12-cpu");
    assert_eq!(
        value(quota, "ResourceQuota", "/metadata/namespace"),
        "kiamol-ch12-cpu"
    );
    assert_eq!(
        value(quota, "ResourceQuota", "/spec/hard"),
        json!({"limits.cpu": "500m"})
    );
    assert_eq!(value(web, "Service", "/metadata/namespace"), "kiamol-ch12-cpu");
    assert_eq!(deployment(web, "/metadata/namespace"), "kiamol-ch12-cpu");
    assert_eq!(deployment(web, "/spec/replicas"), 2);
    assert_eq!(container(web, "/resources"), json!({"limits": {"cpu": "300m"}}));

    assert_eq!(
        container("memory-allocator/memory-allocator.yaml", "/resources"),
        Value::Null
    );
    let limited = "memory-allocator/update/memory-allocator-with-limit.yaml";
    assert_eq!(
        container(limited, "/resources"),
        json!({"limits": {"memory": "50Mi"}})
    );

    let quota = "memory-allocator/namespace-with-quota/01-namespace.yaml";
    let allocator = "memory-allocator/namespace-with-quota/memory-allocator.yaml";
    assert_eq!(value(quota, "Namespace", "/metadata/name"), "kiamol-ch12-memory");
    assert_eq!(
        value(quota, "ResourceQuota", "/metadata/namespace"),
        "kiamol-ch12-memory"
    );
    assert_eq!(
        value(quota, "ResourceQuota", "/spec/hard"),
        json!({"limits.memory": "150Mi"})
    );
    assert_eq!(deployment(allocator, "/metadata/namespace"), "kiamol-ch12-memory");
    assert_eq!(
        container(allocator, "/resources"),
        json!({"limits": {"memory": "200Mi"}})
    );
}
