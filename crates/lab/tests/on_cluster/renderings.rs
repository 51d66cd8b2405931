//! What the charts make of their values, before anything is installed.

use std::fs;

use lab::image_source::CHARTS;
use serde_json::{Value, json};

use crate::programs::{Namespace, charts, complained, fed, helm, printed, text};

/// The values files of a chart, relative to `helm/`.
fn values_files(chart: &str) -> Vec<String> {
    let Ok(files) = fs::read_dir(charts().join(chart).join("values")) else {
        return vec![];
    };
    files
        .map(|file| format!("{chart}/values/{}", file.unwrap().file_name().to_string_lossy()))
        .collect()
}

/// Everything that a chart can do and that any cluster can check, switched on.
fn everything(chart: &str) -> Value {
    let options = json!({
        "disruptionBudget": {"enabled": true},
        "networkPolicy": {"enabled": true},
        "ingress": {"enabled": true, "className": "nginx", "host": "lab.example", "tlsSecret": "certificate"},
    });
    match chart {
        "todo-list" => json!({
            "image": {"pullSecrets": ["registry"]},
            "web": options,
            "database": {
                "networkPolicy": {"enabled": true},
                "password": "Secret-123",
                "persistence": {"keep": true, "storageClass": "standard"},
            },
        }),
        "pi-web" => {
            let mut values = options;
            values["autoscaling"] = json!({"enabled": true});
            values
        }
        "numbers-api" => options,
        _ => json!({"image": {"pullSecrets": ["registry"]}}),
    }
}

/// A chart with each of its values files, without one, and with everything, as flags.
fn renderings() -> Vec<(&'static str, Vec<String>)> {
    let mut all = Vec::new();
    for chart in CHARTS {
        all.push((chart, vec![]));
        all.push((chart, vec![format!("--set-json={}", everything(chart))]));
        all.extend(
            values_files(chart)
                .into_iter()
                .map(|file| (chart, vec![format!("--values={file}")])),
        );
    }
    assert!(all.len() >= 17, "only {} renderings", all.len());
    all
}

pub(crate) fn objects(rendered: &str) -> Vec<Value> {
    let objects: Vec<Value> = serde_saphyr::from_multiple(rendered).unwrap();
    objects.into_iter().filter(|object| !object.is_null()).collect()
}

fn with<'a>(arguments: &[&'a str], more: &'a [String]) -> Vec<&'a str> {
    arguments
        .iter()
        .copied()
        .chain(more.iter().map(String::as_str))
        .collect()
}

#[test]
#[ignore = "needs a cluster"]
fn every_chart_is_free_of_what_the_linter_knows() {
    for (chart, flags) in renderings() {
        printed(&helm(&with(&["lint", "--strict", "--quiet", chart], &flags)));
    }
    printed(&helm(&["lint", "--strict", "--quiet", "library"]));
}

/// The API server itself is asked: it checks each field against the schema that it publishes, and the pods against the
/// security standard, and says a warning for what it admits but does not like.
#[test]
#[ignore = "needs a cluster"]
fn every_rendering_is_what_the_api_server_wants() {
    let namespace = Namespace::new();
    for (chart, flags) in renderings() {
        let rendered = printed(&namespace.helm(&with(&["template", chart, chart], &flags)));
        let arguments = [
            "--namespace",
            &namespace.0,
            "apply",
            "--dry-run=server",
            "--validate=strict",
            "--filename=-",
        ];
        let output = fed(&arguments, &rendered);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{chart} {flags:?}: {output:#?}"
        );
        for object in objects(&rendered) {
            let labels = &object["metadata"]["labels"];
            assert_eq!(labels["kiamol"], "ch12", "{chart} {flags:?}: {object}");
            assert_eq!(labels["app.kubernetes.io/instance"], chart, "{flags:?}: {object}");
            let pods = &object["spec"]["template"];
            if !pods.is_null() {
                assert_eq!(pods["metadata"]["labels"]["kiamol"], "ch12", "{object}");
                let container = &pods["spec"]["containers"][0];
                assert_eq!(
                    container["securityContext"]["readOnlyRootFilesystem"], true,
                    "{object}"
                );
                assert_eq!(pods["spec"]["automountServiceAccountToken"], false, "{object}");
                assert_ne!(container["resources"]["requests"], Value::Null, "{object}");
            }
        }
    }
}

/// YAML has words that are no texts, and some of them are names.
#[test]
#[ignore = "needs a cluster"]
fn a_release_may_have_any_name() {
    let namespace = Namespace::new();
    for (chart, name) in CHARTS
        .iter()
        .flat_map(|chart| ["y", "null"].map(|name| (*chart, name)))
    {
        let options = format!("--set-json={}", everything(chart));
        let rendered = printed(&namespace.helm(&["template", name, chart, &options]));
        printed(&fed(
            &[
                "--namespace",
                &namespace.0,
                "apply",
                "--dry-run=server",
                "--filename=-",
            ],
            &rendered,
        ));
    }
}

