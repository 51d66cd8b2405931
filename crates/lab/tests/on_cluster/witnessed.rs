//! What `lab explain --follow` tells, against an independent witness: the API server's audit log, which the product never reads
//! and which only `lab up --audit` makes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    exercises::EXERCISES,
    programs::{Namespace, layout, printed},
    stories::{Story, numbers},
};

/// How much later than it happened a kubelet may report something: it looks at all pods that often (`syncPeriod` in the kubelet's
/// status manager), whatever it missed.
const REPORTED_WITHIN: SignedDuration = SignedDuration::from_secs(10);
/// The width of a moment that the API server's time was there for.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A write, as the API server wrote it down.
#[derive(Debug)]
struct Line {
    received: Timestamp,
    answered: Timestamp,
    user: String,
}

/// The writes in a namespace.
#[derive(Debug, Default)]
struct Audit {
    /// By resource, name and the version that came of it.
    versions: BTreeMap<(String, String, u64), Line>,
    /// By pod: a Binding is answered with a Status, which has no version.
    bindings: BTreeMap<String, Line>,
}

impl Audit {
    fn of(namespace: &Namespace) -> Self {
        let log = layout().audit_log();
        let mut audit = Self::default();
        let files = fs::read_dir(log.parent().unwrap()).unwrap();
        let files = files.map(|file| file.unwrap().path());
        // The log, after what was moved aside as it grew, which has its time in its name.
        let files: BTreeSet<_> = files
            .filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("audit"))
            .collect();
        for file in files {
            let lines = fs::read_to_string(file).unwrap();
            for line in lines.lines().filter(|line| line.contains(&namespace.0)) {
                audit.add(&serde_json::from_str(line).unwrap(), &namespace.0);
            }
        }
        audit
    }

    fn add(&mut self, event: &Value, namespace: &str) {
        let object = &event["objectRef"];
        let (metadata, code) = (
            &event["responseObject"]["metadata"],
            &event["responseStatus"]["code"],
        );
        let done = event["stage"] == "ResponseComplete" && code.as_u64().is_some_and(|code| code < 300);
        if object["namespace"] != namespace || !done {
            return;
        }
        let line = Line {
            received: time(&event["requestReceivedTimestamp"]),
            answered: time(&event["stageTimestamp"]),
            user: text(&event["user"]["username"]),
        };
        // What is created with a part of a name gets the rest from the API server. The answer about a scale has the version of
        // what was scaled.
        let name = metadata["name"].as_str().or(object["name"].as_str()).unwrap();
        if let Some(version) = metadata["resourceVersion"].as_str() {
            let key = (
                text(&object["resource"]),
                name.to_owned(),
                version.parse().unwrap(),
            );
            // A write that changed nothing has the version of the one before.
            self.versions.entry(key).or_insert(line);
        } else if object["subresource"] == "binding" {
            self.bindings.insert(name.to_owned(), line);
        }
    }

    /// The line of a fact's write.
    fn line(&self, fact: &Value) -> Option<&Line> {
        let write = &fact["write"];
        let resource = match write["kind"].as_str().unwrap() {
            "Pod" => "pods",
            "EndpointSlice" => "endpointslices",
            "Deployment" => "deployments",
            "ReplicaSet" => "replicasets",
            "Service" => "services",
            kind => panic!("a fact about a write of a {kind}: {fact:#}"),
        };
        let (name, version) = (text(&write["name"]), write["version"].as_u64().unwrap());
        if fact["what"] == "scheduled" {
            return self.bindings.get(&name);
        }
        self.versions.get(&(resource.into(), name, version))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// The account of whoever a fact names.
fn account(who: &str) -> String {
    match who {
        "kubelet" => format!("system:node:{}", layout().name),
        "kube-scheduler" => "system:kube-scheduler".into(),
        "deployment-controller" | "replicaset-controller" | "endpointslice-controller" => {
            format!("system:serviceaccount:kube-system:{who}")
        }
        "kubectl" | "kubectl-client-side-apply" | "kubectl-label" | "kubectl-patch" => "lab:admin".into(),
        _ => panic!("nobody with an account of their own: {who}"),
    }
}

/// What the witness has against a fact, if our clock had been off by that much.
fn objection(fact: &Value, audit: &Audit, off: SignedDuration) -> Option<&'static str> {
    let Some(line) = audit.line(fact) else {
        return Some("no line");
    };
    let (earliest, latest) = (time(&fact["earliest"]) + off, time(&fact["latest"]) + off);
    // Kubelets report what happened before.
    let until = match fact["clock"].as_str() {
        Some("kubelet" | "runtime") => latest + REPORTED_WITHIN,
        _ => latest,
    };
    if line.answered < earliest {
        return Some("written before it happened");
    }
    if until < line.received {
        return Some("written after it happened");
    }
    if dated(fact) && latest.duration_since(earliest) > SECOND {
        return Some("too vague");
    }
    let who = fact["who"].as_str();
    who.is_some_and(|who| account(who) != line.user)
        .then_some("written by somebody else")
}

