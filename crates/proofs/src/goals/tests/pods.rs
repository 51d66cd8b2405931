//! Pods: too few, refused, without a node, and what they answer.

use super::*;

/// Pods of a set that wants four, by what is known of them.
#[tokio::test]
async fn too_few_pods_have_a_cause() {
    let now = Timestamp::now().to_string();
    let waiting = |reason: &str| {
        json!({ "status": { "phase": "Pending", "containerStatuses": [{ "name": "c", "image": "i", "imageID": "", "ready": false,
            "restartCount": 0, "state": { "waiting": { "reason": reason } } }] } })
    };
    let nodeless = json!({ "status": { "phase": "Pending", "conditions": [
        { "type": "PodScheduled", "status": "False", "message": "0/1 nodes: Insufficient cpu." }] } });
    let ready = || pod("r", true, LONG_AGO, json!({}));
    let four = |last: Value| json!([ready(), ready(), ready(), last]);
    let sets = |wanted| json!([set(wanted, json!([]))]);
    let failed = |message: &str| {
        json!([set(
            4,
            json!([{ "type": "ReplicaFailure", "status": "True", "message": message }])
        )])
    };
    let just_begun = json!({ "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }],
        "containerStatuses": [{ "name": "c", "image": "i", "imageID": "", "ready": true, "restartCount": 0,
            "state": { "running": { "startedAt": now } } }] } });
    for (pods, sets, events, expected) in [
        (four(ready()), sets(4), json!([]), "met"),
        (
            four(pod("y", true, &now, just_begun)),
            sets(4),
            json!([]),
            "goal-under-way",
        ),
        (
            four(pod("y", false, &now, waiting("ContainerCreating"))),
            sets(4),
            json!([]),
            "goal-under-way",
        ),
        (
            four(pod("o", false, LONG_AGO, json!({}))),
            sets(4),
            json!([]),
            "goal-workload-not-ready",
        ),
        (
            four(pod("y", false, &now, waiting("ErrImagePull"))),
            sets(4),
            json!([]),
            "goal-workload-stuck",
        ),
        (
            four(pod("y", false, &now, nodeless)),
            sets(4),
            json!([]),
            "goal-workload-no-node",
        ),
        (
            json!([ready(), ready(), ready()]),
            sets(4),
            json!([]),
            "goal-workload-not-made",
        ),
        (
            json!([ready(), ready(), ready()]),
            sets(3),
            json!([]),
            "goal-workload-too-few",
        ),
        (json!([]), json!([]), json!([]), "goal-workload-none"),
        (
            json!([]),
            failed("failed quota: q: must specify limits.cpu for: c"),
            json!([]),
            "goal-workload-no-limit",
        ),
        (
            json!([ready(), ready(), ready()]),
            failed(QUOTA),
            json!([]),
            "goal-workload-no-room",
        ),
        (
            json!([]),
            failed("no service account"),
            json!([]),
            "goal-workload-refused",
        ),
        (
            json!([ready()]),
            sets(4),
            json!([event(QUOTA, NOW)]),
            "goal-workload-no-room",
        ),
        // Since then a pod came.
        (
            json!([pod("y", true, &now, json!({}))]),
            sets(4),
            json!([event(QUOTA, LONG_AGO)]),
            "goal-under-way",
        ),
    ] {
        let objects = [
            ("/a/pods", pods.clone()),
            ("/a/replicasets", sets.clone()),
            ("/a/events", events.clone()),
        ];
        let goal = json!({ "workload": { "selector": "app=w", "ready": 4 } });
        assert_eq!(said(goal, &objects).await, expected, "{pods} {sets} {events}");
    }
}

#[tokio::test]
async fn pods_that_outlived_a_quota_do_not_count() {
    let with = |resources: Value| {
        let spec = json!({ "spec": { "containers": [{ "name": "c", "resources": resources }] } });
        json!([pod("p", true, LONG_AGO, spec)])
    };
    let whole = |cpu: &str| {
        let spec = json!({ "resources": { "limits": { "cpu": cpu } }, "containers": [{ "name": "c" }] });
        json!([pod("p", true, LONG_AGO, json!({ "spec": spec }))])
    };
    let limit = |cpu: &str| with(json!({ "limits": { "cpu": cpu } }));
    let hard = json!([quota(json!({ "limits.cpu": "500m", "pods": "9" }))]);
    for (pods, quotas, expected) in [
        (whole("500m"), hard.clone(), "met"),
        (whole("501m"), hard.clone(), "goal-workload-over-quota"),
        (limit("500m"), hard.clone(), "met"),
        (limit("501m"), hard.clone(), "goal-workload-over-quota"),
        (with(json!({})), hard.clone(), "goal-workload-uncounted"),
        (
            with(json!({ "requests": { "cpu": "1m" } })),
            hard,
            "goal-workload-uncounted",
        ),
        (
            with(json!({ "requests": { "cpu": "1m" } })),
            json!([quota(json!({ "cpu": "1m" }))]),
            "met",
        ),
        (
            with(json!({})),
            json!([quota(json!({ "requests.storage": "1Gi" }))]),
            "met",
        ),
        (with(json!({})), json!([]), "met"),
    ] {
        let objects = [("/a/pods", pods.clone()), ("/a/resourcequotas", quotas)];
        let goal = json!({ "workload": { "selector": "app=w", "ready": 1 } });
        assert_eq!(said(goal, &objects).await, expected, "{pods}");
    }
}

