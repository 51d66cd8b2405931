//! Why a container was started again, and when it will be.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::scene::{Scene, runs};

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
    let ended = |restarts: u32, code: i32| {
        let end = json!({"reason": "Error", "exitCode": code, "finishedAt": "2026-03-01T14:03:12Z"});
        json!({"restartCount": restarts, "state": {"terminated": end}})
    };
    let again = |container, spec: Value, made: &str| {
        let mut scene = Scene::of("a", &[("b", false, container)]);
        let pod = Arc::make_mut(&mut scene.pods[0]);
        pod.spec = serde_json::from_value(spec).unwrap();
        pod.metadata.creation_timestamp = serde_json::from_value(json!(made)).unwrap();
        let frame = scene.shown();
        let pod = frame.state.services[0].pods[0].clone();
        let says = frame.part("services").unwrap().contains("again in about");
        assert_eq!(says, pod.again_is_guess);
        pod.again_in_seconds
    };
    let spec = |policy: &str, container: Value| {
        let mut of = json!({"name": "c"});
        of.as_object_mut()
            .unwrap()
            .extend(container.as_object().cloned().unwrap());
        json!({"containers": [of], "restartPolicy": policy})
    };
    let plain = || spec("Always", json!({}));
    let young = "2026-03-01T14:00:00Z";
    for (restarts, after) in [
        (0, None),
        (1, Some(2)),
        (2, Some(12)),
        (6, Some(292)),
        (40, Some(292)),
    ] {
        assert_eq!(again(ended(restarts, 1), plain(), young), after, "{restarts}");
    }
    assert_eq!(again(ended(1, 1), spec("OnFailure", json!({})), young), Some(2));
    assert_eq!(again(ended(1, 0), spec("OnFailure", json!({})), young), None);
    assert_eq!(again(ended(1, 1), spec("Never", json!({})), young), None);
    // After a long run it begins anew; whom the kubelet itself ends, it starts in the same turn; and a container may have rules of its own.
    assert_eq!(again(ended(3, 1), plain(), "2026-03-01T13:50:00Z"), None);
    let probed = json!({"livenessProbe": {"httpGet": {"path": "/", "port": 80}}});
    assert_eq!(again(ended(3, 1), spec("Always", probed), young), None);
    assert_eq!(
        again(
            ended(3, 1),
            spec("Always", json!({"restartPolicy": "Never"})),
            young
        ),
        None
    );
    assert_eq!(again(ended(3, 1), Value::Null, young), None);
}

#[test]
fn an_init_container_that_fails_again_and_again_says_so_and_one_that_is_done_nothing() {
    let first = |code: i32| {
        json!([{"name": "first", "image": "i", "imageID": "", "ready": false, "restartCount": 2,
            "state": {"terminated": {"reason": "Error", "exitCode": code, "finishedAt": "2026-03-01T14:03:12Z"}}}])
    };
    let seen = |code: i32, ready: bool, container: Value| {
        let mut scene = Scene::of("a", &[("b", ready, container)]);
        let pod = Arc::make_mut(&mut scene.pods[0]);
        let spec = json!({"containers": [{"name": "c"}], "initContainers": [{"name": "first"}]});
        pod.spec = serde_json::from_value(spec).unwrap();
        pod.status.as_mut().unwrap().init_container_statuses = serde_json::from_value(first(code)).unwrap();
        let pod = scene.shown().state.services[0].pods[0].clone();
        (pod.restarts, pod.why, pod.again_in_seconds)
    };
    let begins = json!({"state": {"waiting": {"reason": "PodInitializing"}}});
    let why = Some("ended: Error, exit code 3".to_owned());
    assert_eq!(seen(3, false, begins), (2, why, Some(12)));
    assert_eq!(seen(0, true, runs()), (0, None, None));
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
    let probed = |run: u32| {
        killed(8, "c").replace(
            r#""what": "kill_ordered", "why": "liveness", "grace": 30"#,
            &format!(
                r#""what": "probed", "probe": "liveness", "ok": false, "run": {run}, "of": 2, "period": 1"#
            ),
        )
    };
    for (reason, facts, told) in [
        ("Error", killed(9, "c"), "1 restart, last: liveness probe failed"),
        ("Error", String::new(), "1 restart, last: exit code 137"),
        ("OOMKilled", String::new(), "1 restart, last: OOMKilled"),
        // Of another container, of the run that goes on, and of the one before.
        ("Error", killed(9, "d"), "1 restart, last: exit code 137"),
        ("Error", killed(15, "c"), "1 restart, last: exit code 137"),
        (
            "Error",
            killed(9, "c")
                .replace("14:03:09", "14:02:00")
                .replace(": 30", ": 120"),
            "1 restart, last: exit code 137",
        ),
        // The kubelet tells of few of its orders; the probe that decides is counted.
        ("Completed", probed(2), "1 restart, last: liveness probe failed"),
        ("Completed", probed(1), "1 restart, last: Completed"),
    ] {
        let frame = Scene::of("a", &[("b", true, again(reason))])
            .with_facts(&facts)
            .shown();
        let page = frame.part("services").unwrap();
        assert!(page.contains(&format!(">{told}<")), "{told}: {page}");
    }
}
