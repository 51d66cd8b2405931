//! Watches of a real cluster that runs the guide's commands, replayed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::IpAddr,
    path::Path,
    sync::Arc,
};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod},
    discovery::v1::EndpointSlice,
};
use kube::api::WatchEvent;
use serde::Deserialize;
use serde_json::{Value, json};
use story::{Cause, Fact, Source, Story, What};

use super::{Keeper, Watched};
use crate::Listed;

/// Something that came from the API server or the kubelet, and when.
#[derive(Deserialize)]
struct Came {
    at: Timestamp,
    kind: String,
    /// A watch's line.
    event: Option<Value>,
    /// When the kubelet was asked.
    asked: Option<Timestamp>,
    /// What it answered; `same` for what it had answered before.
    lines: Option<Vec<String>>,
}

/// All of a recording, in the order in which it came.
fn recording(name: &str) -> Vec<Came> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/keeper/recorded");
    let text = fs::read_to_string(path.join(name).with_extension("jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut came: Vec<Came> = lines.collect();
    came.sort_by_key(|came| came.at);
    came
}

/// What a keeper knows at the end, of what `is_seen` lets through.
fn replayed(name: &str, is_seen: impl Fn(&Came) -> bool) -> Keeper {
    let all = recording(name);
    let namespace = all.iter().find_map(|came| {
        let object = came.event.as_ref()?.get("object")?;
        Some(object["metadata"]["namespace"].as_str()?.to_owned())
    });
    let node = all.iter().find_map(|came| {
        let address = &came.event.as_ref()?["object"]["status"]["hostIP"];
        address.as_str()?.parse::<IpAddr>().ok()
    });
    let node = node.unwrap();
    let mut keeper = Keeper::new(
        &namespace.unwrap(),
        &Listed::default(),
        BTreeMap::new(),
        all[0].at,
    );
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for came in all {
        let at = came.at;
        if let Some(lines) = &came.lines {
            if lines != &["same"] {
                last.insert(came.kind.clone(), lines.join("\n"));
            }
            let text = &last[&came.kind];
            match &*came.kind {
                _ if !is_seen(&came) => {}
                "/metrics/probes" => keeper.counted(node, text, came.asked.unwrap(), at),
                _ => keeper.sampled(node, text, at),
            }
        }
        let Some(event) = came.event.clone().filter(|_| is_seen(&came)) else {
            continue;
        };
        match &*came.kind {
            "pods" => change::<Pod>(&mut keeper, event, at),
            "endpointslices" => change::<EndpointSlice>(&mut keeper, event, at),
            "deployments" => change::<Deployment>(&mut keeper, event, at),
            "replicasets" => change::<ReplicaSet>(&mut keeper, event, at),
            _ => change::<Event>(&mut keeper, event, at),
        }
    }
    keeper
}

fn change<K: Watched>(keeper: &mut Keeper, event: Value, at: Timestamp) {
    match serde_json::from_value(event).unwrap() {
        WatchEvent::Added(object) | WatchEvent::Modified(object) => keeper.changed::<K>(object, false, at),
        WatchEvent::Deleted(object) => keeper.changed::<K>(object, true, at),
        WatchEvent::Bookmark(_) | WatchEvent::Error(_) => keeper.heard(K::SOURCE, at),
    }
}

fn story(mut keeper: Keeper) -> Story {
    let last = keeper.heard.values().max().copied().unwrap();
    keeper
        .live(last + jiff::SignedDuration::from_secs(1))
        .story()
        .unwrap()
}

/// A line a fact: its number, when, of whom, what it is, and the numbers of its causes. What only says what was known is left out.
fn told(story: &Story) -> String {
    let routine = |fact: &Fact| matches!(fact.what, What::Probed { ok: true, run, of, .. } if run > of);
    let line = |fact: &Fact| {
        let line = serde_json::to_value(fact).unwrap();
        let causes: Vec<_> = match story.cause(fact.id) {
            Cause::NotSeen => vec![],
            Cause::One(link) => vec![link.cause],
            Cause::OneOf(links) => links.iter().map(|link| link.cause).collect(),
        };
        let values = [
            "generation",
            "probe",
            "ok",
            "run",
            "of",
            "value",
            "from",
            "to",
            "restart",
            "backoff",
            "seconds",
            "why",
            "reason",
            "says",
            "used",
            "limit",
            "share",
            "asked",
        ];
        let values = values.map(|key| {
            line.get(key)
                .map_or_else(String::new, |value| format!(" {key}={value}"))
        });
        format!(
            "{} {:.3}+{:.3} {} {}{}{}{}, by {}, after {causes:?}",
            fact.id,
            fact.when.earliest().strftime("%M:%S%.3f"),
            fact.when.width().as_secs_f64(),
            fact.subject.name,
            line["what"].as_str().unwrap(),
            values.concat(),
            if fact.at_least { " (at least)" } else { "" },
            fact.write
                .as_ref()
                .map_or_else(String::new, |write| format!(" [{}]", write.kind)),
            fact.who.as_deref().unwrap_or("?"),
        )
    };
    let told = story.facts().iter().filter(|fact| !routine(fact));
    told.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_pod_leaves_the_traffic_and_comes_back() {
    insta::assert_snapshot!(told(&story(replayed("ready", |_| true))));
}

#[test]
fn containers_are_restarted_by_liveness_and_wait() {
    insta::assert_snapshot!(told(&story(replayed("liveness", |_| true))));
}

#[test]
fn the_kernel_ends_a_container_at_its_limit() {
    insta::assert_snapshot!(told(&story(replayed("memory", |_| true))));
}

#[test]
fn a_quota_refuses_a_pod() {
    insta::assert_snapshot!(told(&story(replayed("quota", |_| true))));
}

/// Links as what they join, without the numbers, which differ.
fn links(story: &Story) -> BTreeSet<[String; 2]> {
    let key = |id: u64| {
        let fact = story.facts().iter().find(|fact| fact.id == id).unwrap();
        let mut what = fact.what.clone();
        // Words come of another source.
        if let What::Probed { says, .. } = &mut what {
            *says = None;
        }
        format!(
            "{what:?} {} {:?} {:?}",
            fact.subject.uid, fact.subject.container, fact.when
        )
    };
    let of = |fact: &Fact| match story.cause(fact.id) {
        Cause::NotSeen => vec![],
        Cause::One(link) => vec![[key(fact.id), key(link.cause)]],
        Cause::OneOf(links) => links.iter().map(|link| [key(fact.id), key(link.cause)]).collect(),
    };
    story.facts().iter().flat_map(of).collect()
}

#[test]
fn leaving_out_a_source_adds_no_link() {
    for name in ["ready", "liveness", "memory", "quota"] {
        let all = links(&story(replayed(name, |_| true)));
        for kind in ["events", "deployments", "endpointslices", "/metrics/cadvisor"] {
            let fewer = links(&story(replayed(name, |came| came.kind != kind)));
            let added: Vec<_> = fewer.difference(&all).collect();
            assert!(added.is_empty(), "{name} without {kind}: {added:#?}");
        }
    }
}

#[test]
fn without_the_kubelets_count_events_tell_of_probes_at_least() {
    let told = story(replayed("ready", |came| came.kind != "/metrics/probes"));
    let probed = |fact: &&Fact| matches!(fact.what, What::Probed { .. });
    let all: Vec<_> = told.facts().iter().filter(probed).collect();
    assert!(
        !all.is_empty()
            && all
                .iter()
                .all(|fact| fact.at_least && fact.source == Source::Events)
    );
    let counted = story(replayed("ready", |_| true));
    assert!(
        counted
            .facts()
            .iter()
            .filter(probed)
            .all(|fact| fact.source == Source::Probes)
    );
}

#[test]
fn nothing_is_linked_across_a_gap() {
    let all = replayed("ready", |_| true);
    let (from, to) = (
        all.heard.values().min().copied().unwrap(),
        all.heard.values().max().copied().unwrap(),
    );
    let mut keeper = all;
    let before = links(&story(replayed("ready", |_| true))).len();
    // The API server was not heard from the beginning on.
    let begun = recording("ready")[0].at;
    for source in [Source::Pods, Source::Slices] {
        keeper.gap(source, begun, to.max(from));
    }
    let after = links(&story(keeper));
    assert!(before > after.len());
    assert!(
        after
            .iter()
            .all(|[effect, _]| !effect.starts_with("Ready") && !effect.starts_with("Serving")),
        "{after:#?}"
    );
}

#[test]
fn what_kubectl_scale_writes_without_a_date_lies_between_two_signs_of_life() {
    let deployment = |version: u64, generation: u64, wishes: Value| -> Deployment {
        serde_json::from_value(
            json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a", "generation": generation,
            "resourceVersion": version.to_string(), "managedFields": wishes}}),
        )
        .unwrap()
    };
    let wish = |manager: &str, time: Option<&str>| json!({"manager": manager, "operation": "Update", "time": time, "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}});
    let at = |text: &str| format!("2026-01-01T00:00:{text}Z").parse::<Timestamp>().unwrap();
    let applied = wish("kubectl-client-side-apply", Some("2026-01-01T00:00:00Z"));
    let first = Listed {
        deployments: vec![Arc::new(deployment(1, 1, json!([applied])))],
        ..Listed::default()
    };
    let mut keeper = Keeper::new("lab", &first, BTreeMap::new(), at("20"));
    let scaled = json!([wish("kubectl", None), applied]);
    keeper.changed(deployment(2, 2, scaled.clone()), false, at("22.5"));
    let later = json!([
        wish("kubectl", None),
        wish("kubectl-client-side-apply", Some("2026-01-01T00:00:23Z"))
    ]);
    keeper.changed(deployment(3, 3, later), false, at("23.5"));
    let told = keeper.live(at("24")).facts;
    let told: Vec<_> = told
        .iter()
        .map(|fact| {
            (
                fact.who.as_deref().unwrap(),
                fact.when.earliest(),
                fact.when.latest(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("kubectl-client-side-apply", at("00"), at("01")),
            ("kubectl", at("20"), at("22.5")),
            ("kubectl-client-side-apply", at("23"), at("23.5")),
        ]
    );
    // Of an object that was scaled before anybody looked nobody knows when.
    let only = Listed {
        deployments: vec![Arc::new(deployment(2, 2, scaled))],
        ..Listed::default()
    };
    assert_eq!(only.facts(), []);
}
