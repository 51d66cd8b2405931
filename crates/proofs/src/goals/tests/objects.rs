//! One object of which all of something is so, and events.

use super::*;

/// A pod that has been there for a day, with a container that has run for an hour.
fn pod_of(status: Value) -> Value {
    let mut pod = pod("p", true, LONG_AGO, json!({}));
    pod["metadata"]["uid"] = json!("p");
    pod["status"]["conditions"][0]["lastTransitionTime"] = json!("2026-11-25T02:00:00Z");
    pod["status"]["containerStatuses"] = json!([container("c", 0, json!({}))]);
    for (key, value) in status.as_object().unwrap() {
        pod["status"][key] = value.clone();
    }
    pod
}

fn container(name: &str, restarts: u32, more: Value) -> Value {
    let mut container = json!({ "name": name, "image": "i", "imageID": "", "ready": true, "restartCount": restarts,
        "state": { "running": { "startedAt": "2026-11-25T01:00:00Z" } } });
    for (key, value) in more.as_object().unwrap() {
        container[key] = value.clone();
    }
    container
}

fn told(message: &str, at: &str) -> Value {
    json!({ "metadata": { "name": "e" }, "involvedObject": { "uid": "p", "kind": "Pod", "name": "p" }, "reason": "Unhealthy",
        "message": message, "lastTimestamp": at })
}

fn object(parts: Value) -> Value {
    let mut goal = json!({ "of": "app=w" });
    for (key, value) in parts.as_object().unwrap() {
        goal[key] = value.clone();
    }
    json!({ "object": goal })
}

#[tokio::test]
async fn a_healed_pod_is_no_new_one_and_none_that_was_slow() {
    let goal = || {
        object(
            json!({ "told": { "reason": "Unhealthy", "says": "Readiness……500" }, "recovered": true, "ready": true }),
        )
    };
    let failed = "Readiness probe failed: HTTP probe failed with statuscode: 500";
    let refused = "Readiness probe failed: connection refused";
    for (pods, events, expected) in [
        (
            json!([pod_of(json!({}))]),
            json!([told(failed, "2026-11-25T01:30:00Z")]),
            "met",
        ),
        (
            json!([pod_of(json!({}))]),
            json!([told(refused, "2026-11-25T01:00:01Z")]),
            "object-why-told",
        ),
        (json!([pod_of(json!({}))]), json!([]), "object-why-told"),
        // In the run before, and since it was ready last.
        (
            json!([pod_of(json!({}))]),
            json!([told(failed, "2026-11-25T00:30:00Z")]),
            "object-why-recovered",
        ),
        (
            json!([pod_of(json!({}))]),
            json!([told(failed, "2026-11-25T02:30:00Z")]),
            "object-why-recovered",
        ),
        (json!([]), json!([]), "goal-object-none"),
        (json!([pod_of(json!({}))]), Value::Null, "goal-unseen-why"),
        (Value::Null, json!([]), "goal-unseen-why"),
    ] {
        let seen = said(
            goal(),
            &[("/a/pods", pods.clone()), ("/a/events", events.clone())],
        )
        .await;
        assert_eq!(seen, expected, "{pods} {events}");
    }
}

#[tokio::test]
async fn a_pause_is_one_that_somebody_could_see() {
    let waiting = |message: &str| json!({ "state": { "waiting": { "reason": "CrashLoopBackOff", "message": message } } });
    let after =
        |ended: &str| json!({ "lastState": { "terminated": { "exitCode": 1, "finishedAt": ended } } });
    for (more, expected) in [
        (waiting("back-off 40s restarting failed container=c"), "met"),
        (waiting("back-off 5m0s restarting failed container=c"), "met"),
        // For an instant this stands there at each end.
        (
            waiting("back-off 10s restarting failed container=c"),
            "goal-under-way",
        ),
        (after("2026-11-25T00:59:50Z"), "met"),
        (after("2026-11-25T00:59:55Z"), "object-why-paused"),
        // The first restart comes at once, however long that takes.
        (
            json!({ "restartCount": 1, "lastState": after("2026-11-25T00:59:00Z")["lastState"] }),
            "object-why-paused",
        ),
        (
            json!({ "state": { "waiting": { "reason": "ErrImagePull" } } }),
            "object-why-paused",
        ),
        (json!({}), "object-why-paused"),
    ] {
        let pods = json!([pod_of(
            json!({ "containerStatuses": [container("c", 3, more.clone())] })
        )]);
        assert_eq!(
            said(object(json!({ "paused": true })), &[("/a/pods", pods)]).await,
            expected,
            "{more}"
        );
    }
}

