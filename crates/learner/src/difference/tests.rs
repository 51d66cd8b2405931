use serde_json::json;

use super::*;

fn deployment(container: &Value) -> Value {
    json!({ "kind": "Deployment", "spec": { "template": {
        "metadata": { "labels": { "app": "numbers-api" } },
        "spec": { "containers": [container] },
    } } })
}

fn found(wanted: &Value, there: &Value) -> Vec<String> {
    let shown = |text: &Option<String>| text.clone().unwrap_or("-".into());
    differences(wanted, there)
        .iter()
        .map(|one| format!("{} {} {}", one.field, shown(&one.wanted), shown(&one.there)))
        .collect()
}

#[test]
fn what_the_server_fills_in_is_no_difference() {
    let wanted = deployment(&json!({ "name": "api", "readinessProbe": {
        "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 5, "failureThreshold": 1,
    } }));
    let there = deployment(
        &json!({ "name": "api", "terminationMessagePath": "/dev/x", "resources": {},
            "readinessProbe": {
                "httpGet": { "path": "/healthz", "port": 8080, "scheme": "HTTP" }, "periodSeconds": 5,
                "failureThreshold": 1, "timeoutSeconds": 1, "successThreshold": 1,
            },
        }),
    );
    assert!(found(&wanted, &there).is_empty(), "{:?}", found(&wanted, &there));
}

#[test]
fn each_field_that_means_something_is_named() {
    let probe = json!({ "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 5 });
    let wanted = deployment(&json!({ "name": "api", "image": "a:1", "readinessProbe": probe }));
    let there = |change: &str, value: Value| {
        let mut there = wanted.clone();
        *there
            .pointer_mut(&format!("/spec/template/spec/containers/0{change}"))
            .unwrap() = value;
        found(&wanted, &there)
    };
    assert_eq!(there("/image", json!("a:2")), ["containers[api].image a:1 a:2"]);
    assert_eq!(
        there("/readinessProbe/httpGet/path", json!("/health")),
        ["containers[api].readinessProbe.httpGet.path /healthz /health"]
    );
    assert_eq!(there("/name", json!("web")).len(), 2);
    assert!(there("/readinessProbe/httpGet/port", json!("8080")).is_empty());
    assert_eq!(there("/readinessProbe/periodSeconds", json!(50)).len(), 1);
    assert_eq!(
        there(
            "/readinessProbe",
            json!({ "httpGet": probe["httpGet"], "periodSeconds": 5, "initialDelaySeconds": 300 })
        ),
        ["containers[api].readinessProbe.initialDelaySeconds - 300"]
    );
    assert_eq!(there("/readinessProbe", Value::Null).len(), 1);
    let plain = deployment(&json!({ "name": "api", "image": "a:1" }));
    assert_eq!(found(&plain, &wanted).len(), 1, "{:?}", found(&plain, &wanted));
    let limited =
        deployment(&json!({ "name": "api", "image": "a:1", "resources": { "limits": { "cpu": "1" } } }));
    assert_eq!(found(&plain, &limited).len(), 1);
}

#[test]
fn amounts_are_compared_and_not_their_spelling() {
    for (one, other, same) in [
        ("500m", "0.5", true),
        ("1", "1000m", true),
        ("1Gi", "1024Mi", true),
        ("150Mi", "150M", false),
        ("50Mi", "500Mi", false),
        ("x", "y", false),
    ] {
        let quota =
            |value: &str| json!({ "kind": "ResourceQuota", "spec": { "hard": { "limits.cpu": value } } });
        assert_eq!(
            found(&quota(one), &quota(other)).is_empty(),
            same,
            "{one} {other}"
        );
    }
    assert_eq!(amount("2.5"), Some(2500));
    assert_eq!(amount("99999999999999999999999999999999999999999999E"), None);
}

#[test]
fn more_replicas_are_a_surplus_and_fewer_a_difference() {
    let of = |replicas: Value| json!({ "kind": "Deployment", "spec": { "replicas": replicas } });
    let one = |wanted, there| {
        differences(&of(wanted), &of(there))
            .first()
            .map(Difference::is_surplus)
    };
    assert_eq!(one(json!(2), json!(3)), Some(true));
    assert_eq!(one(json!(2), json!(1)), Some(false));
    let absent = json!({ "kind": "Deployment", "spec": {} });
    assert!(differences(&absent, &of(json!(1))).is_empty());
    assert!(
        differences(&absent, &of(json!(3)))
            .iter()
            .all(Difference::is_surplus)
    );
    assert!(
        !differences(&absent, &of(json!(0)))
            .iter()
            .all(Difference::is_surplus)
    );
}

#[test]
fn a_password_is_compared_and_not_told() {
    let wanted = json!({ "kind": "Secret", "stringData": { "password": "right" } });
    let there = |held: &str| json!({ "data": { "password": held } });
    assert!(found(&wanted, &there("cmlnaHQ=")).is_empty());
    assert_eq!(found(&wanted, &there("d3Jvbmc=")), ["data.password … …"]);
    assert_eq!(found(&wanted, &json!({})), ["data.password … -"]);
}

#[test]
fn what_the_cluster_adds_to_a_pod_or_a_jobs_pods_is_no_difference() {
    let pod = json!({ "kind": "Pod", "spec": { "containers": [{ "name": "web" }] } });
    let resources = json!({ "limits": { "cpu": "250m" } });
    let mut there = json!({
        "metadata": { "annotations": { "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu limit" } },
        "spec": { "containers": [{ "name": "web", "resources": resources }] },
    });
    assert!(found(&pod, &there).is_empty());
    there["metadata"] = json!({});
    assert_eq!(found(&pod, &there).len(), 1);

    let labels = |labels: Value| json!({ "spec": { "template": { "metadata": { "labels": labels } } } });
    let wanted = labels(json!({ "app": "batch" }));
    let there = json!({ "app": "batch", "batch.kubernetes.io/job-name": "batch", "controller-uid": "1" });
    assert!(found(&wanted, &labels(there)).is_empty());
    assert_eq!(
        found(&wanted, &labels(json!({ "app": "batch", "x": "1" }))).len(),
        1
    );
}