/// Whether the API server's time was there.
fn dated(fact: &Value) -> bool {
    fact["clock"] == "api_server"
}

#[tokio::test]
#[ignore = "needs a cluster with an audit log"]
async fn what_is_told_is_what_the_api_server_wrote_down() {
    let _not_beside_all = EXERCISES.read().await;
    tokio::task::spawn_blocking(witnessed).await.unwrap();
}

fn witnessed() {
    assert!(
        layout().audit_log().exists(),
        "this cluster has no audit log; `lab down`, then `lab up --audit`"
    );
    let namespace = Namespace::new();
    let story = happened(&namespace);
    let audit = Audit::of(&namespace);
    let all = story.facts.values();
    let written: Vec<_> = all.filter(|fact| fact["write"].is_object()).collect();
    let told: BTreeSet<_> = written
        .iter()
        .map(|fact| fact["what"].as_str().unwrap())
        .collect();
    let expected = "asked created ended gone labelled ready scaled scheduled selects sends serving started";
    assert!(told.is_superset(&expected.split(' ').collect()), "{told:?}");
    for fact in &written {
        if let Some(objection) = objection(fact, &audit, SignedDuration::ZERO) {
            panic!("{objection}: {fact:#}\n{:#?}", audit.line(fact));
        }
    }

    // The witness would object: to a clock that is five seconds off, and to anybody else.
    for fact in &written {
        for off in [-5, 5].map(SignedDuration::from_secs) {
            assert!(
                !dated(fact) || objection(fact, &audit, off).is_some(),
                "{off}: {fact:#}"
            );
        }
        if let Some(who) = fact["who"].as_str() {
            let mut forged = (*fact).clone();
            forged["who"] = if who == "kubelet" { "kubectl" } else { "kubelet" }.into();
            let objection = objection(&forged, &audit, SignedDuration::ZERO);
            assert_eq!(objection, Some("written by somebody else"), "{forged:#}");
        }
    }
}

/// Does what a learner may do to numbers-api, until it is gone.
fn happened(namespace: &Namespace) -> Story {
    numbers::apply(namespace, "numbers-api.yaml");
    numbers::rolled_out(namespace);
    let unprobed = unprobed_and_broken(namespace);
    let (first_set, _) = unprobed.rsplit_once('-').unwrap();
    let mut story = Story::follow(namespace, "deploy/numbers-api");
    story.until("what was before", |fact| fact["what"] == "asked");
    numbers::apply(namespace, "update/api-with-readiness-and-liveness.yaml");
    numbers::rolled_out(namespace);

    let probed = |fact: &Value| {
        let subject = &fact["subject"];
        subject["kind"] == "Pod" && !subject["name"].as_str().unwrap().starts_with(first_set)
    };
    story.until("a probe", |fact| fact["source"] == "probes");
    numbers::break_one(namespace);
    story.until("that a pod leaves the traffic", |fact| {
        leaves(fact) && probed(fact)
    });
    printed(&namespace.kubectl(&["scale", "deployment/numbers-api", "--replicas=3"]));
    story.until("the restart of a container", |fact| {
        fact["what"] == "started" && fact["restart"] == 1
    });
    stayed(namespace, &unprobed);
    chosen_otherwise(namespace, &mut story);
    printed(&namespace.kubectl(&["delete", "deployment/numbers-api", "--wait=false"]));
    let mut gone = BTreeSet::new();
    while gone.len() < 3 {
        let fact = story.until("that a pod is gone", |fact| {
            fact["what"] == "gone" && fact["asked"] == false && probed(fact)
        });
        gone.insert(text(&fact["subject"]["name"]));
    }
    story
}

