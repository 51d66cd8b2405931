//! Watches of a real cluster that runs the guide's commands, replayed.

use std::{collections::BTreeMap, fs, net::IpAddr, path::Path};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod},
    discovery::v1::EndpointSlice,
};
use kube::api::WatchEvent;
use serde::Deserialize;
use serde_json::Value;
use story::{Cause, Fact, Story, What};

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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/keeper/replays/seen");
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
