//! What was seen of a cluster that runs the guide's commands, and the facts that it tells.
#![expect(clippy::unwrap_used, reason = "what was seen is there")]

use std::{fs, path::Path, sync::Arc};

use k8s_openapi::serde::de::DeserializeOwned;
use record::{Listed, Topic};
use story::{Cause, Fact, Settings, Story};

fn list<K: DeserializeOwned>(folder: &str, kind: &str) -> Vec<Arc<K>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seen");
    let text = fs::read_to_string(path.join(folder).join(kind).with_extension("json")).unwrap();
    let mut list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let items: Vec<K> = serde_json::from_value(list["items"].take()).unwrap();
    items.into_iter().map(Arc::new).collect()
}

fn seen(folder: &str) -> Listed {
    Listed {
        pods: list(folder, "pods"),
        slices: list(folder, "endpointslices"),
        deployments: list(folder, "deployments"),
        replica_sets: list(folder, "replicasets"),
        services: vec![],
        events: list(folder, "events"),
    }
}

/// A line a fact: its number, what it is, of whom, when, and the numbers of its causes.
fn told(facts: Vec<Fact>) -> Vec<String> {
    let story = Story::of(facts, &Settings::default()).unwrap();
    let line = |fact: &Fact| {
        let line = serde_json::to_value(fact).unwrap();
        let causes: Vec<_> = match story.cause(fact.id) {
            Cause::NotSeen => vec![],
            Cause::One(link) => vec![link.cause],
            Cause::OneOf(links) => links.iter().map(|link| link.cause).collect(),
        };
        let value = [
            "value", "from", "to", "restart", "seconds", "why", "reason", "run",
        ]
        .map(|key| {
            line.get(key)
                .map_or_else(String::new, |value| format!(" {value}"))
        })
        .concat();
        format!(
            "{} {} {} {}{value}{}, by {}, after {causes:?}",
            fact.id,
            fact.when.earliest(),
            fact.subject.name,
            line["what"].as_str().unwrap(),
            if fact.when.is_vague() { " (vague)" } else { "" },
            fact.who.as_deref().unwrap_or("?"),
        )
    };
    story.facts().iter().map(line).collect()
}

#[test]
fn a_pod_that_left_the_traffic_tells_of_it() {
    insta::assert_snapshot!(told(seen("unready").facts()).join("\n"));
}

#[test]
fn a_container_that_was_restarted_tells_why() {
    insta::assert_snapshot!(told(seen("restarted").facts()).join("\n"));
}

#[test]
fn what_may_not_be_looked_at_leaves_facts_out_and_changes_none() {
    let all = seen("restarted");
    let without = [
        Listed {
            pods: vec![],
            ..all.clone()
        },
        Listed {
            slices: vec![],
            ..all.clone()
        },
        Listed {
            deployments: vec![],
            ..all.clone()
        },
        Listed {
            replica_sets: vec![],
            ..all.clone()
        },
        Listed {
            events: vec![],
            ..all.clone()
        },
    ];
    let plain = |listed: &Listed| -> Vec<Fact> {
        let owners = |fact: Fact| Fact {
            id: 0,
            subject: story::Subject {
                owners: vec![],
                ..fact.subject
            },
            ..fact
        };
        listed.facts().into_iter().map(owners).collect()
    };
    let known = plain(&all);
    for less in &without {
        let told = plain(less);
        assert!(told.len() < known.len());
        assert!(told.iter().all(|fact| known.contains(fact)), "{told:#?}");
    }
}

#[test]
fn a_topic_has_its_objects_and_what_led_to_them() {
    let listed = seen("unready");
    let about = |topic: &str| {
        let topic: Topic = topic.parse().unwrap();
        let objects = topic.objects(&listed)?;
        let story = Story::of(listed.facts(), &Settings::default()).unwrap();
        let story = story.about(|fact| topic.holds(&objects, fact));
        Some(story.facts().iter().map(|fact| fact.id).collect::<Vec<_>>())
    };
    assert_eq!(
        about("pod/numbers-api-d8dc789fc-tvkcq").unwrap(),
        [7, 8, 5, 6, 10, 9]
    );
    assert_eq!(about("deploy/numbers-api").unwrap().len(), listed.facts().len());
    assert!(about("svc/numbers-api").unwrap().contains(&15));
    for none in ["pod/numbers-api", "deploy/other", "svc/other"] {
        assert_eq!(about(none), None);
    }
}