/// A pod gets another label, and then the Service another selector: both end traffic.
fn chosen_otherwise(namespace: &Namespace, story: &mut Story) {
    let pods = [
        "get",
        "pods",
        "--selector=version=v3",
        "--output=jsonpath={.items[0].metadata.name}",
    ];
    let pod = printed(&namespace.kubectl(&pods));
    printed(&namespace.kubectl(&["label", "pod", &pod, "app=another", "--overwrite"]));
    let labelled = story.until("other labels", |fact| {
        fact["what"] == "labelled" && fact["subject"]["name"] == *pod
    });
    let after = |cause: &Value, what: &str| {
        let (causes, what) = (json!([cause["id"]]), what.to_owned());
        move |fact: &Value| fact["what"] == *what && fact["causes"] == causes
    };
    story.until("a pod in its place", after(&labelled, "created"));
    let changed = |patch: &str| {
        printed(&namespace.kubectl(&[
            "patch",
            "service",
            "numbers-api",
            "--type=merge",
            "--patch",
            patch,
        ]));
    };
    changed(r#"{"spec": {"ports": [{"name": "http", "port": 8013, "targetPort": 9999}]}}"#);
    // No pod's story has it: nothing happens to them.
    let mut service = Story::follow(namespace, "svc/numbers-api");
    let sends = service.until("another port", |fact| {
        (&fact["what"], &fact["to"]) == (&json!("sends"), &json!("9999"))
    });
    story.facts.insert(u64::MAX, sends);
    changed(r#"{"spec": {"selector": {"app": "nobody"}}}"#);
    let selects = story.until("another selector", |fact| {
        fact["what"] == "selects" && fact["selector"]["app"] == "nobody"
    });
    let left = story.until("that a pod leaves the traffic", after(&selects, "serving"));
    assert!(leaves(&left), "{left:#}");
}

/// Breaks a pod without probes, which gets traffic and belongs to nobody any more, so that no update replaces it.
fn unprobed_and_broken(namespace: &Namespace) -> String {
    let name = printed(&namespace.kubectl(&["get", "pods", "--output=jsonpath={.items[0].metadata.name}"]));
    printed(&namespace.kubectl(&["label", "pod", &name, "pod-template-hash-"]));
    namespace.until("an answer of the pod's", || {
        numbers::asked(namespace, "/rng").1 == name
    });
    name
}

/// The pod is broken and gets traffic, and nobody tells otherwise.
fn stayed(namespace: &Namespace, pod: &str) {
    namespace.until("a bad answer of the pod's", || {
        numbers::asked(namespace, "/healthz") == ("500".into(), pod.into())
    });
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["--name", &layout().name, "explain", &format!("pod/{pod}")]);
    lab.args(["--namespace", &namespace.0, "--output", "json"]);
    let told = printed(&lab.output().unwrap());
    let facts: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(facts.iter().any(|fact| fact["what"] == "serving"), "{told}");
    assert!(!facts.iter().any(leaves), "{told}");
}

fn leaves(fact: &Value) -> bool {
    fact["what"] == "serving" && fact["value"] == false
}
