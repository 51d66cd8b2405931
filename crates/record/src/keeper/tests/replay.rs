//! Recordings of watches, played back.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::IpAddr,
    path::Path,
};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod, Service},
    discovery::v1::EndpointSlice,
};
use kube::api::WatchEvent;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Listed,
    keeper::{Keeper, Watched},
};

/// Something that came from the API server or the kubelet, and when.
#[derive(Deserialize)]
pub(super) struct Came {
    pub(super) at: Timestamp,
    pub(super) kind: String,
    /// A watch's line.
    event: Option<Value>,
    /// When the kubelet was asked.
    asked: Option<Timestamp>,
    /// What it answered; `same` for what it had answered before.
    lines: Option<Vec<String>>,
    /// What was new in its answer; a series that was no more in it stands without its value.
    changed: Option<Vec<String>>,
}

impl Came {
    /// The event with its object in full, of which the recording has what differs from the version before (RFC 7396).
    fn whole(&self, known: &mut BTreeMap<String, Value>) -> Option<Value> {
        let mut event = self.event.clone()?;
        match event.get("change").cloned() {
            Some(change) => {
                let object = known.get_mut(event["uid"].as_str()?)?;
                json_patch::merge(object, &change);
                event["object"] = object.clone();
            }
            None => {
                let uid = event["object"]["metadata"]["uid"].as_str()?;
                known.insert(uid.to_owned(), event["object"].clone());
            }
        }
        Some(event)
    }

    /// The kubelet's answer in full.
    fn answer(&self, known: &mut BTreeMap<String, String>) -> Option<String> {
        if let Some(lines) = &self.lines {
            if lines != &["same"] {
                *known = lines.iter().map(|line| (line.clone(), line.clone())).collect();
            }
        } else {
            for line in self.changed.as_ref()? {
                let (series, value) = line.split_once('}')?;
                if value.is_empty() {
                    known.remove(series);
                } else {
                    known.insert(series.to_owned(), line.clone());
                }
            }
        }
        Some(known.values().map(|line| format!("{line}\n")).collect())
    }
}

/// All of a recording, in the order in which it came.
pub(super) fn recording(name: &str) -> Vec<Came> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/keeper/recorded");
    let text = fs::read_to_string(path.join(name).with_extension("jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut came: Vec<Came> = lines.collect();
    came.sort_by_key(|came| came.at);
    came
}

/// What a keeper knows at the end, of what `is_seen` lets through.
pub(super) fn replayed(name: &str, is_seen: impl Fn(&Came) -> bool) -> Keeper {
    let all = recording(name);
    let namespaces: BTreeSet<_> = all
        .iter()
        .filter_map(|came| came.event.as_ref()?["object"]["metadata"]["namespace"].as_str())
        .collect();
    let namespace = match namespaces.len() {
        1 => namespaces.first().copied().unwrap(),
        _ => crate::ALL,
    };
    let node = all.iter().find_map(|came| {
        let event = came.event.as_ref()?;
        let address = |part: &str| {
            event.get(part)?["status"]["hostIP"]
                .as_str()?
                .parse::<IpAddr>()
                .ok()
        };
        address("object").or_else(|| address("change"))
    });
    let node = node.unwrap();
    let mut keeper = Keeper::new(namespace, Listed::default(), BTreeMap::new(), all[0].at);
    let (mut answers, mut objects) = (BTreeMap::new(), BTreeMap::new());
    for came in all {
        let at = came.at;
        let answer = came.answer(answers.entry(came.kind.clone()).or_default());
        let event = came.whole(&mut objects);
        if !is_seen(&came) {
            continue;
        }
        match (&*came.kind, answer) {
            ("/metrics/probes", Some(text)) => keeper.counted(node, &text, came.asked.unwrap(), at),
            ("/metrics/cadvisor", Some(text)) => keeper.sampled(node, &text, at),
            ("pods", _) => change::<Pod>(&mut keeper, event, at),
            ("endpointslices", _) => change::<EndpointSlice>(&mut keeper, event, at),
            ("deployments", _) => change::<Deployment>(&mut keeper, event, at),
            ("replicasets", _) => change::<ReplicaSet>(&mut keeper, event, at),
            ("services", _) => change::<Service>(&mut keeper, event, at),
            ("events", _) => change::<Event>(&mut keeper, event, at),
            other => panic!("{other:?}"),
        }
    }
    keeper
}

/// What a watch said; nothing is a bookmark.
fn change<K: Watched>(keeper: &mut Keeper, event: Option<Value>, at: Timestamp) {
    let Some(event) = event else {
        keeper.heard(K::SOURCE, at);
        return;
    };
    match serde_json::from_value(event).unwrap() {
        WatchEvent::Added(object) | WatchEvent::Modified(object) => keeper.changed::<K>(object, false, at),
        WatchEvent::Deleted(object) => keeper.changed::<K>(object, true, at),
        WatchEvent::Bookmark(_) | WatchEvent::Error(_) => keeper.heard(K::SOURCE, at),
    }
}
