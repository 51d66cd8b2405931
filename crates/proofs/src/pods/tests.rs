use guide::{Language::En, proof::Answers};
use serde_json::json;

use super::*;

fn pod(name: &str, ready: &str, restarts: i32) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": name, "labels": { "app": "numbers-api" } },
        "status": {
            "phase": "Running",
            "conditions": [{ "type": "ContainersReady", "status": ready }, { "type": "Ready", "status": ready }],
            "containerStatuses": [{
                "name": "api", "image": "i", "imageID": "i", "ready": ready == "True", "restartCount": restarts
            }],
        },
    }))
    .unwrap()
}

/// A pod whose container was killed and waits, as after the limit of 50Mi.
fn killed() -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": "a" },
        "status": {
            "phase": "Running",
            "containerStatuses": [{
                "name": "allocator", "image": "i", "imageID": "i", "ready": false, "restartCount": 2,
                "state": { "waiting": { "reason": "CrashLoopBackOff" } },
                "lastState": { "terminated": { "reason": "OOMKilled", "exitCode": 137 } },
            }],
        },
    }))
    .unwrap()
}

fn facts(pods: Vec<Pod>, answers: &[(&str, u16)]) -> Facts {
    Facts {
        pods,
        answers: answers
            .iter()
            .map(|(name, status)| ((*name).to_owned(), Some(*status)))
            .collect(),
        told: true,
    }
}

#[test]
fn pods_are_counted_and_asked_one_by_one() {
    let check = Pods {
        of: "app=numbers-api".into(),
        running: Some(2),
        ready: Some(1),
        restarts: Some(0),
        each: Some(Answers {
            get: "/healthz".into(),
            answers: vec![500, 200],
        }),
        ..Pods::default()
    };
    let judge = |pods, answers: &[(&str, u16)]| check.judge(&facts(pods, answers));
    let both = || vec![pod("a", "True", 0), pod("b", "False", 0)];
    let good = judge(both(), &[("a", 200), ("b", 500)]);
    assert!(good.holds && good.hint.is_none());
    assert_eq!(
        En.tell(&good.observed),
        "pods app=numbers-api: 2 running, 1 ready, 0 restarts, each asked for /healthz: 200 (a), 500 (b)"
    );
    let mut hints = std::collections::BTreeSet::new();
    for bad in [
        judge(both(), &[("a", 200), ("b", 200)]),
        judge(vec![pod("a", "True", 0), pod("b", "True", 0)], &[]),
        judge(vec![pod("a", "False", 0), pod("b", "False", 0)], &[]),
        judge(vec![pod("a", "True", 0), pod("b", "False", 1)], &[]),
        judge(vec![pod("a", "True", 0)], &[("a", 500)]),
        judge(vec![], &[]),
    ] {
        assert!(!bad.holds, "{bad:?}");
        assert!(
            hints.insert(bad.hint.as_ref().and_then(Message::id)),
            "the same hint twice: {bad:?}"
        );
    }
}

#[test]
fn a_pod_without_a_node_says_why() {
    let check = Pods {
        of: "app=pi-web".into(),
        unschedulable: Some("Insufficient cpu".into()),
        ..Pods::default()
    };
    let pod = |message: &str| -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": "a" },
            "status": { "phase": "Pending", "conditions": [
                { "type": "PodScheduled", "status": "False", "message": message },
            ] },
        }))
        .unwrap()
    };
    let judge = |pods| check.judge(&facts(pods, &[]));
    assert!(judge(vec![pod("0/1 nodes are available: 1 Insufficient cpu.")]).holds);
    assert!(!judge(vec![pod("0/1 nodes are available: 1 Insufficient memory.")]).holds);
    assert!(!judge(vec![killed()]).holds);
}

#[test]
fn how_a_container_ended_and_how_often() {
    let check = Pods {
        of: "app=memory-allocator".into(),
        restarted: Some(1),
        ended: Some("OOMKilled".into()),
        exit_code: Some(137),
        ..Pods::default()
    };
    let good = check.judge(&facts(vec![killed()], &[]));
    assert!(good.holds, "{good:?}");
    assert_eq!(
        En.tell(&good.observed),
        "pods app=memory-allocator: 2 restarts, OOMKilled (exit code 137)"
    );
    assert!(!check.judge(&facts(vec![pod("a", "True", 0)], &[])).holds);
    for other in [
        Pods {
            exit_code: Some(1),
            ..check.clone()
        },
        Pods {
            ended: Some("Error".into()),
            ..check.clone()
        },
        Pods {
            restarted: Some(3),
            ..check
        },
    ] {
        assert!(!other.judge(&facts(vec![killed()], &[])).holds, "{other:?}");
    }
}

#[test]
fn sidecars_are_counted_among_restarts_and_what_ran_before_is_not() {
    let mut pod = serde_json::to_value(pod("a", "True", 1)).unwrap();
    pod["spec"] = json!({ "containers": [], "initContainers": [
        { "name": "first" }, { "name": "helper", "restartPolicy": "Always" },
    ]});
    let status = |name, restarts| json!({ "name": name, "image": "i", "imageID": "i", "ready": true, "restartCount": restarts });
    pod["status"]["initContainerStatuses"] = json!([status("first", 8), status("helper", 2)]);
    let facts = facts(vec![serde_json::from_value(pod).unwrap()], &[]);
    assert_eq!(There::of(&facts).restarts, 3);
}
