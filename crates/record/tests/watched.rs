//! A namespace that is watched, on an API server that fails in all the ways in which one can.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::VecDeque,
    convert::Infallible,
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use futures::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::{Bytes, Frame};
use kube::{Client, client::Body};
use record::{Hidden, Live, Reach, Tape, watch, watch_recorded};
use serde_json::{Value, json};
use story::{Fact, Settings, Source, Story, What};
use tokio::sync::watch::{Receiver, channel};

/// What a watch of pods does.
enum Watch {
    /// Tells these lines, and then nothing more, ever.
    Hangs(Vec<Value>),
    /// Tells these and breaks.
    Breaks(Vec<Value>),
    /// Answers with a status.
    Refuses(u16),
}

/// A server: what its lists of pods say and what its watches of pods do, one after the other. Other kinds are empty and quiet.
#[derive(Clone)]
struct Server {
    lists: Arc<Mutex<VecDeque<Vec<Value>>>>,
    watches: Arc<Mutex<VecDeque<Watch>>>,
    /// How many lists of pods are refused before.
    refusals: Arc<AtomicU32>,
}

impl Server {
    fn new(lists: Vec<Vec<Value>>, watches: Vec<Watch>) -> Self {
        Self {
            lists: Arc::new(Mutex::new(lists.into())),
            watches: Arc::new(Mutex::new(watches.into())),
            refusals: Arc::default(),
        }
    }

    fn reach(&self) -> Reach {
        let client = self.client();
        Reach {
            answers: client.clone(),
            watches: client,
            kubelets: None,
            rules: None,
        }
    }

    fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let answer = server.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        });
        Client::new(service, "default")
    }

    fn answer(&self, request: &Request<Body>) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
        let pods = request.uri().path().ends_with("/pods");
        let watch = request
            .uri()
            .query()
            .is_some_and(|query| query.contains("watch=true"));
        let less = |left: u32| left.checked_sub(1);
        let (status, lines, hangs) = match (pods, watch) {
            (true, false) if self.refusals.fetch_update(Relaxed, Relaxed, less).is_ok() => {
                let status = json!({"kind": "Status", "status": "Failure", "code": 403, "message": "no", "reason": "Forbidden"});
                (403, vec![status], false)
            }
            (true, false) => {
                let mut lists = self.lists.lock().unwrap();
                // The last list is told again and again.
                let items = if lists.len() > 1 {
                    lists.pop_front().unwrap()
                } else {
                    lists[0].clone()
                };
                let list = json!({"metadata": {"resourceVersion": "100"}, "items": items});
                (200, vec![list], false)
            }
            (false, false) => {
                let list = json!({"metadata": {"resourceVersion": "100"}, "items": []});
                (200, vec![list], false)
            }
            (false, true) => (200, vec![], true),
            (true, true) => match self.watches.lock().unwrap().pop_front() {
                Some(Watch::Breaks(lines)) => (200, lines, false),
                Some(Watch::Hangs(lines)) => (200, lines, true),
                Some(Watch::Refuses(code)) => {
                    let status = json!({"kind": "Status", "status": "Failure", "code": code, "message": "no", "reason": ""});
                    (code, vec![status], false)
                }
                None => (200, vec![], true),
            },
        };
        let lines = lines.into_iter().map(|line| Bytes::from(format!("{line}\n")));
        let frames = stream::iter(lines.map(|line| Ok::<_, Infallible>(Frame::data(line))));
        let body = if hangs {
            StreamBody::new(frames.chain(stream::pending())).boxed_unsync()
        } else {
            StreamBody::new(frames).boxed_unsync()
        };
        Response::builder().status(status).body(body).unwrap()
    }
}

fn pod(name: &str, version: u64, ready: bool) -> Value {
    let second = version % 60;
    json!({
        "metadata": {
            "name": name, "namespace": "lab", "uid": name, "resourceVersion": version.to_string(),
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": [{"manager": "kubelet", "operation": "Update", "subresource": "status",
                "time": format!("2026-01-01T00:10:{second:02}Z"), "fieldsType": "FieldsV1", "fieldsV1": {}, "apiVersion": "v1"}],
        },
        "spec": {"containers": []},
        "status": {"startTime": "2026-01-01T00:00:00Z", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" },
            "lastTransitionTime": format!("2026-01-01T00:10:{second:02}Z")}]},
    })
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}

