//! Why a container was started again, and when it will be.

use std::sync::Arc;

use serde_json::json;

use crate::scene::Scene;

#[test]
fn a_container_that_waits_says_why_it_ended_and_when_it_starts_again() {
    let waits = |words: &str| {
        json!({
            "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": words}},
            "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-03-01T14:03:08Z"}},
        })
    };
    for (words, again) in [
        ("back-off 20s restarting failed container=c pod=b", Some(8)),
        ("back-off 1m20s restarting failed container=c pod=b", Some(68)),
        ("back-off 10s restarting failed container=c pod=b", Some(0)),
        ("back-off soon", None),
        ("", None),
    ] {
        let frame = Scene::of("a", &[("b", false, waits(words))]).shown();
        let pod = &frame.state.services[0].pods[0];
        assert_eq!((pod.restarts, pod.again_in_seconds), (2, again), "{words}");
        assert_eq!(pod.why.as_deref(), Some("ended: OOMKilled, exit code 137"));
    }
}

#[test]
fn a_wait_that_the_kubelet_has_not_told_of_yet_is_guessed_and_called_so() {
    let ended = |restarts: u32, code: i32, started: &str| {
        let end = json!({"reason": "Error", "exitCode": code, "startedAt": format!("2026-03-01T{started}Z"),
            "finishedAt": "2026-03-01T14:03:12Z"});
        json!({"restartCount": restarts, "state": {"terminated": end}})
    };
    let killed = r#"{"id": 1, "what": "kill_ordered", "why": "liveness", "grace": 30, "who": "kubelet", "source": "events", "clock": "kubelet", "earliest": "2026-03-01T14:03:10Z", "latest": "2026-03-01T14:03:11Z", "subject": {"kind": "Pod", "namespace": "default", "name": "b", "uid": "b", "container": {"name": "c"}}}"#;
    let again = |container, policy: &str, facts: &str| {
        let mut scene = Scene::of("a", &[("b", false, container)]).with_facts(facts);
        let spec = json!({"containers": [], "restartPolicy": policy});
        Arc::make_mut(&mut scene.pods[0]).spec = serde_json::from_value(spec).unwrap();
        let frame = scene.shown();
        let pod = frame.state.services[0].pods[0].clone();
        let says = frame.part("services").unwrap().contains("again in about");
        assert_eq!(says, pod.again_is_guess);
        pod.again_in_seconds
    };
    let soon = "14:03:00";
    for (restarts, after) in [
        (0, None),
        (1, Some(2)),
        (2, Some(12)),
        (6, Some(292)),
        (40, Some(292)),
    ] {
        assert_eq!(again(ended(restarts, 1, soon), "Always", ""), after, "{restarts}");
    }
    assert_eq!(again(ended(1, 1, soon), "OnFailure", ""), Some(2));
    assert_eq!(again(ended(1, 0, soon), "OnFailure", ""), None);
    assert_eq!(again(ended(1, 1, soon), "Never", ""), None);
    // After a long run it begins anew, and whom the kubelet itself ends, it starts in the same turn.
    assert_eq!(again(ended(3, 1, "13:50:00"), "Always", ""), None);
    assert_eq!(again(ended(3, 1, soon), "Always", killed), None);
}

#[test]
fn why_a_container_was_started_again_stays_beside_the_count() {
    let again = |reason: &str| {
        let end = json!({"reason": reason, "exitCode": 137, "startedAt": "2026-03-01T14:02:00Z", "finishedAt": "2026-03-01T14:03:10Z"});
        json!({"restartCount": 1, "state": {"running": {"startedAt": "2026-03-01T14:03:12Z"}}, "lastState": {"terminated": end}})
    };
    let killed = |second: u32, container: &str| {
        format!(
            r#"{{"id": {second}, "what": "kill_ordered", "why": "liveness", "grace": 30, "who": "kubelet", "source": "events", "clock": "kubelet", "earliest": "2026-03-01T14:03:{second:02}Z", "latest": "2026-03-01T14:03:{second:02}.5Z", "subject": {{"kind": "Pod", "namespace": "default", "name": "b", "uid": "b", "container": {{"name": "{container}"}}}}}}"#
        )
    };
    for (reason, facts, told) in [
        ("Error", killed(9, "c"), "1 restart, last: liveness probe failed"),
        ("Error", String::new(), "1 restart, last: exit code 137"),
        ("OOMKilled", String::new(), "1 restart, last: OOMKilled"),
        // Of another container, or of the run that goes on.
        ("Error", killed(9, "d"), "1 restart, last: exit code 137"),
        ("Error", killed(15, "c"), "1 restart, last: exit code 137"),
    ] {
        let frame = Scene::of("a", &[("b", true, again(reason))])
            .with_facts(&facts)
            .shown();
        let page = frame.part("services").unwrap();
        assert!(page.contains(&format!(">{told}<")), "{told}: {page}");
    }
}
