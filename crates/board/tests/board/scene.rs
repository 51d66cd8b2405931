//! A namespace to look at: a Service and its pods, as objects of Kubernetes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use board::{Asking, Board, Frame, Happened, Known, Outcome, Request, Usage};
use guide::{Language, Message};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    discovery::v1::EndpointSlice,
};
use serde_json::{Value, json};
use story::Fact;

/// When everything is looked at.
pub(crate) fn now() -> Timestamp {
    "2026-03-01T14:03:20Z".parse().unwrap()
}

/// What is known of a namespace.
pub(crate) struct Scene {
    pub(crate) services: Vec<Arc<Service>>,
    pub(crate) pods: Vec<Arc<Pod>>,
    pub(crate) slices: Vec<Arc<EndpointSlice>>,
    pub(crate) happened: Happened,
    pub(crate) usage: BTreeMap<(String, String), Usage>,
    pub(crate) about: BTreeSet<String>,
    pub(crate) lacks: Vec<Message>,
    pub(crate) asked: Vec<Asking>,
}

impl Scene {
    /// A Service, and these pods behind it: each a name, whether it is ready, and what its container says of itself.
    pub(crate) fn of(service: &str, pods: &[(&str, bool, Value)]) -> Self {
        let endpoints: Vec<_> = pods
            .iter()
            .map(|(name, ready, _)| json!({"addresses": ["192.0.2.1"], "conditions": {"ready": ready}, "targetRef": {"uid": name}}))
            .collect();
        let slice = json!({
            "metadata": {"name": "s", "labels": {"kubernetes.io/service-name": service}},
            "addressType": "IPv4", "endpoints": endpoints, "ports": [],
        });
        let of = json!({"metadata": {"name": service}, "spec": {"selector": {"app": "a"}, "ports": [{"port": 80}]}});
        Self {
            services: vec![Arc::new(serde_json::from_value(of).unwrap())],
            pods: pods
                .iter()
                .map(|(name, ready, container)| Arc::new(pod(name, *ready, container)))
                .collect(),
            slices: vec![Arc::new(serde_json::from_value(slice).unwrap())],
            happened: Happened::default(),
            usage: BTreeMap::new(),
            about: BTreeSet::new(),
            lacks: vec![],
            asked: vec![],
        }
    }

    /// With these facts, a line of JSON each.
    pub(crate) fn with_facts(mut self, facts: &str) -> Self {
        let facts: Vec<_> = Fact::read(facts).unwrap().into_iter().map(Arc::new).collect();
        self.happened = Happened::of(&facts, &self.about, SignedDuration::ZERO).unwrap();
        self
    }

    /// With requests to the Service, and the teacher's button: what came of each, and the pod that answered.
    pub(crate) fn with_requests(mut self, service: &str, outcomes: &[(Outcome, Option<&str>)]) -> Self {
        let mut asking = Asking::new("default", service);
        asking.path = Some("/healthz".into());
        asking.breakable = true;
        for (outcome, by) in outcomes {
            let (outcome, by) = (outcome.clone(), by.map(str::to_owned));
            asking.push(Request {
                at: now(),
                path: "/healthz".into(),
                outcome,
                by,
            });
        }
        self.asked.push(asking);
        self
    }

    pub(crate) fn known(&self) -> Known<'_> {
        Known {
            namespace: "default",
            services: &self.services,
            pods: &self.pods,
            slices: &self.slices,
            happened: &self.happened,
            usage: &self.usage,
            about: &self.about,
            lacks: &self.lacks,
        }
    }

    pub(crate) fn frame(&self, board: &mut Board, silent: Option<(Message, Timestamp)>) -> Arc<Frame> {
        board.frame(&[self.known()], &self.asked, silent, now())
    }

    /// The first frame that a board makes of it.
    pub(crate) fn shown(&self) -> Arc<Frame> {
        self.frame(&mut Board::new("12.1".into(), Language::En), None)
    }
}