/// What belongs to no Kubernetes of itself, and so cannot be shown to the API server.
#[test]
#[ignore = "needs a cluster"]
fn routes_and_monitors_lead_to_the_service() {
    let options = json!({
        "serviceMonitor": {"enabled": true, "intervalSeconds": 15, "labels": {"release": "prometheus"}},
        "httpRoute": {
            "enabled": true,
            "gateway": "public",
            "gatewayNamespace": "gateways",
            "host": "lab.example",
        },
    });
    for chart in ["numbers-api", "pi-web", "todo-list"] {
        let values = match chart {
            "todo-list" => json!({ "web": options }),
            _ => options.clone(),
        };
        let objects = objects(&printed(&helm(&[
            "template",
            chart,
            chart,
            &format!("--set-json={values}"),
        ])));
        let one = |kind: &str| {
            let mut of_kind = objects
                .iter()
                .filter(|object| object["kind"] == kind && object["metadata"]["name"] != "todo-list-db");
            let one = of_kind.next().unwrap_or_else(|| panic!("{chart}: no {kind}"));
            assert!(of_kind.next().is_none(), "{chart}: two {kind}");
            one
        };
        let (service, monitor, route) = (one("Service"), one("ServiceMonitor"), one("HTTPRoute"));
        let port = &service["spec"]["ports"][0];

        assert_eq!(monitor["apiVersion"], "monitoring.coreos.com/v1");
        assert_eq!(monitor["metadata"]["labels"]["release"], "prometheus");
        let selector = monitor["spec"]["selector"]["matchLabels"].as_object().unwrap();
        let selects = |object: &Value| {
            selector
                .iter()
                .all(|(key, value)| &object["metadata"]["labels"][key] == value)
        };
        let selected = objects
            .iter()
            .filter(|object| object["kind"] == "Service" && selects(object));
        assert_eq!(selected.collect::<Vec<_>>(), [service], "{chart}");
        assert_eq!(
            monitor["spec"]["endpoints"],
            json!([{"port": port["name"], "path": "/metrics", "interval": "15s"}])
        );

        assert_eq!(route["apiVersion"], "gateway.networking.k8s.io/v1");
        let backend = json!({"name": service["metadata"]["name"], "port": port["port"]});
        assert_eq!(
            route["spec"],
            json!({
                "parentRefs": [{"name": "public", "namespace": "gateways"}],
                "hostnames": ["lab.example"],
                "rules": [{"backendRefs": [backend]}],
            })
        );
    }
}

/// A command in place of the image's own would start a server without asking for the lock.
#[test]
#[ignore = "needs a cluster"]
fn a_command_cannot_write_to_the_data() {
    let read_only = |flags: &[&str]| {
        let arguments = [&["template", "todo-list", "todo-list"], flags].concat();
        let objects = objects(&printed(&helm(&arguments)));
        let mut pods = objects
            .iter()
            .filter(|object| object["kind"] == "Deployment" && object["metadata"]["name"] == "todo-list-db");
        let container = &pods.next().unwrap()["spec"]["template"]["spec"]["containers"][0];
        let mounts = container["volumeMounts"].as_array().unwrap();
        let data = mounts.iter().find(|mount| mount["name"] == "data").unwrap();
        data["readOnly"] == true
    };
    assert!(!read_only(&[]));
    assert!(read_only(&["--set-json=database.command=[\"postgres\"]"]));
}

/// As it would come from a repository: the link to the library is no link any more.
#[test]
#[ignore = "needs a cluster"]
fn a_packed_chart_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let destination = format!("--destination={}", folder.path().display());
    for chart in CHARTS {
        printed(&helm(&["package", chart, &destination]));
        let archive = folder.path().join(format!("{chart}-1.0.0.tgz"));
        let archive = archive.to_str().unwrap();
        let options = format!("--set-json={}", everything(chart));
        let rendered = |chart: &str| printed(&helm(&["template", "packed", chart, &options]));
        assert_eq!(rendered(archive), rendered(chart));
        printed(&helm(&["lint", "--strict", "--quiet", archive]));
    }
}

#[test]
#[ignore = "needs a cluster"]
fn the_check_of_renderings_finds_what_is_wrong() {
    let namespace = Namespace::new();
    let rendered = printed(&namespace.helm(&["template", "numbers-api", "numbers-api"]));
    let wrong = rendered.replace("readinessProbe:", "readynessProbe:");
    assert_ne!(rendered, wrong);
    let arguments = [
        "--namespace",
        &namespace.0,
        "apply",
        "--dry-run=server",
        "--validate=strict",
        "--filename=-",
    ];
    let message = complained(&fed(&arguments, &wrong));
    assert!(
        message.contains("unknown field") && message.contains("readynessProbe"),
        "{message}"
    );
    let weak = rendered.replace("runAsNonRoot: true", "runAsNonRoot: false");
    let output = fed(&arguments, &weak);
    assert!(text(&output.stderr).contains("runAsNonRoot"), "{output:#?}");
}

/// Helm neither updates nor removes what it made for a hook, and a release that uses another's secret ends with it.
#[test]
#[ignore = "needs a cluster"]
fn hooks_are_jobs_and_a_release_uses_its_own() {
    let rendered = printed(&helm(&["template", "other", "todo-list"]));
    let mut used = Vec::new();
    for object in objects(&rendered) {
        if object["metadata"]["annotations"]["helm.sh/hook"].is_string() {
            assert_eq!(object["kind"], "Job", "{object}");
            let policy = &object["metadata"]["annotations"]["helm.sh/hook-delete-policy"];
            assert_eq!(
                policy, "before-hook-creation,hook-succeeded,hook-failed",
                "{object}"
            );
        }
        collect_used(&object, &mut used);
    }
    assert_eq!(
        used.len(),
        5,
        "a claim, two mounted secrets and two in variables: {used:?}"
    );
    assert!(used.iter().all(|name| name == "other-db"), "{used:?}");
}

/// The names of claims and Secrets that an object refers to.
fn collect_used(value: &Value, used: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("secretName" | "claimName", Value::String(name)) => used.push(name.clone()),
                    ("secretKeyRef", Value::Object(_)) => {
                        used.push(value["name"].as_str().unwrap().to_owned());
                    }
                    _ => collect_used(value, used),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_used(value, used)),
        _ => {}
    }
}
