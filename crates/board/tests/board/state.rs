//! What follows from what is known.

use board::{Board, Known, Outcome, Usage};
use guide::{Language, Message};
use serde_json::json;

use crate::scene::{Scene, now, one_is_out, pod, runs};

#[test]
fn the_pod_that_is_out_is_told_with_the_reason() {
    let state = &one_is_out().shown().state;
    let service = &state.services[0];
    assert_eq!((service.ready, service.total), (1, 2));
    let told: Vec<_> = service
        .pods
        .iter()
        .map(|pod| {
            (
                &*pod.letter,
                pod.ready,
                pod.in_traffic,
                pod.why.as_deref(),
                &*pod.probes,
            )
        })
        .collect();
    let why = Some("readiness probe failed: 500");
    assert_eq!(
        told,
        [
            ("A", true, true, None, &[][..]),
            ("B", false, false, why, &[true, false][..])
        ]
    );
    assert_eq!(state.story[0].says, "B is not ready");
    let asked = &state.requests[0];
    assert_eq!(
        (asked.asked, asked.failed, asked.failures[0].by.as_deref()),
        (2, 1, Some("B"))
    );
}

#[test]
fn services_of_one_name_are_told_apart_by_their_namespaces() {
    let [here, there] = ["a", "b"].map(|pod| Scene::of("pi-web", &[(pod, true, runs())]));
    let here = here.with_requests("pi-web", &[(Outcome::Status(200), Some("a"))]);
    let there = Known {
        namespace: "kiamol-ch12-cpu",
        ..there.known()
    };
    let mut board = Board::new("12.4".into(), Language::En);
    let frame = board.frame(&[here.known(), there], &here.asked, None, now());
    let says = |part: &str, words: &str| frame.part(part).unwrap().contains(words);
    assert!(says("services", ">pi-web (default)<") && says("services", ">pi-web (kiamol-ch12-cpu)<"));
    assert!(says("buttons", "Break a pod of pi-web (default)"));
    assert!(!here.shown().part("services").unwrap().contains("(default)"));
}

#[test]
fn a_pod_may_be_ready_and_get_no_traffic_and_the_other_way_round() {
    let mut scene = Scene::of("a", &[("a", true, runs()), ("b", false, runs())]);
    let swapped = Scene::of("a", &[("a", false, runs()), ("b", true, runs())]);
    scene.slices = swapped.slices;
    let state = &scene.shown().state;
    let told: Vec<_> = state.services[0]
        .pods
        .iter()
        .map(|pod| (pod.ready, pod.in_traffic))
        .collect();
    assert_eq!(told, [(true, false), (false, true)]);
    assert_eq!(state.services[0].ready, 1);
}

#[test]
fn each_cause_has_its_words() {
    for (container, why) in [
        (
            json!({"state": {"waiting": {"reason": "ContainerCreating"}}}),
            Some("is starting"),
        ),
        (
            json!({"state": {"waiting": {"reason": "ImagePullBackOff"}}}),
            Some("ImagePullBackOff"),
        ),
        (
            json!({"state": {"terminated": {"exitCode": 1}}}),
            Some("ended: ?, exit code 1"),
        ),
        (runs(), None),
    ] {
        let frame = Scene::of("a", &[("b", false, container)]).shown();
        assert_eq!(frame.state.services[0].pods[0].why.as_deref(), why);
    }
}

#[test]
fn letters_stay_when_pods_go_and_come() {
    let mut board = Board::new(String::new(), Language::En);
    let mut letters = |names: &[&str]| {
        let pods: Vec<_> = names.iter().map(|name| (*name, true, runs())).collect();
        let frame = Scene::of("s", &pods).frame(&mut board, None);
        let pods = frame.state.services[0].pods.iter();
        pods.map(|pod| format!("{}={}", pod.letter, pod.name))
            .collect::<Vec<_>>()
    };
    assert_eq!(letters(&["a", "b"]), ["A=a", "B=b"]);
    assert_eq!(letters(&["b", "c"]), ["B=b", "C=c"]);
    assert_eq!(letters(&["a", "d"]), ["A=a", "D=d"]);
}