fn bookmark(version: u64) -> Value {
    json!({"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": version.to_string()}}})
}

/// Watches until what is known is as wanted, by a clock that runs ahead whenever nothing else does.
async fn until(server: &Server, wanted: impl Fn(&Live) -> bool) -> Arc<Live> {
    let (sender, mut live): (_, Receiver<Arc<Live>>) = channel(Arc::default());
    let reach = server.reach();
    tokio::select! {
        ended = watch(&reach, "lab", &sender) => panic!("the watch ended: {ended:?}"),
        found = async { live.wait_for(|live| wanted(live)).await.map(|live| live.clone()) } => found.unwrap(),
        () = tokio::time::sleep(std::time::Duration::from_secs(3600)) => panic!("{:#?}", live.borrow().facts),
    }
}

fn ready(live: &Live) -> Vec<bool> {
    let value = |fact: &Arc<Fact>| match fact.what {
        What::Ready { value, .. } => Some(value),
        _ => None,
    };
    live.facts.iter().filter_map(value).collect()
}

fn gaps(live: &Live) -> usize {
    let gap = |fact: &&Arc<Fact>| fact.what == What::Gap && fact.source == Source::Pods;
    live.facts.iter().filter(gap).count()
}

#[tokio::test(start_paused = true)]
async fn each_change_is_told_once_with_its_version() {
    let lines = vec![
        event("MODIFIED", &pod("a", 101, false)),
        bookmark(102),
        event("MODIFIED", &pod("a", 103, true)),
        event("ADDED", &pod("b", 104, true)),
    ];
    let server = Server::new(vec![vec![pod("a", 90, true)]], vec![Watch::Hangs(lines)]);
    let live = until(&server, |live| live.now.pods.len() == 2).await;
    assert_eq!(ready(&live), [true, false, true, true]);
    let version = |fact: &Arc<Fact>| Some(fact.write.as_ref()?.version);
    let versions: Vec<_> = live.facts.iter().filter_map(version).collect();
    assert_eq!(versions, [101, 103, 104, 104], "{:#?}", live.facts);
    let kept = &live.now.pods[0].metadata;
    assert!(kept.managed_fields.is_none() && kept.resource_version.as_deref() == Some("103"));
    assert_eq!(gaps(&live), 0);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_too_old_is_a_gap_and_the_list_says_what_is_so_now() {
    let expired = json!({"type": "ERROR", "object": {"kind": "Status", "status": "Failure", "code": 410, "message": "too old", "reason": "Expired"}});
    let lists = vec![
        vec![pod("a", 90, true), pod("gone", 91, true)],
        vec![pod("a", 120, false)],
    ];
    for first in [
        Watch::Hangs(vec![expired]),
        Watch::Refuses(410),
        Watch::Refuses(500),
    ] {
        let later = Watch::Hangs(vec![event("MODIFIED", &pod("a", 121, true))]);
        let server = Server::new(lists.clone(), vec![first, later]);
        let live = until(&server, |live| ready(live).len() == 4).await;
        assert_eq!(ready(&live), [true, true, false, true]);
        assert_eq!((gaps(&live), live.now.pods.len()), (1, 1));
        // Nobody saw the write between.
        let missed = live
            .facts
            .iter()
            .find(|fact| matches!(fact.what, What::Ready { value: false, .. }));
        assert_eq!(missed.unwrap().write, None);
        assert!(
            live.facts
                .iter()
                .any(|fact| matches!(fact.what, What::Gone { asked: false, .. }))
        );
        assert_eq!(live.hidden.get(&Source::Pods), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_more_is_noticed_and_asked_again() {
    let lists = vec![vec![pod("a", 90, true)], vec![pod("a", 120, false)]];
    let server = Server::new(lists, vec![Watch::Hangs(vec![bookmark(91)])]);
    let live = until(&server, |live| ready(live) == [true, false]).await;
    assert_eq!(gaps(&live), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_again_and_again_is_not_asked_for_without_a_pause() {
    let breaks = (0..20).map(|_| Watch::Breaks(vec![])).collect::<Vec<_>>();
    let server = Server::new(vec![vec![pod("a", 90, true)]], breaks);
    let begun = tokio::time::Instant::now();
    until(&server, |_| server.watches.lock().unwrap().is_empty()).await;
    assert!(begun.elapsed() > std::time::Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_in_good_order_is_gone_on_with() {
    let watches = vec![
        Watch::Breaks(vec![event("MODIFIED", &pod("a", 101, false))]),
        Watch::Breaks(vec![bookmark(102)]),
        Watch::Hangs(vec![event("MODIFIED", &pod("a", 103, true))]),
    ];
    let server = Server::new(vec![vec![pod("a", 90, true)]], watches);
    let live = until(&server, |live| ready(live).len() == 3).await;
    assert_eq!((ready(&live), gaps(&live)), (vec![true, false, true], 0));
}

#[tokio::test(start_paused = true)]
async fn a_kubelet_that_cannot_be_reached_is_named_and_the_rest_is_watched() {
    let kubeconfig = json!({
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "u", "user": {"token": "t"}}],
    });
    let kubeconfig = serde_json::from_value(kubeconfig).unwrap();
    let mut on_a_node = pod("a", 90, true);
    // Nothing answers at the loopback, nor anywhere in 127/8.
    on_a_node["status"]["hostIP"] = json!("127.9.9.9");
    let changes = Watch::Hangs(vec![event("MODIFIED", &pod("b", 101, true))]);
    let server = Server::new(vec![vec![on_a_node]], vec![changes]);
    let reach = Reach {
        kubelets: Some(access::Kubelets::new(kubeconfig, access::Route::Direct)),
        ..server.reach()
    };
    let (sender, mut live) = channel(Arc::default());
    let hidden = tokio::select! {
        ended = watch(&reach, "lab", &sender) => panic!("the watch ended: {ended:?}"),
        found = live.wait_for(|live: &Arc<Live>| live.hidden.len() == 2 && live.now.pods.len() == 2) => found.unwrap().hidden.clone(),
    };
    for source in [Source::Probes, Source::Usage] {
        assert!(matches!(hidden[&source], Hidden::Unreachable(_)), "{hidden:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_list_and_not_watch_is_told_so() {
    let server = Server::new(vec![vec![pod("a", 90, true)]], vec![Watch::Refuses(403)]);
    let live = until(&server, |live| live.hidden.contains_key(&Source::Pods)).await;
    assert_eq!(live.hidden[&Source::Pods], Hidden::Forbidden);
    assert_eq!(live.now.pods.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_may_list_later_is_told_from_then_on_and_of_no_gap() {
    let change = Watch::Hangs(vec![event("MODIFIED", &pod("a", 101, false))]);
    let server = Server::new(vec![vec![pod("a", 90, true)]], vec![change]);
    server.refusals.store(3, Relaxed);
    let live = until(&server, |live| live.hidden.contains_key(&Source::Pods)).await;
    assert!(!live.heard.contains_key(&Source::Pods));
    server.refusals.store(3, Relaxed);
    let live = until(&server, |live| ready(live).len() == 2).await;
    assert_eq!((ready(&live), gaps(&live)), (vec![true, false], 0));
    assert_eq!(live.hidden.get(&Source::Pods), None);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_flips_ten_thousand_times_is_told_of_each_time() {
    let flips = (0..10_000).map(|flip| event("MODIFIED", &pod("a", 101 + flip, flip % 2 == 1)));
    let server = Server::new(
        vec![vec![pod("a", 100, true)]],
        vec![Watch::Hangs(flips.collect())],
    );
    let last = |live: &Live| live.now.pods.first()?.metadata.resource_version.clone();
    let live = until(&server, |live| last(live).as_deref() == Some("10100")).await;
    assert_eq!(ready(&live).len(), 10_001);
    let facts = live.facts.iter().map(|fact| (**fact).clone());
    assert!(Story::of(facts.collect(), &Settings::with_skew(live.skew)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_record_is_told_with_the_objects_of_its_namespace_and_says_when_it_stands_still() {
    let folder = tempfile::tempdir().unwrap();
    let fact = |id: u64, namespace: &str| {
        format!(
            r#"{{"id": {id}, "what": "created", "who": null, "source": "pods", "clock": "api_server", "earliest": "2026-01-01T00:00:00Z",
            "latest": "2026-01-01T00:00:01Z", "subject": {{"kind": "Pod", "namespace": "{namespace}", "name": "gone", "uid": "gone"}}}}"#
        )
        .replace('\n', " ")
            + "\n"
    };
    let signs = |written: &str| {
        json!({"since": "2026-01-01T00:00:00Z", "written": written, "heard": {}, "hidden": {}, "skew": "PT0S"}).to_string()
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "facts.jsonl",
        &(fact(1, "lab") + &fact(2, "other") + &fact(3, "")),
    );
    write("signs.json", &signs("9999-01-01T00:00:00Z"));
    let recorded = Tape::new(folder.path()).read().unwrap().unwrap();
    let server = Server::new(vec![vec![pod("a", 90, true)]], vec![]);
    let (sender, mut live): (_, Receiver<Arc<Live>>) = channel(Arc::default());
    let reach = server.reach();
    let ids = |live: &Live| live.facts.iter().map(|fact| fact.id).collect::<Vec<_>>();
    let telling = async {
        let first = live
            .wait_for(|live| !live.facts.is_empty())
            .await
            .unwrap()
            .clone();
        assert_eq!(
            (ids(&first), first.now.pods.len(), first.unrecorded),
            (vec![1, 3], 1, None)
        );
        write(
            "facts.jsonl",
            &(fact(1, "lab") + &fact(2, "other") + &fact(3, "") + &fact(4, "lab")),
        );
        let written = "2026-01-01T00:00:05Z";
        write("signs.json", &signs(written));
        let last = live
            .wait_for(|live| live.unrecorded.is_some())
            .await
            .unwrap()
            .clone();
        assert_eq!(
            (ids(&last), last.unrecorded),
            (vec![1, 3, 4], Some(written.parse().unwrap()))
        );
    };
    tokio::select! {
        ended = watch_recorded(&reach, "lab", recorded, &sender) => panic!("the watch ended: {ended:?}"),
        () = telling => {}
    }
}

/// By a clock that does not run ahead of the program.
#[tokio::test]
async fn rules_that_cannot_be_listed_are_named_and_looked_at_again() {
    let folder = tempfile::tempdir().unwrap();
    let (program, allowed) = (folder.path().join("list"), folder.path().join("allowed"));
    let script = format!(
        "#!/bin/sh\n[ -e {} ] || {{ echo not permitted >&2; exit 4; }}\n",
        allowed.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let reach = Reach {
        rules: Some(program),
        ..Server::new(vec![vec![]], vec![]).reach()
    };
    let (sender, mut live) = channel(Arc::<Live>::default());
    let looked = async {
        let refused = Hidden::Unreachable("not permitted".into());
        let hidden = |live: &Arc<Live>| live.hidden.get(&Source::Proxy) == Some(&refused);
        live.wait_for(hidden).await.unwrap();
        std::fs::write(&allowed, "").unwrap();
        let seen = |live: &Arc<Live>| !live.hidden.contains_key(&Source::Proxy);
        live.wait_for(seen).await.unwrap();
    };
    tokio::select! {
        ended = watch(&reach, "lab", &sender) => panic!("the watch ended: {ended:?}"),
        () = looked => {},
        () = tokio::time::sleep(std::time::Duration::from_secs(60)) => panic!("{:?}", sender.borrow().hidden),
    }
}
