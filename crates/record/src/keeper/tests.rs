//! Watches of a real cluster that runs the guide's commands, replayed.

mod choice;
mod lists;
mod replay;
mod wishes;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;
use story::{Cause, Fact, Role, Rule, Settings, Source, Story, What, link, rules};

use self::replay::{recording, replayed};
use super::Keeper;
use crate::Listed;

fn story(mut keeper: Keeper) -> Story {
    let last = keeper.heard.values().max().copied().unwrap();
    let live = keeper.live(last + jiff::SignedDuration::from_secs(1));
    let facts = live.facts.iter().map(|fact| (**fact).clone());
    Story::of(facts.collect(), &Settings::with_skew(live.skew)).unwrap()
}

/// A line a fact: its number, when, of whom, what it is, and the numbers of its causes. What only says what was known is left out.
fn told(story: &Story) -> String {
    let routine = |fact: &Fact| matches!(fact.what, What::Probed { ok: true, run, of, .. } if run > of);
    let container = |fact: &Fact| match &fact.subject.container {
        Some(container) if container.role != Role::Only => format!("/{}", container.name),
        _ => String::new(),
    };
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
            "grace",
            "after",
            "selector",
            "labels",
            "chosen",
            "released",
        ];
        let values = values.map(|key| {
            line.get(key)
                .map_or_else(String::new, |value| format!(" {key}={value}"))
        });
        format!(
            "{} {:.3}+{:.3} {}{} {}{}{}{}, by {}, after {causes:?}",
            fact.id,
            fact.when.earliest().strftime("%M:%S%.3f"),
            fact.when.width().as_secs_f64(),
            fact.subject.name,
            container(fact),
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

#[test]
fn containers_start_in_turn_and_have_time_to_stop() {
    insta::assert_snapshot!(told(&story(replayed("starting", |_| true))));
}

#[test]
fn pods_are_restarted_by_their_rules_and_make_room() {
    insta::assert_snapshot!(told(&story(replayed("resources", |_| true))));
}

#[test]
fn a_release_that_fails_is_rolled_back() {
    insta::assert_snapshot!(told(&story(replayed("release", |_| true))));
}

#[test]
fn what_heals_nothing_is_removed() {
    insta::assert_snapshot!(told(&story(replayed("limits", |_| true))));
}

#[test]
fn namespaces_have_their_shares_and_the_node_has_no_more() {
    insta::assert_snapshot!(told(&story(replayed("shares", |_| true))));
}

#[test]
fn a_pod_that_does_not_stop_is_deleted_by_force_and_in_good_order() {
    insta::assert_snapshot!(told(&story(replayed("deletion", |_| true))));
}

#[test]
fn a_service_chooses_other_pods_and_pods_get_other_labels() {
    insta::assert_snapshot!(told(&story(replayed("choice", |_| true))));
}

/// All recordings: of 12.1, 12.2, 12.4, and in their order 12.3 and 12.5 to 12.8, of deletions by hand, and of selectors and labels.
/// Those from `release` on have neither what no fact is read from nor what was said before.
const RECORDED: [&str; 11] = [
    "ready",
    "liveness",
    "memory",
    "quota",
    "release",
    "limits",
    "shares",
    "starting",
    "resources",
    "deletion",
    "choice",
];

#[test]
fn each_rule_that_is_taken_out_changes_some_story() {
    let facts = RECORDED.map(|name| {
        let story = story(replayed(name, |_| true));
        story.facts().to_vec()
    });
    let links = |rules: &[Rule]| {
        let of = |facts: &Vec<Fact>| {
            let links = link(facts, rules, &Settings::default());
            links
                .iter()
                .map(|link| (link.effect, link.cause))
                .collect::<BTreeSet<_>>()
        };
        facts.iter().map(of).collect::<Vec<_>>()
    };
    let all = links(&rules());
    let idle: Vec<_> = rules()
        .iter()
        .map(|rule| rule.name)
        .filter(|name| {
            let others: Vec<_> = rules().into_iter().filter(|rule| rule.name != *name).collect();
            links(&others) == all
        })
        .collect();
    // In none of these was a container sampled just before the kernel ended it; kube-proxy's rules were not looked at, and callers not asked.
    assert_eq!(
        idle,
        [
            "end-at-memory-limit",
            "rules-follow-traffic",
            "rules-end-with-their-service",
            "last-resort-begins",
            "last-resort-ends-with-readiness",
            "last-resort-ends-with-another-pod",
            "callers-until-out"
        ]
    );
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

/// What is told of the deletion of a pod: whether it is only asked for, the grace, and the seconds between which that was.
fn gone(keeper: &mut Keeper, at: Timestamp) -> Vec<(bool, Option<u32>, i64, i64)> {
    let second =
        |time: Timestamp| time.as_second() - "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap().as_second();
    let of = |fact: &Arc<Fact>| match fact.what {
        What::Gone { asked, grace, .. } => Some((
            asked,
            grace,
            second(fact.when.earliest()),
            second(fact.when.latest()),
        )),
        _ => None,
    };
    keeper.live(at).facts.iter().filter_map(of).collect()
}

#[test]
fn what_is_asked_of_a_pod_that_goes_is_told_and_not_what_the_kubelet_adds() {
    let at = |second: u32| {
        format!("2026-01-01T00:00:{second:02}Z")
            .parse::<Timestamp>()
            .unwrap()
    };
    let pod = |version: u32, end: Option<(u32, i64)>| -> Pod {
        let end_at = end.map(|(second, _)| at(second).to_string());
        serde_json::from_value(json!({"metadata": {"name": "a", "namespace": "lab", "uid": "a",
            "resourceVersion": version.to_string(), "deletionTimestamp": end_at, "deletionGracePeriodSeconds": end.map(|(_, grace)| grace)}}))
        .unwrap()
    };
    let begin = || {
        let first = Listed {
            pods: vec![Arc::new(pod(1, None))],
            ..Listed::default()
        };
        Keeper::new("lab", first, BTreeMap::new(), at(1))
    };
    let mut patient = begin();
    patient.changed(pod(2, Some((40, 30))), false, at(11));
    patient.heard(Source::Pods, at(15));
    // Somebody does not want to wait as long. When all has ended, the kubelet deletes it without any grace.
    patient.changed(pod(3, Some((15, 5))), false, at(17));
    patient.changed(pod(4, Some((10, 0))), false, at(18));
    patient.changed(pod(5, Some((10, 0))), true, at(19));
    let told = gone(&mut patient, at(20));
    assert_eq!(
        told,
        [
            (true, Some(30), 10, 11),
            (true, Some(5), 14, 17),
            (false, None, 17, 19)
        ]
    );
    // By force it may go with the version that says so.
    let mut forced = begin();
    forced.changed(pod(2, Some((10, 0))), true, at(11));
    assert_eq!(
        gone(&mut forced, at(12)),
        [(true, Some(0), 10, 11), (false, None, 10, 11)]
    );
}
