use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::checks::{Callers, Expected};

fn pod(name: &str, version: &str, ready: &str, restarts: i32) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": name, "labels": { "app": "numbers-api", "version": version } },
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

/// Endpoints of a slice: a pod's name, and whether it is ready.
fn slice(endpoints: &[(&str, Option<bool>)]) -> k8s_openapi::api::discovery::v1::EndpointSlice {
    let endpoint = |(name, ready): &(&str, Option<bool>)| {
        json!({
            "addresses": ["198.18.0.9"],
            "conditions": { "ready": ready, "serving": ready, "terminating": false },
            "targetRef": { "kind": "Pod", "name": name },
        })
    };
    let endpoints: Vec<_> = endpoints.iter().map(endpoint).collect();
    serde_json::from_value(json!({ "metadata": {}, "addressType": "IPv4", "endpoints": endpoints })).unwrap()
}

fn expected(answers: &[u16]) -> Expected {
    Expected {
        get: "/healthz".into(),
        answers: answers.into(),
    }
}

fn service_check(endpoints: usize, labels: Option<&str>, answers: &[u16]) -> Check {
    Check::Service(Service {
        name: "numbers-api".into(),
        endpoints: Some(endpoints),
        labels: labels.map(str::to_owned),
        callers: Some(expected(answers)),
        for_seconds: None,
    })
}

fn callers(met: &[(Option<u16>, usize)]) -> Callers {
    met.iter().copied().collect()
}

/// Without a probe: both pods stand in the endpoints though one is broken.
fn no_probe() -> Facts {
    Facts::Service {
        slices: vec![slice(&[("a", Some(true)), ("b", Some(true))])],
        pods: vec![pod("a", "v1", "True", 0), pod("b", "v1", "True", 0)],
        callers: callers(&[(Some(200), 18), (Some(500), 14)]),
    }
}

/// With a readiness probe: the broken pod is out.
fn probed() -> Facts {
    Facts::Service {
        slices: vec![slice(&[("a", Some(true)), ("b", Some(false))])],
        pods: vec![pod("a", "v2", "True", 0), pod("b", "v2", "False", 0)],
        callers: callers(&[(Some(200), 32)]),
    }
}

/// And when both are broken.
fn all_out() -> Facts {
    Facts::Service {
        slices: vec![slice(&[("a", Some(false)), ("b", Some(false))])],
        pods: vec![],
        callers: callers(&[(None, 32)]),
    }
}

#[test]
fn each_state_of_the_service_is_told_from_the_others() {
    let checks = [
        service_check(2, None, &[200, 500]),
        service_check(1, Some("version=v2"), &[200]),
        service_check(0, None, &[]),
    ];
    let states = [no_probe(), probed(), all_out()];
    for (wanted, check) in checks.iter().enumerate() {
        for (state, facts) in states.iter().enumerate() {
            let verdict = judge(check, facts, En);
            assert_eq!(
                verdict.holds,
                wanted == state,
                "check {wanted}, state {state}: {}",
                verdict.observed
            );
        }
    }
}

#[test]
fn what_was_there_is_said_with_names_and_counts() {
    let check = service_check(1, None, &[200]);
    assert_eq!(
        judge(&check, &no_probe(), En).observed,
        "numbers-api has 2 ready endpoints (a, b); callers of numbers-api/healthz get 200 (18 of 32), 500 (14 of 32)"
    );
    assert_eq!(
        judge(&check, &all_out(), Ko).observed,
        "numbers-api의 준비된 엔드포인트 0개; numbers-api/healthz를 호출해도 응답 없음"
    );
}

#[test]
fn an_endpoint_of_another_version_does_not_count() {
    assert!(
        !judge(
            &service_check(2, Some("version=v2"), &[200, 500]),
            &no_probe(),
            En
        )
        .holds
    );
    assert!(
        judge(
            &service_check(2, Some("version=v1"), &[200, 500]),
            &no_probe(),
            En
        )
        .holds
    );
}

#[test]
fn a_pod_in_two_slices_is_one_endpoint_and_an_unknown_state_is_ready() {
    // Kubernetes: "A nil value should be interpreted as true".
    let facts = Facts::Service {
        slices: vec![slice(&[("a", None)]), slice(&[("a", Some(true))])],
        pods: vec![],
        callers: callers(&[(Some(200), 32)]),
    };
    assert!(judge(&service_check(1, None, &[200]), &facts, En).holds);
}

#[test]
fn callers_without_an_answer_spoil_the_others() {
    let facts = Facts::Service {
        slices: vec![slice(&[("a", Some(true))])],
        pods: vec![],
        callers: callers(&[(Some(200), 31), (None, 1)]),
    };
    assert!(!judge(&service_check(1, None, &[200]), &facts, En).holds);
}

#[test]
fn pods_are_counted_and_asked_one_by_one() {
    let check = Check::Pods(Pods {
        of: "app=numbers-api".into(),
        running: Some(2),
        ready: Some(1),
        restarts: Some(0),
        each: Some(expected(&[500, 200])),
    });
    let judge = |pods: Vec<Pod>, answers: &[(&str, u16)]| {
        let answers: BTreeMap<_, _> = answers
            .iter()
            .map(|(name, status)| ((*name).to_owned(), *status))
            .collect();
        judge(&check, &Facts::Pods { pods, answers }, En)
    };
    let both = || vec![pod("a", "v2", "True", 0), pod("b", "v2", "False", 0)];
    let good = judge(both(), &[("a", 200), ("b", 500)]);
    assert!(good.holds);
    assert_eq!(
        good.observed,
        "pods app=numbers-api: 2 running, 1 ready, 0 restarts, each asked for /healthz: 200 (a), 500 (b)"
    );
    assert!(!judge(both(), &[("a", 200), ("b", 200)]).holds);
    assert!(!judge(both(), &[("a", 500)]).holds);
    assert!(
        !judge(
            vec![pod("a", "v2", "True", 0), pod("b", "v2", "False", 1)],
            &[("a", 200), ("b", 500)]
        )
        .holds
    );
    assert!(!judge(vec![], &[]).holds);
}

#[test]
fn a_file_holds_one_line() {
    let check = Check::File(File {
        name: "api-url.txt".into(),
        holds: "http://…:8013".into(),
    });
    let judge = |content: Option<&str>| judge(&check, &Facts::File(content.map(str::to_owned)), En);
    assert!(judge(Some("http://3323117569:8013")).holds);
    let both = judge(Some("http://198.18.192.1 VIP:8013"));
    assert_eq!(
        (both.holds, both.observed.as_str()),
        (false, "api-url.txt holds \"http://198.18.192.1 VIP:8013\"")
    );
    assert_eq!(judge(None).observed, "there is no api-url.txt");
}

#[test]
fn facts_of_another_kind_hold_nothing() {
    assert!(!judge(&Check::Address("a".into()), &no_probe(), En).holds);
}
