//! What the chapter promises.

use serde_json::{Value, json};

use super::{folder, manifests, parse, rules::restricted, schema::deviations};

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
    assert_eq!(
        container(bad, "/startupProbe"),
        container(database, "/startupProbe")
    );
    assert_eq!(deployment(bad, "/spec/strategy/rollingUpdate/maxUnavailable"), 0);
    let web = "todo-list/web/todo-web.yaml";
    assert_eq!(value(web, "Service", "/spec/type"), "LoadBalancer");
    assert_eq!(value(web, "Service", "/spec/ports"), port(8081));
    assert_eq!(container(web, "/readinessProbe/httpGet/path"), "/readyz");
    assert_eq!(container(web, "/livenessProbe/httpGet/path"), "/healthz");

    let slow = "starting/slow-start.yaml";
    let cured = "starting/update/slow-start-with-startup-probe.yaml";
    assert_eq!(container(slow, "/startupProbe"), Value::Null);
    assert_eq!(
        container(slow, "/livenessProbe"),
        container(cured, "/livenessProbe")
    );
    assert_eq!(container(cured, "/startupProbe/failureThreshold"), 60);
    let steady = "stopping/steady-api.yaml";
    let (hook, breaks) = (
        "stopping/update/steady-api-with-pre-stop.yaml",
        "stopping/update/steady-api-that-breaks.yaml",
    );
    assert_eq!(value(steady, "Service", "/spec/type"), "LoadBalancer");
    assert_eq!(value(steady, "Service", "/spec/ports"), port(8017));
    assert_eq!(container(steady, "/lifecycle"), Value::Null);
    for update in [hook, breaks] {
        let sleeps = json!({"preStop": {"sleep": {"seconds": 5}}});
        assert_eq!(container(update, "/lifecycle"), sleeps);
        assert_eq!(
            deployment(update, "/spec/strategy/rollingUpdate/maxUnavailable"),
            0
        );
    }
    assert_eq!(deployment(hook, "/spec/minReadySeconds"), Value::Null);
    assert_eq!(deployment(breaks, "/spec/minReadySeconds"), 8);

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
