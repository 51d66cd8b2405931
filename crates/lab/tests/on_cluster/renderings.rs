//! What the charts make of their values, before anything is installed.

use std::fs;

use lab::registry::CHARTS;
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

fn with<'a>(arguments: &[&'a str], more: &'a [String]) -> Vec<&'a str> {
    arguments
        .iter()
        .copied()
        .chain(more.iter().map(String::as_str))
        .collect()
}

#[test]
fn every_chart_is_free_of_what_the_linter_knows() {
    for (chart, flags) in renderings() {
        printed(&helm(&with(&["lint", "--strict", "--quiet", chart], &flags)));
    }
    printed(&helm(&["lint", "--strict", "--quiet", "library"]));
}

/// The API server itself is asked: it checks each field against the schema that it publishes, and the pods against the
/// security standard, and says a warning for what it admits but does not like.
#[test]
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
        let objects: Vec<Value> = serde_saphyr::from_multiple(&rendered).unwrap();
        for object in objects.iter().filter(|object| !object.is_null()) {
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

#[test]
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
fn hooks_are_jobs_and_a_release_uses_its_own() {
    let rendered = printed(&helm(&["template", "other", "todo-list"]));
    let objects: Vec<Value> = serde_saphyr::from_multiple(&rendered).unwrap();
    let mut used = Vec::new();
    for object in objects.iter().filter(|object| !object.is_null()) {
        if object["metadata"]["annotations"]["helm.sh/hook"].is_string() {
            assert_eq!(object["kind"], "Job", "{object}");
            let policy = &object["metadata"]["annotations"]["helm.sh/hook-delete-policy"];
            assert_eq!(
                policy, "before-hook-creation,hook-succeeded,hook-failed",
                "{object}"
            );
        }
        collect_used(object, &mut used);
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
