use guide::{
    Language::{En, Ko},
    proof::Answers,
};
use serde_json::json;

use super::*;

fn pod(name: &str, version: &str) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": name, "labels": { "app": "numbers-api", "version": version } },
    }))
    .unwrap()
}

/// Endpoints of a slice: a pod's name, and whether it is ready.
fn slice(endpoints: &[(&str, Option<bool>)]) -> EndpointSlice {
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

fn check(endpoints: usize, labels: Option<&str>, answers: &[u16]) -> Service {
    Service {
        name: "numbers-api".into(),
        endpoints: Some(endpoints),
        labels: labels.map(str::to_owned),
        callers: Some(Answers {
            get: "/healthz".into(),
            answers: answers.into(),
        }),
        ..Service::default()
    }
}

fn callers(met: &[(Option<u16>, usize)]) -> Callers {
    met.iter().copied().collect()
}

/// Without a probe: both pods stand in the endpoints though one is broken.
fn no_probe() -> Facts {
    Facts {
        slices: vec![slice(&[("a", Some(true)), ("b", Some(true))])],
        pods: vec![pod("a", "v1"), pod("b", "v1")],
        callers: callers(&[(Some(200), 18), (Some(500), 14)]),
        exists: true,
        surplus: 0,
    }
}

/// With a readiness probe: the broken pod is out.
fn probed() -> Facts {
    Facts {
        slices: vec![slice(&[("a", Some(true)), ("b", Some(false))])],
        pods: vec![pod("a", "v2"), pod("b", "v2")],
        callers: callers(&[(Some(200), 32)]),
        exists: true,
        surplus: 0,
    }
}

/// And when both are broken.
fn all_out() -> Facts {
    Facts {
        slices: vec![slice(&[("a", Some(false)), ("b", Some(false))])],
        pods: vec![],
        callers: callers(&[(None, 32)]),
        exists: true,
        surplus: 0,
    }
}

#[test]
fn each_state_of_the_service_is_told_from_the_others() {
    let checks = [
        check(2, None, &[200, 500]),
        check(1, Some("version=v2"), &[200]),
        check(0, None, &[]),
    ];
    let states = [no_probe(), probed(), all_out()];
    for (wanted, check) in checks.iter().enumerate() {
        for (state, facts) in states.iter().enumerate() {
            let verdict = check.judge(facts);
            assert_eq!(
                verdict.holds,
                wanted == state,
                "check {wanted}, state {state}: {verdict:?}"
            );
            assert_eq!(verdict.hint.is_none(), verdict.holds);
        }
    }
}

#[test]
fn what_was_there_is_said_with_names_and_counts() {
    let check = check(1, None, &[200]);
    assert_eq!(
        En.tell(&check.judge(&no_probe()).observed),
        "numbers-api has 2 ready endpoints (a, b); callers of numbers-api/healthz get 200 (18 of 32), 500 \
         (14 of 32)"
    );
    assert_eq!(
        Ko.tell(&check.judge(&all_out()).observed),
        "numbers-api의 준비된 엔드포인트 0개; numbers-api/healthz 호출에 응답 없음"
    );
}

#[test]
fn each_way_to_fail_has_a_hint_of_its_own() {
    let none = Facts {
        slices: vec![],
        pods: vec![],
        callers: callers(&[(None, 3)]),
        exists: false,
        surplus: 0,
    };
    let hints: BTreeSet<_> = [
        check(2, None, &[200]).judge(&none),
        check(1, None, &[200]).judge(&no_probe()),
        check(2, None, &[200]).judge(&all_out()),
        check(2, Some("version=v2"), &[200, 500]).judge(&no_probe()),
        check(2, None, &[200]).judge(&no_probe()),
        check(0, None, &[200]).judge(&all_out()),
    ]
    .into_iter()
    .map(|verdict| verdict.hint.unwrap().id())
    .collect();
    assert_eq!(hints.len(), 6, "{hints:#?}");
}

#[test]
fn an_endpoint_of_another_version_does_not_count() {
    let holds = |version| check(2, Some(version), &[200, 500]).judge(&no_probe()).holds;
    assert!(!holds("version=v2"));
    assert!(holds("version=v1"));
}

#[test]
fn a_pod_in_two_slices_is_one_endpoint_and_an_unknown_state_is_ready() {
    let facts = Facts {
        slices: vec![slice(&[("a", None)]), slice(&[("a", Some(true))])],
        pods: vec![],
        callers: callers(&[(Some(200), 32)]),
        exists: true,
        surplus: 0,
    };
    assert!(check(1, None, &[200]).judge(&facts).holds);
}

#[test]
fn callers_without_an_answer_spoil_the_others() {
    let facts = Facts {
        slices: vec![slice(&[("a", Some(true))])],
        pods: vec![],
        callers: callers(&[(Some(200), 31), (None, 1)]),
        exists: true,
        surplus: 0,
    };
    assert!(!check(1, None, &[200]).judge(&facts).holds);
}