#[tokio::test]
async fn a_refusal_has_to_come_of_the_quota_and_late_enough() {
    let ready = || pod("r", true, LONG_AGO, json!({}));
    let sets = |wanted| json!([set(wanted, json!([]))]);
    let memory = QUOTA.replace("limits.cpu", "limits.memory");
    let uncompleted = "failed quota: q: must specify limits.cpu for: c";
    for (pods, wanted, message, expected) in [
        (vec![ready(), ready()], 3, QUOTA, "met"),
        (vec![ready(), ready()], 2, QUOTA, "goal-refused-none"),
        (vec![ready()], 3, QUOTA, "goal-refused-too-soon"),
        (vec![ready(), ready()], 3, &memory, "goal-refused-otherwise"),
        (vec![ready(), ready()], 3, uncompleted, "goal-refused-otherwise"),
    ] {
        let objects = [
            ("/a/pods", json!(pods)),
            ("/a/replicasets", sets(wanted)),
            ("/a/events", json!([event(message, NOW)])),
        ];
        let goal = json!({ "refused": { "resource": "cpu", "beyond": 2 } });
        assert_eq!(said(goal, &objects).await, expected, "{wanted} {message}");
    }
    let objects = [
        (
            "/a/pods",
            json!([ready(), pod("y", true, &Timestamp::now().to_string(), json!({}))]),
        ),
        ("/a/replicasets", sets(3)),
    ];
    let goal = json!({ "refused": { "resource": "cpu", "beyond": 2 } });
    assert_eq!(said(goal, &objects).await, "goal-under-way");
}

#[tokio::test]
async fn a_service_that_does_not_answer_says_why() {
    let service = |kind: &str, created: &str, address: Value| {
        json!([{ "metadata": { "name": "w", "creationTimestamp": created },
            "spec": { "type": kind, "selector": { "app": "w" }, "ports": [{ "port": 80 }] },
            "status": { "loadBalancer": { "ingress": address } } }])
    };
    let now = Timestamp::now().to_string();
    let here = json!([{ "ip": "127.0.0.1" }]);
    let young = json!([pod("y", false, &now, json!({}))]);
    for (services, pods, expected) in [
        (json!([]), json!([]), "goal-service-none"),
        (
            service("ClusterIP", &now, json!([])),
            json!([]),
            "goal-answers-other-type",
        ),
        (
            service("LoadBalancer", &now, json!([])),
            json!([]),
            "goal-under-way",
        ),
        (
            service("LoadBalancer", LONG_AGO, json!([])),
            json!([]),
            "goal-answers-no-address",
        ),
        (
            service("LoadBalancer", LONG_AGO, here.clone()),
            json!([]),
            "goal-answers-none-ready",
        ),
        (service("LoadBalancer", LONG_AGO, here), young, "goal-under-way"),
    ] {
        let objects = [("/a/services", services.clone()), ("/a/pods", pods)];
        let goal = json!({ "answers": { "service": "w", "get": "/", "status": 200 } });
        assert_eq!(said(goal, &objects).await, expected, "{services}");
    }
}

#[tokio::test]
async fn all_callers_get_the_answer_that_is_asked_for() {
    let server = fake::server(|request| match request {
        "GET /right" => (200, json!({ "pi": "3.14" })),
        _ => fake::refusal(404, "no such page"),
    });
    let server = server.await;
    let open: u16 = server.rsplit_once(':').unwrap().1.parse().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let old = pod("r", true, LONG_AGO, json!({}));
    let young = pod("r", true, &Timestamp::now().to_string(), json!({}));
    for (port, get, holds, pod, expected) in [
        (open, "/right", "3.14", &old, "met"),
        (open, "/right", "3.15", &old, "goal-answers-without"),
        (open, "/wrong", "3.14", &old, "goal-answers-status"),
        (closed, "/right", "3.14", &old, "goal-answers-none"),
        (closed, "/right", "3.14", &young, "goal-under-way"),
    ] {
        let services = json!([{ "metadata": { "name": "w", "creationTimestamp": LONG_AGO },
            "spec": { "type": "LoadBalancer", "selector": { "app": "w" }, "ports": [{ "port": port }] },
            "status": { "loadBalancer": { "ingress": [{ "ip": "127.0.0.1" }] } } }]);
        let objects = [("/a/services", services), ("/a/pods", json!([pod]))];
        let goal = json!({ "answers": { "service": "w", "get": get, "status": 200, "holds": holds } });
        assert_eq!(said(goal, &objects).await, expected, "{get} {holds}");
    }
}

#[tokio::test]
async fn a_pod_without_a_node_is_left_pending() {
    let now = Timestamp::now().to_string();
    let nodeless = |message: Value| {
        let condition = json!({ "type": "PodScheduled", "status": "False", "message": message });
        let conditions = if message.is_null() {
            json!([])
        } else {
            json!([condition])
        };
        let more = json!({ "spec": { "containers": [] }, "status": { "phase": "Pending", "conditions": conditions } });
        json!([pod("p", false, &now, more)])
    };
    for (pods, expected) in [
        (
            nodeless(json!("0/1 nodes are available: 1 Insufficient cpu.")),
            "met",
        ),
        (
            nodeless(json!("0/1 nodes are available: 1 Insufficient memory.")),
            "goal-pending-otherwise",
        ),
        (nodeless(Value::Null), "goal-under-way"),
        (json!([pod("p", true, LONG_AGO, json!({}))]), "goal-pending-none"),
    ] {
        let goal = json!({ "pending": { "reason": "Insufficient cpu" } });
        assert_eq!(said(goal, &[("/a/pods", pods)]).await, expected);
    }
}
