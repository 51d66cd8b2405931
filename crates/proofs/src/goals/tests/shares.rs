//! Quotas, namespaces, and what may not be seen.

use super::*;

#[tokio::test]
async fn a_share_is_of_all_nodes_that_take_pods_or_of_one() {
    let taint = json!({ "taints": [{ "key": "role", "effect": "NoSchedule" }] });
    let two = json!([node("2", json!({})), node("4", json!({})), node("8", taint)]);
    let hard = |cpu: &str| json!([quota(json!({ "limits.cpu": cpu }))]);
    for (mine, theirs, expected) in [
        // Of both together, six.
        ("1500m", "3", ["met", "met"]),
        // Of the larger one.
        ("1", "2", ["met", "met"]),
        ("500m", "1", ["met", "met"]),
        // Of one and of another: there is one node that both mean, or none.
        ("500m", "2", ["met", "goal-quota-other-share"]),
        ("3", "1500m", ["goal-quota-swapped", "goal-quota-swapped"]),
        ("100", "100", ["goal-quota-above-node", "goal-quota-above-node"]),
    ] {
        let objects = [
            ("/nodes", two.clone()),
            ("/a/resourcequotas", hard(mine)),
            ("/b/resourcequotas", hard(theirs)),
            ("/b", json!([])),
        ];
        let said = judged(&[share("a", 25), share("b", 50)], &objects).await;
        let said: Vec<_> = said.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(said, expected, "{mine} {theirs}");
    }
}

