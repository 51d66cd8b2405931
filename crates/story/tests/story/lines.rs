//! Facts as lines of JSON.

use jiff::SignedDuration;
use serde_json::json;
use story::{Clock, Error, Fact, Moment, Probe, Settings, Source, Story, What, Write};

use crate::facts::{at, container, pod};

fn unready() -> Fact {
    Fact {
        who: Some("kubelet".into()),
        write: Some(Write {
            kind: "Pod".into(),
            name: "numbers-api-b".into(),
            version: 4711,
        }),
        ..pod(
            7,
            "b",
            10,
            What::Ready {
                value: false,
                created: None,
            },
        )
    }
}

fn failed() -> Fact {
    let what = What::Probed {
        probe: Probe::Readiness,
        ok: false,
        run: 1,
        of: 1,
        period: 5,
        says: Some("500".into()),
    };
    let begun = at(10) + SignedDuration::from_millis(250);
    Fact {
        source: Source::Probes,
        when: Moment::between(at(9), begun, Clock::Here).unwrap(),
        ..container(6, "b", None, 10, what)
    }
}

#[test]
fn a_line_says_what_who_when_and_why() {
    let story = Story::of(vec![unready(), failed()], &Settings::default()).unwrap();
    let lines: Vec<serde_json::Value> = story
        .lines()
        .map(|line| serde_json::from_str(&line.json().unwrap()).unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            json!({
                "id": 6, "what": "probed", "probe": "readiness", "ok": false, "run": 1, "of": 1, "period": 5, "says": "500",
                "subject": {
                    "kind": "Pod", "namespace": "default", "name": "numbers-api-b", "uid": "b", "owners": ["rs", "deploy"],
                    "container": {"name": "numbers-api"},
                },
                "who": null, "earliest": "2026-01-01T00:00:09.000000Z", "latest": "2026-01-01T00:00:10.250000Z",
                "clock": "here", "source": "probes", "causes": [], "delay": null,
            }),
            json!({
                "id": 7, "what": "ready", "value": false,
                "subject": {
                    "kind": "Pod", "namespace": "default", "name": "numbers-api-b", "uid": "b", "owners": ["rs", "deploy"],
                },
                "who": "kubelet", "earliest": "2026-01-01T00:00:10.000000Z", "latest": "2026-01-01T00:00:11.000000Z",
                "clock": "kubelet", "source": "pods", "write": {"kind": "Pod", "name": "numbers-api-b", "version": 4711},
                "causes": [6], "delay": [0.0, 2.0],
            }),
        ]
    );
}

#[test]
fn what_was_written_is_read_again() {
    let facts = vec![
        failed(),
        unready(),
        pod(8, "b", 12, What::Throttled { share: 0.73 }),
    ];
    let story = Story::of(facts, &Settings::default()).unwrap();
    let text: Vec<_> = story.lines().map(|line| line.json().unwrap()).collect();
    let read = Fact::read(&(text.join("\n\n") + "\n")).unwrap();
    assert_eq!(Story::of(read, &Settings::default()).unwrap(), story);
}

#[test]
fn what_is_no_fact_is_named_by_its_line() {
    let good = Story::of(vec![unready()], &Settings::default()).unwrap();
    let good = good.lines().next().unwrap().json().unwrap();
    for (bad, reason) in [
        ("{", "EOF"),
        ("{}", "id"),
        (&*good.replace("\"ready\"", "\"reddy\""), "reddy"),
        (&*good.replace("00:00:10.0", "00:00:30.0"), "before it begins"),
    ] {
        let error = Fact::read(&format!("{good}\n{bad}")).unwrap_err().to_string();
        assert!(
            error.starts_with("line 2 is no fact: ") && error.contains(reason),
            "{error}"
        );
    }
}

#[test]
fn two_facts_with_one_id_are_refused() {
    let refused = Story::of(vec![unready(), unready()], &Settings::default());
    assert!(matches!(refused, Err(Error::Repeated(7))), "{refused:?}");
}