#[test]
fn who_is_leaving_without_traffic_does_not_count_and_who_is_over_is_not_shown() {
    let mut scene = Scene::of("a", &[("a", true, runs()), ("b", false, runs())]);
    let mut leaving = pod("b", false, &runs());
    leaving.metadata.deletion_timestamp = leaving.metadata.creation_timestamp.clone();
    let mut over = pod("c", false, &runs());
    over.status.as_mut().unwrap().phase = Some("Succeeded".into());
    scene.pods = vec![scene.pods[0].clone(), leaving.into(), over.into()];
    let service = &scene.shown().state.services[0];
    assert_eq!((service.ready, service.total, service.pods.len()), (1, 1, 2));
    assert_eq!(service.pods[1].why.as_deref(), Some("is being deleted"));
}

#[test]
fn what_the_exercise_is_not_about_is_left_out() {
    let mut scene = Scene::of("numbers-api", &[("numbers-api-1", true, runs())]);
    let mut alone = |name: &str| {
        let mut pod = pod(name, true, &runs());
        pod.metadata.labels = None;
        scene.pods.push(pod.into());
    };
    alone("memory-allocator-1");
    alone("memory-allocators");
    let names = |scene: &Scene| {
        let frame = scene.shown();
        let pods = frame.state.other_pods.iter().map(|pod| pod.name.clone());
        (frame.state.services.len(), pods.collect::<Vec<_>>())
    };
    assert_eq!(
        names(&scene),
        (1, vec!["memory-allocator-1".into(), "memory-allocators".into()])
    );
    scene.about = ["memory-allocator".to_owned()].into();
    assert_eq!(names(&scene), (0, vec!["memory-allocator-1".into()]));
}

#[test]
fn what_containers_use_adds_up_and_one_without_a_limit_has_none() {
    let mut scene = Scene::of("a", &[("a", true, runs())]);
    let mut pod = pod("a", true, &runs());
    let statuses = pod.status.as_mut().unwrap().container_statuses.as_mut().unwrap();
    statuses.push(statuses[0].clone());
    statuses[1].name = "d".into();
    scene.pods = vec![pod.into()];
    let mut use_of = |container: &str, limit, share| {
        let usage = Usage {
            at: now(),
            memory_bytes: 10 << 20,
            memory_limit_bytes: limit,
            cpu_cores: Some(0.1),
            cpu_limit_cores: share,
            throttled_share: share,
        };
        scene.usage.insert(("a".into(), container.into()), usage);
        let pod = scene.shown().state.services[0].pods[0].clone();
        (pod.memory_bytes, pod.memory_limit_bytes, pod.throttled_share)
    };
    assert_eq!(
        use_of("c", Some(50 << 20), Some(0.4)),
        (Some(10 << 20), Some(50 << 20), Some(0.4))
    );
    assert_eq!(use_of("d", None, Some(0.2)), (Some(20 << 20), None, Some(0.4)));
}

#[test]
fn a_sample_of_the_run_before_is_not_told_of_this_one() {
    for (container, memory) in [
        (
            json!({"state": {"running": {"startedAt": "2026-03-01T14:03:00Z"}}}),
            Some(10),
        ),
        (
            json!({"state": {"running": {"startedAt": "2026-03-01T14:03:11Z"}}}),
            None,
        ),
        (json!({"state": {"terminated": {"exitCode": 137}}}), None),
    ] {
        let mut scene = Scene::of("a", &[("a", true, container)]);
        let usage = Usage {
            at: "2026-03-01T14:03:10Z".parse().unwrap(),
            memory_bytes: 10,
            memory_limit_bytes: None,
            cpu_cores: None,
            cpu_limit_cores: None,
            throttled_share: None,
        };
        scene.usage.insert(("a".into(), "c".into()), usage);
        let pod = &scene.shown().state.services[0].pods[0];
        assert_eq!(
            (pod.memory_bytes, pod.sampled_seconds_ago),
            (memory, memory.map(|_| 10))
        );
    }
}

