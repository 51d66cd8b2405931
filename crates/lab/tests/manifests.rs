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
    core::v1::{ConfigMap, Namespace, ResourceQuota, Secret, Service},
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
        manifests.len() >= 29,
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
            // The solution, which depends on the node; a test of its own looks at what it prints.
            Some("md" | "sh") => {}
            // What the guide's commands wrote there.
            Some("txt") => {}
            _ => panic!(
                "{}: a file in k8s/ is a .yaml, a .sh or a .md, not {name}",
                path.display()
            ),
        }
    }
}

fn read(path: &Path) -> Vec<Manifest> {
    let file = path.strip_prefix(folder()).unwrap().display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    parse(&file, &text)
}

fn parse(file: &str, text: &str) -> Vec<Manifest> {
    let objects: Vec<Value> =
        serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(!objects.is_empty(), "{file} holds no object");
    objects
        .into_iter()
        .map(|object| Manifest {
            file: file.to_owned(),
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
        ("v1", "ConfigMap") => round_trip::<ConfigMap>(object),
        ("v1", "Secret") => round_trip::<Secret>(object),
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
        let label = if file.starts_with("lab/") {
            "ch12-lab"
        } else {
            "ch12"
        };
        assert_eq!(object["metadata"]["labels"]["kiamol"], label, "{file}");
        if object["kind"] == "Deployment" {
            assert_eq!(
                object["spec"]["template"]["metadata"]["labels"]["kiamol"], label,
                "{file}: the pods"
            );
        }
    }
}

#[test]
fn every_pod_meets_the_restricted_standard() {
    // The fields that https://kubernetes.io/docs/concepts/security/pod-security-standards/ requires; what it forbids
    // (host namespaces, host paths and so on) is in no manifest, which the next line sees to.
    let allowed = ["containers", "securityContext", "volumes"];
    for manifest in manifests()
        .iter()
        .filter(|manifest| manifest.kind() == "Deployment")
    {
        restricted(manifest, &allowed);
    }
}

fn restricted(manifest: &Manifest, allowed: &[&str]) {
    let file = &manifest.file;
    let pod = &manifest.object["spec"]["template"]["spec"];
    let fields = pod.as_object().unwrap();
    assert!(
        fields.keys().all(|field| allowed.contains(&field.as_str())),
        "{file}: {:?}",
        fields.keys()
    );
    assert_eq!(pod["containers"].as_array().unwrap().len(), 1, "{file}");
    let mut context = pod["securityContext"].clone();
    // Whose group a volume has is free.
    context.as_object_mut().unwrap().remove("fsGroup");
    assert_eq!(
        context,
        json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}),
        "{file}"
    );
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        assert!(
            volume["emptyDir"].is_object() || volume["secret"].is_object(),
            "{file}: {volume}"
        );
    }
    assert_eq!(
        manifest.container()["securityContext"],
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}),
        "{file}"
    );
}

#[test]
fn every_image_is_the_program_of_this_version_from_the_one_registry() {
    let root = folder().join("..");
    let registry = lab::registry::current(&root).unwrap();
    for manifest in manifests()
        .iter()
        .filter(|manifest| manifest.kind() == "Deployment")
    {
        let version = match manifest.file.as_str() {
            "todo-list/db/update/todo-db-bad-command.yaml" => "1.1.0",
            _ => env!("CARGO_PKG_VERSION"),
        };
        let image = format!("{registry}/{}:{version}", manifest.name());
        assert_eq!(manifest.container()["image"], image, "{}", manifest.file);
        assert!(
            lab::registry::IMAGES.contains(&manifest.name()),
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
    assert_eq!(updates.len(), 5);
    for update in updates {
        let application = Path::new(&update.file).ancestors().nth(2);
        let first = manifests.iter().find(|manifest| {
            manifest.kind() == "Deployment" && Path::new(&manifest.file).parent() == application
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

    let database = "todo-list/db/todo-db.yaml";
    assert_eq!(value(database, "Service", "/spec/ports"), json!([{"port": 5432}]));
    assert_eq!(container(database, "/readinessProbe/tcpSocket/port"), 5432);
    assert_eq!(
        container(database, "/livenessProbe/exec/command"),
        json!(["pg_isready"])
    );
    let bad = "todo-list/db/update/todo-db-bad-command.yaml";
    assert_eq!(container(bad, "/command"), json!(["sleep", "30m"]));
    assert_eq!(
        container(bad, "/livenessProbe"),
        container(database, "/livenessProbe")
    );
    assert_eq!(deployment(bad, "/spec/strategy/rollingUpdate/maxUnavailable"), 0);
    let web = "todo-list/web/todo-web.yaml";
    assert_eq!(value(web, "Service", "/spec/type"), "LoadBalancer");
    assert_eq!(value(web, "Service", "/spec/ports"), port(8081));
    assert_eq!(container(web, "/readinessProbe/httpGet/path"), "/readyz");
    assert_eq!(container(web, "/livenessProbe/httpGet/path"), "/healthz");

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

/// The solution on nodes of many sizes: quotas of a quarter, a quarter and a half of the node, and five pods in a quarter,
/// but not six; ten in a half, but not eleven.
#[test]
fn the_labs_solution_fits_every_node() {
    for (cpu, node) in [
        ("2", 2000),
        ("1930m", 1930),
        ("3920m", 3920),
        ("4", 4000),
        ("64", 64_000),
        ("255", 255_000),
    ] {
        let printed = std::process::Command::new("sh")
            .arg(folder().join("lab/solution/solution.sh"))
            .arg(cpu)
            .output()
            .unwrap();
        assert!(printed.status.success(), "{cpu}");
        let objects = parse("solution", &String::from_utf8(printed.stdout).unwrap());
        let quota = |object: &Value| thousandths(&object["spec"]["hard"]["limits.cpu"]);
        for (namespace, share, pods) in [("pi-dev", 25, 5), ("pi-test", 25, 5), ("pi-uat", 50, 10)] {
            let of = |kind: &str| {
                let mut objects = objects.iter();
                let found = objects.find(|manifest| {
                    manifest.kind() == kind && manifest.object["metadata"]["namespace"] == namespace
                });
                found.unwrap_or_else(|| panic!("no {kind} in {namespace}"))
            };
            let quota = quota(&of("ResourceQuota").object);
            assert_eq!(quota, node * share / 100, "{cpu} {namespace}");
            let deployment = of("Deployment");
            restricted(deployment, &["containers", "securityContext"]);
            let resources = &deployment.container()["resources"];
            let (limit, request) = (
                thousandths(&resources["limits"]["cpu"]),
                thousandths(&resources["requests"]["cpu"]),
            );
            assert!(deployment.object["spec"]["replicas"].as_i64().unwrap() >= 4);
            assert!(
                pods * limit <= quota && quota < (pods + 1) * limit,
                "{cpu} {namespace}"
            );
            assert!(request <= limit, "{cpu}");
        }
        for manifest in &objects {
            assert_eq!(deviations(&manifest.object), Vec::<String>::new(), "{cpu}");
            assert_eq!(manifest.object["metadata"]["labels"]["kiamol"], "ch12-lab");
        }
    }
}

fn thousandths(cpu: &Value) -> i64 {
    cpu.as_str().unwrap().strip_suffix('m').unwrap().parse().unwrap()
}