#[tokio::test]
async fn restarts_are_those_of_the_container_that_is_named() {
    let now = Timestamp::now().to_string();
    let sidecar = pod_of(json!({ "initContainerStatuses": [container("s", 1, json!({}))] }));
    let begun = pod_of(
        json!({ "containerStatuses": [container("c", 0, json!({ "state": { "running": { "startedAt": now } } }))] }),
    );
    for (pod, parts, expected) in [
        (&sidecar, json!({ "restarts": { "s": 1, "c": 0 } }), "met"),
        (&sidecar, json!({ "restarts": { "s": 2 } }), "object-why-restarts"),
        (&sidecar, json!({ "restarts": { "c": 1 } }), "object-why-restarts"),
        (
            &sidecar,
            json!({ "restarts": { "s": 0 } }),
            "object-why-restarted",
        ),
        (
            &sidecar,
            json!({ "restarts": { "x": 0 } }),
            "object-why-restarted",
        ),
        (&sidecar, json!({ "runs": 60 }), "met"),
        (&begun, json!({ "runs": 60 }), "goal-under-way"),
        (
            &sidecar,
            json!({ "fields": [{ "field": "spec.nodeName", "is": "n" }] }),
            "met",
        ),
        (
            &sidecar,
            json!({ "fields": [{ "field": "spec.nodeName", "is": "m" }] }),
            "object-why-field",
        ),
    ] {
        let seen = said(object(parts.clone()), &[("/a/pods", json!([pod]))]).await;
        assert_eq!(seen, expected, "{parts}");
    }
}

fn deployment(created: &str) -> Value {
    json!({ "metadata": { "name": "d", "uid": "d", "creationTimestamp": created, "labels": { "app": "w" } }, "spec": { "replicas": 0 } })
}

fn version(uid: &str, revision: u32, variables: &[&str]) -> Value {
    let env: Vec<_> = variables.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "metadata": { "name": uid, "uid": uid, "annotations": { "deployment.kubernetes.io/revision": revision.to_string() },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "d", "controller": true }] },
        "spec": { "replicas": 1, "template": { "spec": { "containers": [{ "name": "c", "env": env }] } } },
    })
}

#[tokio::test]
async fn a_pod_took_the_place_of_another_or_came_with_an_update() {
    let replaced = || object(json!({ "replaced": true }));
    let updated = || {
        object(json!({ "fields": [{ "field": "spec.containers.env.name", "never": "X" }], "updated": true }))
    };
    let minute_before = "2026-11-24T23:59:00Z";
    for (goal, created, sets, expected) in [
        (replaced(), minute_before, json!([version("s", 1, &[])]), "met"),
        (
            replaced(),
            LONG_AGO,
            json!([version("s", 1, &[])]),
            "object-why-replaced",
        ),
        (replaced(), minute_before, json!([]), "object-why-replaced"),
        (
            updated(),
            LONG_AGO,
            json!([version("s", 3, &[]), version("t", 2, &[])]),
            "met",
        ),
        (
            updated(),
            LONG_AGO,
            json!([version("s", 3, &[]), version("t", 2, &["X"])]),
            "object-why-updated",
        ),
        // Taken back to an earlier one.
        (
            updated(),
            LONG_AGO,
            json!([version("s", 1, &[]), version("t", 2, &[])]),
            "object-why-updated",
        ),
    ] {
        let there = [
            ("/a/pods", json!([pod("p", true, LONG_AGO, json!({}))])),
            ("/a/deployments", json!([deployment(created)])),
            ("/a/replicasets", sets.clone()),
        ];
        assert_eq!(
            said(goal.clone(), &there).await,
            expected,
            "{goal} {created} {sets}"
        );
    }
    // One more beside the first is in nobody's place.
    let two = json!([
        pod("p", true, minute_before, json!({})),
        pod("q", true, LONG_AGO, json!({}))
    ]);
    let there = [
        ("/a/pods", two),
        ("/a/deployments", json!([deployment(minute_before)])),
        ("/a/replicasets", json!([version("s", 1, &[])])),
    ];
    assert_eq!(said(replaced(), &there).await, "object-why-replaced");
}

#[tokio::test]
async fn deployments_have_fields_and_what_has_gone_has_events() {
    let goal = |value: &str| {
        object(json!({ "kind": "Deployment", "fields": [{ "field": "spec.replicas", "is": value }] }))
    };
    let there = [("/a/deployments", json!([deployment(LONG_AGO)]))];
    assert_eq!(said(goal("0"), &there).await, "met");
    assert_eq!(said(goal("1"), &there).await, "object-why-field");
    let event =
        |name: &str| json!({ "event": { "kind": "Pod", "name": name, "told": { "reason": "Unhealthy" } } });
    let there = [("/a/events", json!([told("it fails", LONG_AGO)]))];
    assert_eq!(said(event("p"), &there).await, "met");
    assert_eq!(said(event("q"), &there).await, "goal-event-none");
    assert_eq!(
        said(event("p"), &[("/a/events", Value::Null)]).await,
        "goal-unseen-why"
    );
}

/// A Deployment goes on saying why a version was refused that has gone.
#[tokio::test]
async fn what_makes_the_pods_says_why_they_are_refused() {
    let condition =
        |message: &str| json!([{ "type": "ReplicaFailure", "status": "True", "message": message }]);
    let mut top = deployment(LONG_AGO);
    top["spec"]["replicas"] = json!(2);
    top["status"]["conditions"] = condition("failed quota: q: must specify limits.cpu for: c");
    let mut set = version("s", 2, &[]);
    set["spec"]["replicas"] = json!(2);
    set["status"]["conditions"] = condition(QUOTA);
    let there = [
        ("/a/pods", json!([pod("p", true, LONG_AGO, json!({}))])),
        ("/a/deployments", json!([top])),
        ("/a/replicasets", json!([set])),
    ];
    let goal = json!({ "refused": { "resource": "cpu", "beyond": 1 } });
    assert_eq!(said(goal, &there).await, "met");
}