#[tokio::test]
async fn quotas_count_as_they_bind_together() {
    let nodes = json!([node("2", json!({}))]);
    for (quotas, expected) in [
        (json!([]), "goal-quota-none"),
        (json!([quota(json!({ "limits.cpu": "500m" }))]), "met"),
        (json!([quota(json!({ "limits.cpu": "505m" }))]), "met"),
        (json!([quota(json!({ "limits.cpu": "495m" }))]), "met"),
        (
            json!([quota(json!({ "limits.cpu": "506m" }))]),
            "goal-quota-other-share",
        ),
        (
            json!([quota(json!({ "limits.cpu": "494m" }))]),
            "goal-quota-other-share",
        ),
        (
            json!([quota(json!({ "limits.cpu": "0" }))]),
            "goal-quota-other-share",
        ),
        (json!([quota(json!({ "cpu": "0.5" }))]), "met"),
        (
            json!([quota(json!({ "requests.cpu": "500m", "limits.cpu": "9" }))]),
            "met",
        ),
        (
            json!([quota(json!({ "requests.cpu": "200m", "limits.cpu": "500m" }))]),
            "met",
        ),
        (
            json!([quota(json!({ "requests.cpu": "500m", "limits.cpu": "200m" }))]),
            "goal-quota-other-share",
        ),
        (
            json!([
                quota(json!({ "limits.cpu": "9" })),
                quota(json!({ "limits.cpu": "500m" }))
            ]),
            "met",
        ),
        (
            json!([
                quota(json!({ "limits.cpu": "400m" })),
                quota(json!({ "limits.cpu": "500m" }))
            ]),
            "goal-quota-other-share",
        ),
        (
            json!([quota(json!({ "limits.memory": "1Gi" }))]),
            "goal-quota-other-resource",
        ),
        (
            json!([quota(json!({ "count/pods": "4" }))]),
            "goal-quota-other-resource",
        ),
        (json!([quota(json!({}))]), "goal-quota-other-resource"),
        (
            json!([{ "metadata": { "name": "q" }, "spec": { "hard": { "cpu": "500m" }, "scopes": ["NotBestEffort"] } }]),
            "goal-quota-scoped",
        ),
        (
            json!([{ "metadata": { "name": "q", "deletionTimestamp": NOW }, "spec": { "hard": { "cpu": "500m" } } }]),
            "goal-quota-none",
        ),
    ] {
        let objects = [("/nodes", nodes.clone()), ("/a/resourcequotas", quotas.clone())];
        assert_eq!(said(share("a", 25), &objects).await, expected, "{quotas}");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_is_neither_right_nor_wrong() {
    let right = json!([quota(json!({ "limits.cpu": "500m" }))]);
    let hidden = Value::Null;
    let nodes = judged(
        &[share("a", 25)],
        &[("/nodes", hidden.clone()), ("/a/resourcequotas", right)],
    )
    .await;
    assert_eq!(nodes, [(Outcome::Unseen, "goal-quota-no-whole".to_owned())]);
    // That there is none needs no look at the nodes.
    assert_eq!(
        said(share("a", 25), &[("/nodes", hidden.clone())]).await,
        "goal-quota-none"
    );
    let workload = json!({ "workload": { "selector": "app=w", "ready": 1 } });
    let of_service = json!({ "workload": { "service": "w", "ready": 1 } });
    let answers = json!({ "answers": { "service": "w", "get": "/", "status": 200 } });
    let refused = json!({ "refused": { "resource": "cpu", "beyond": 1 } });
    let pending = json!({ "pending": { "reason": "Insufficient cpu" } });
    for (goal, path) in [
        (share("a", 25), "/a/resourcequotas"),
        (workload, "/a/pods"),
        (of_service, "/a/services"),
        (answers, "/a/services"),
        (refused, "/a/events"),
        (pending, "/a/pods"),
    ] {
        let verdicts = judged(std::slice::from_ref(&goal), &[(path, hidden.clone())]).await;
        assert_eq!(verdicts[0].0, Outcome::Unseen, "{goal}");
    }
}

#[tokio::test]
async fn a_namespace_that_is_not_there_has_nothing_to_judge() {
    for (answer, expected) in [
        (fake::refusal(404, "not found"), "goal-namespace-none"),
        (
            (
                200,
                json!({ "metadata": { "name": "b", "deletionTimestamp": NOW } }),
            ),
            "goal-namespace-ending",
        ),
    ] {
        let place = Place::new(
            fake::api(move |request, _| match request {
                "GET /api/v1/namespaces/b" => answer.clone(),
                _ => fake::list(&[]),
            }),
            "a".into(),
            PathBuf::new(),
        );
        let goals = [
            share("b", 25),
            json!({ "workload": { "namespace": "b", "service": "w", "ready": 1 } }),
            json!({ "answers": { "namespace": "b", "service": "w", "get": "/", "status": 200 } }),
            json!({ "refused": { "namespaces": ["b"], "resource": "cpu", "beyond": 1 } }),
            json!({ "pending": { "namespaces": ["b"], "reason": "Insufficient cpu" } }),
        ];
        let goals: Vec<_> = goals.iter().map(goal).collect();
        for verdict in judge(&goals, &place).await.unwrap() {
            assert_eq!(verdict.reason.and_then(|reason| reason.id()), Some(expected));
        }
    }
    let place = Place::new(
        fake::api(|_, _| fake::refusal(500, "broken")),
        "a".into(),
        PathBuf::new(),
    );
    assert!(judge(&[goal(&share("a", 25))], &place).await.is_err());
}

#[tokio::test]
async fn a_proof_can_be_a_goal() {
    let goal = json!({ "shown": { "pods": { "of": "app=w", "running": 1, "ready": 0 } } });
    for (ready, expected) in [(false, "met"), (true, "hint-pods-too-many-ready")] {
        let objects = [("/a/pods", json!([pod("p", ready, LONG_AGO, json!({}))]))];
        assert_eq!(said(goal.clone(), &objects).await, expected);
    }
}

/// The commands work in `a`.
#[tokio::test]
async fn what_was_made_where_the_commands_work_is_found_there() {
    let objects = [
        ("/nodes", json!([node("2", json!({}))])),
        (
            "/a/resourcequotas",
            json!([quota(json!({ "limits.cpu": "500m" }))]),
        ),
        ("/a/replicasets", json!([set(4, json!([]))])),
        ("/b", json!([])),
    ];
    assert_eq!(said(share("b", 25), &objects).await, "goal-quota-elsewhere");
    let workload = |labels| json!({ "workload": { "namespace": "b", "selector": labels, "ready": 4 } });
    assert_eq!(said(workload("app=w"), &objects).await, "goal-workload-elsewhere");
    assert_eq!(said(workload("app=v"), &objects).await, "goal-workload-none");
}
