//! What lists say that come anew, late, or no more.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::ReplicaSet,
    core::v1::{Event, Pod},
};
use serde_json::json;
use story::{Fact, Source, What};

use crate::{Listed, keeper::Keeper};

#[test]
fn events_are_listed_anew_without_a_gap_unless_nothing_was_heard_for_long() {
    let at: Timestamp = "2026-03-01T14:00:00Z".parse().unwrap();
    let later = |seconds| at + jiff::SignedDuration::from_secs(seconds);
    let gaps = |relist: &dyn Fn(&mut Keeper)| {
        let mut keeper = Keeper::new("x", Listed::default(), BTreeMap::new(), at);
        relist(&mut keeper);
        let facts = keeper.live(later(90)).facts;
        facts.iter().filter(|fact| fact.what == What::Gap).count()
    };
    assert_eq!(
        gaps(&|keeper| keeper.relisted::<Event>(vec![], false, later(5))),
        0
    );
    assert_eq!(
        gaps(&|keeper| keeper.relisted::<Event>(vec![], false, later(60))),
        1
    );
    assert_eq!(gaps(&|keeper| keeper.relisted::<Pod>(vec![], false, later(5))), 1);
}

#[test]
fn kubelets_that_nobody_asks_are_not_silent() {
    let at: Timestamp = "2026-03-01T14:00:00Z".parse().unwrap();
    let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|node| node.parse::<IpAddr>().unwrap());
    let mut keeper = Keeper::new("x", Listed::default(), BTreeMap::new(), at);
    for node in [one, two] {
        keeper.counted(node, "", at, at);
        keeper.sampled(node, "", at);
    }
    keeper.unasked(one);
    assert!(keeper.live(at).heard.contains_key(&Source::Usage));
    keeper.unasked(two);
    let heard = keeper.live(at).heard;
    assert!(!heard.contains_key(&Source::Probes) && !heard.contains_key(&Source::Usage));
}

#[test]
fn what_is_listed_late_for_the_first_time_has_no_time_of_its_own() {
    let at: Timestamp = "2026-03-01T14:00:00Z".parse().unwrap();
    let sets = |version: u64, replicas: u32| -> ReplicaSet {
        serde_json::from_value(json!({"metadata": {"name": "a", "namespace": "x", "uid": "a", "resourceVersion": version.to_string()},
            "spec": {"replicas": replicas, "selector": {}}}))
        .unwrap()
    };
    let hidden = BTreeMap::from([(Source::ReplicaSets, crate::Hidden::Forbidden)]);
    let mut keeper = Keeper::new("x", Listed::default(), hidden, at);
    keeper.relisted(vec![sets(1, 3)], false, at);
    assert_eq!(keeper.live(at).facts, []);
    keeper.changed(sets(2, 2), false, at);
    let scaled = |fact: &Arc<Fact>| matches!(fact.what, What::Scaled { from: 3, to: 2, .. });
    assert!(keeper.live(at).facts.iter().any(scaled));
}
