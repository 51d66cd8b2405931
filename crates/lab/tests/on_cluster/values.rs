//! What values a chart takes, and what it has by default.

use std::{collections::BTreeSet, fs};

use lab::image_source::CHARTS;
use serde_json::Value;

use crate::programs::{charts, complained, helm};

#[test]
#[ignore = "needs a cluster"]
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
            "at '/replicas': got string, want null or integer",
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
            "todo-list",
            "--set=image.tag=1.1.0",
            "at '/image': additional properties 'tag' not allowed",
        ),
        (
            "todo-list",
            "--set=web.replicas=11",
            "at '/web/replicas': maximum: got 11, want 10",
        ),
        (
            "numbers-api",
            "--set=probes.readiness.terminationGracePeriodSeconds=5",
            "at '/probes/readiness': additional properties 'terminationGracePeriodSeconds' not allowed",
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
    let registry = lab::image_source::current(&charts().join("..")).unwrap();
    let mut templates = BTreeSet::new();
    for chart in CHARTS {
        let folder = charts().join(chart);
        let values: Value =
            serde_saphyr::from_str(&fs::read_to_string(folder.join("values.yaml")).unwrap()).unwrap();
        assert_eq!(values["image"]["registry"], registry, "{chart}");
        let about: Value =
            serde_saphyr::from_str(&fs::read_to_string(folder.join("Chart.yaml")).unwrap()).unwrap();
        assert_eq!(about["appVersion"], env!("CARGO_PKG_VERSION"), "{chart}");
        for template in fs::read_dir(folder.join("templates")).unwrap() {
            let template = fs::read(template.unwrap().path()).unwrap();
            assert!(
                templates.insert(template),
                "{chart} has a template that another chart has too"
            );
        }
    }
}