#[test]
fn an_answer_that_names_nobody_is_nobodys() {
    let outcomes = [
        (Outcome::Status(200), None),
        (Outcome::Refused, None),
        (Outcome::Status(200), Some("gone")),
    ];
    let frame = Scene::of("a", &[("b", true, runs())])
        .with_requests("a", &outcomes)
        .shown();
    let asked = &frame.state.requests[0];
    assert!(asked.last.iter().all(|answer| answer.by.is_none()));
    assert_eq!((asked.asked, asked.failed), (3, 1));
}

#[test]
fn a_board_without_news_from_the_cluster_says_since_when() {
    let mut board = Board::new("12.1".into(), Language::En);
    let silent = Some((Message::new("board-silent-cluster"), now()));
    let frame = one_is_out().frame(&mut board, silent);
    let frozen = frame.state.frozen.as_ref().unwrap();
    assert_eq!((&*frozen.what, frozen.since), ("the cluster", now()));
}

#[test]
fn what_is_not_seen_is_said_once() {
    let mut scene = one_is_out();
    let hidden = Message::new("explain-hidden").with("kinds", "events");
    scene.lacks = vec![hidden];
    let mut board = Board::new("12.1".into(), Language::En);
    let frame = board.frame(&[scene.known(), scene.known()], &[], None, now());
    assert_eq!(frame.state.lacks.len(), 1);
    assert!(frame.state.lacks[0].contains("events"), "{:?}", frame.state.lacks);
}

#[test]
fn what_is_used_of_a_cpu_limit_is_a_bar_hatched_as_far_as_it_was_held_back() {
    for (cores, limit, held, bar, says) in [
        (
            Some(0.2),
            Some(0.25),
            Some(0.5),
            Some((40, 40, 80)),
            "CPU at 80 %, held back 50 % of its busy time",
        ),
        // More than the limit is a sample's blur.
        (
            Some(0.3),
            Some(0.25),
            Some(1.0),
            Some((0, 0, 100)),
            "CPU at 100 %, held back 100 % of its busy time",
        ),
        (
            Some(0.1),
            Some(0.25),
            None,
            Some((40, 40, 40)),
            "CPU at 40 % of its limit",
        ),
        (
            None,
            Some(0.25),
            Some(0.5),
            None,
            "CPU held back 50 % of its busy time",
        ),
        (Some(0.1), None, None, None, ""),
    ] {
        let mut scene = Scene::of("a", &[("a", true, runs())]);
        let usage = Usage {
            at: now(),
            memory_bytes: 1,
            memory_limit_bytes: None,
            cpu_cores: cores,
            cpu_limit_cores: limit,
            throttled_share: held,
        };
        scene.usage.insert(("a".into(), "c".into()), usage);
        let frame = scene.shown();
        let pod = &frame.state.services[0].pods[0];
        assert_eq!((pod.cpu_cores, pod.cpu_limit_cores), (cores, limit));
        let page = frame.part("services").unwrap();
        assert!(
            page.contains(says) && says.is_empty() != page.contains("CPU"),
            "{page}"
        );
        let Some((solid, from, to)) = bar else {
            assert!(!page.contains("<svg"), "{page}");
            continue;
        };
        assert!(
            page.contains(&format!(r#"<rect class="part" width="{solid}""#)),
            "{page}"
        );
        let hatched = format!(r#"<line class="held" x1="{from}" x2="{to}""#);
        assert_eq!(page.contains(&hatched), from < to, "{page}");
    }
}

#[test]
fn what_was_not_seen_is_told_once_on_the_board_of_an_exercise() {
    let gap = |id: u64, source: &str| {
        format!(
            r#"{{"id": {id}, "what": "gap", "who": null, "source": "{source}", "clock": "here", "earliest": "2026-03-01T14:03:00Z",
            "latest": "2026-03-01T14:03:04Z", "subject": {{"kind": "Namespace", "namespace": "", "name": "default", "uid": ""}}}}"#
        )
        .replace('\n', " ")
    };
    let mut scene = Scene::of("numbers-api", &[("numbers-api-a", true, runs())]);
    scene.about = ["numbers-api".to_owned()].into();
    let state = scene
        .with_facts(&[gap(1, "pods"), gap(2, "slices")].join("\n"))
        .shown()
        .state
        .clone();
    let told: Vec<_> = state.story.iter().map(|told| &*told.says).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("nothing was heard"), "{told:?}");
}