/// So many pods of two ReplicaSets by turns, of which the first so many are out, each with facts of its own.
pub(crate) fn crowd(pods: usize, out: usize) -> Scene {
    let names: Vec<_> = (0..pods)
        .map(|pod| format!("crowd-{}-7c9f-{pod:05}", pod % 2))
        .collect();
    let waits = json!({
        "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}},
        "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": "2026-03-01T14:03:00Z"}},
    });
    let state = |pod: usize| if pod < out { waits.clone() } else { runs() };
    let all: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(pod, name)| (&**name, pod >= out, state(pod)))
        .collect();
    let mut scene = Scene::of("crowd", &all);
    let mut facts = vec![];
    for (pod, name) in scene.pods.iter_mut().zip(&names) {
        let owner = &name[..name.len() - 6];
        let owners = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": owner, "controller": true}]);
        Arc::make_mut(pod).metadata.owner_references = Some(serde_json::from_value(owners).unwrap());
        let fact = |id: usize, source: &str, what: Value| {
            let mut fact = json!({"id": id, "who": "kubelet", "source": source, "clock": "kubelet",
                "earliest": "2026-03-01T14:03:00Z", "latest": "2026-03-01T14:03:01Z",
                "subject": {"kind": "Pod", "namespace": "default", "name": name, "uid": name, "owners": [owner]}});
            fact.as_object_mut()
                .unwrap()
                .extend(what.as_object().cloned().unwrap());
            fact.to_string()
        };
        let probed =
            json!({"what": "probed", "probe": "readiness", "ok": true, "run": 1, "of": 1, "period": 5});
        facts.push(fact(facts.len() + 1, "probes", probed));
        facts.push(fact(
            facts.len() + 1,
            "pods",
            json!({"what": "ready", "value": true}),
        ));
    }
    scene.with_facts(&facts.join("\n"))
}

/// A pod whose uid is its name, made in the order of the names.
pub(crate) fn pod(name: &str, ready: bool, container: &Value) -> Pod {
    let mut status = json!({"name": "c", "image": "i", "imageID": "", "ready": ready, "restartCount": 0});
    let more = container.as_object().cloned().unwrap_or_default();
    status.as_object_mut().unwrap().extend(more);
    let ready = if ready { "True" } else { "False" };
    serde_json::from_value(json!({
        "metadata": {"name": name, "uid": name, "labels": {"app": "a"}, "creationTimestamp": "2026-03-01T14:00:00Z"},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}], "containerStatuses": [status]},
    }))
    .unwrap()
}

/// A container that runs.
pub(crate) fn runs() -> Value {
    json!({"state": {"running": {}}})
}

/// One pod that works and one that does not, as at the end of 12.1's first lesson.
pub(crate) fn one_is_out() -> Scene {
    let facts = [
        r#"{"id": 1, "what": "probed", "probe": "readiness", "ok": true, "run": 1, "of": 1, "period": 5, "who": "kubelet", "source": "probes", "clock": "kubelet", "earliest": "2026-03-01T14:03:05Z", "latest": "2026-03-01T14:03:06Z", "subject": {"kind": "Pod", "namespace": "default", "name": "b", "uid": "b"}}"#,
        r#"{"id": 2, "what": "probed", "probe": "readiness", "ok": false, "run": 1, "of": 1, "period": 5, "says": "HTTP probe failed with statuscode: 500", "who": "kubelet", "source": "probes", "clock": "kubelet", "earliest": "2026-03-01T14:03:10Z", "latest": "2026-03-01T14:03:11Z", "subject": {"kind": "Pod", "namespace": "default", "name": "b", "uid": "b"}}"#,
        r#"{"id": 3, "what": "ready", "value": false, "who": "kubelet", "source": "pods", "clock": "kubelet", "earliest": "2026-03-01T14:03:10Z", "latest": "2026-03-01T14:03:11Z", "subject": {"kind": "Pod", "namespace": "default", "name": "b", "uid": "b"}}"#,
    ];
    Scene::of("numbers-api", &[("a", true, runs()), ("b", false, runs())])
        .with_facts(&facts.join("\n"))
        .with_requests(
            "numbers-api",
            &[
                (Outcome::Status(200), Some("a")),
                (Outcome::Status(500), Some("b")),
            ],
        )
}
