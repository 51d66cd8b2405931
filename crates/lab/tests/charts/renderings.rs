//! What the charts make of their values, before anything is installed.

use std::{collections::BTreeSet, fs};

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

#[test]
fn nonsense_is_refused_and_named() {
    for (chart, flag, said) in [
        (
            "numbers-api",
            "--set=replicas=-1",
            "at '/replicas': minimum: got -1, want 0",
        ),
        (
            "pi-web",
            "--set=replicas=-1",
            "at '/replicas': minimum: got -1, want 0",
        ),
        (
            "memory-allocator",
            "--set=replicas=-1",
            "at '/replicas': minimum: got -1, want 0",
        ),
        (
            "todo-list",
            "--set=web.replicas=-1",
            "at '/web/replicas': minimum: got -1, want 0",
        ),
        (
            "numbers-api",
            "--set=replicas=two",
            "at '/replicas': got string, want integer",
        ),
        (
            "numbers-api",
            "--set=replica=2",
            "additional properties 'replica' not allowed",
        ),
        (
            "numbers-api",
            "--set=probes.liveness.enable=true",
            "at '/probes/liveness': additional properties 'enable' not allowed",
        ),
        (
            "numbers-api",
            "--set=failAfterCallCount=-1",
            "at '/failAfterCallCount': minimum",
        ),
        (
            "numbers-api",
            "--set=service.port=70000",
            "at '/service/port': maximum: got 70,000, want 65,535",
        ),
        (
            "numbers-api",
            "--set=service.type=Loadbalancer",
            "value must be one of 'LoadBalancer', 'NodePort', 'ClusterIP'",
        ),
        (
            "numbers-api",
            "--set=image.registry=https://registry.example",
            "at '/image/registry'",
        ),
        (
            "numbers-api",
            "--set=ingress.enabled=true",
            "ingress.host: the name under which",
        ),
        (
            "numbers-api",
            "--set=httpRoute.enabled=true",
            "httpRoute.gateway: the name of the Gateway",
        ),
        (
            "pi-web",
            "--set=resources.limits.memory=50Megs",
            "at '/resources/limits/memory': '50Megs' does not match",
        ),
        (
            "pi-web",
            "--set=resources.limits.cpu=-1",
            "at '/resources/limits/cpu': minimum",
        ),
        (
            "pi-web",
            "--set=autoscaling.enabled=true,autoscaling.minReplicas=9",
            "autoscaling.minReplicas (9) is above",
        ),
        (
            "memory-allocator",
            "--set=machineSharePercent=100",
            "at '/machineSharePercent': maximum",
        ),
        (
            "todo-list",
            "--set=database.password=short",
            "at '/database/password'",
        ),
        (
            "todo-list",
            "--set=database.expectedVersion=newest",
            "at '/database/expectedVersion'",
        ),
    ] {
        let message = complained(&helm(&["template", chart, chart, flag]));
        assert!(message.contains(said), "{chart} {flag}: {message}");
    }
    let message = complained(&helm(&["template", "my.release", "numbers-api"]));
    assert!(
        message.contains("the release cannot be named \"my.release\""),
        "{message}"
    );
}

/// What Helm does not let charts share is the same in each that has it.
#[test]
fn the_charts_agree() {
    let registry = lab::registry::current(&charts().join("..")).unwrap();
    let mut definitions = serde_json::Map::new();
    let mut templates = BTreeSet::new();
    for chart in CHARTS {
        let folder = charts().join(chart);
        let values: Value =
            serde_saphyr::from_str(&fs::read_to_string(folder.join("values.yaml")).unwrap()).unwrap();
        assert_eq!(values["image"]["registry"], registry, "{chart}");
        let about: Value =
            serde_saphyr::from_str(&fs::read_to_string(folder.join("Chart.yaml")).unwrap()).unwrap();
        assert_eq!(about["appVersion"], env!("CARGO_PKG_VERSION"), "{chart}");
        let schema: Value =
            serde_json::from_slice(&fs::read(folder.join("values.schema.json")).unwrap()).unwrap();
        for (name, definition) in schema["definitions"].as_object().unwrap() {
            let known = definitions.entry(name).or_insert_with(|| definition.clone());
            assert_eq!(known, definition, "{chart}: {name}");
        }
        for template in fs::read_dir(folder.join("templates")).unwrap() {
            let template = fs::read(template.unwrap().path()).unwrap();
            assert!(
                templates.insert(template),
                "{chart} has a template that another chart has too"
            );
        }
    }
}
