//! Rules of kube-proxy 1.37.2 for the Services of 12.1 and 12.4, as they were seen on the embedded cluster.

use serde_json::json;

use super::*;

/// A time of the minute in which it was seen.
fn at(seconds: f64) -> Timestamp {
    let minute: Timestamp = "2026-11-27T04:00:00Z".parse().unwrap();
    minute + SignedDuration::from_secs_f64(seconds)
}

fn subject(pod: &str) -> Subject {
    Subject {
        kind: "Pod".into(),
        uid: pod.into(),
        ..Subject::default()
    }
}

/// A slice with pods, each of the address that it is called by.
fn slice(pods: &[&str]) -> EndpointSlice {
    let endpoint =
        |pod: &&str| json!({"addresses": [pod], "targetRef": {"kind": "Pod", "name": pod, "uid": pod}});
    let slice = json!({
        "metadata": {"name": "numbers-api-x", "namespace": "default", "labels": {"kubernetes.io/service-name": "numbers-api"}},
        "addressType": "IPv4",
        "endpoints": pods.iter().map(endpoint).collect::<Vec<_>>(),
    });
    serde_json::from_value(slice).unwrap()
}

fn serving(pod: &str, value: bool, second: f64) -> Fact {
    let what = What::Serving {
        value,
        service: "numbers-api".into(),
        trigger: None,
        share: None,
    };
    let when = Moment::between(at(second), at(second + 1.0), Clock::ApiServer).unwrap();
    fact(subject(pod), what, None, when, Source::Slices)
}

/// A pod joins those that get traffic, by a slice that was written and became known at these seconds.
fn joins(rules: &mut Rules, pod: &str, written: f64, known: f64) {
    let changed = [serving(pod, true, written)];
    rules.wrote(None, Some(&slice(&[pod])), &changed, at(known));
}

/// A slice of pods that are being deleted, and are well.
fn leaving(pods: &[&str]) -> EndpointSlice {
    let mut slice = slice(pods);
    for endpoint in slice.endpoints.iter_mut().flatten() {
        let conditions = json!({"ready": false, "serving": true, "terminating": true});
        endpoint.conditions = serde_json::from_value(conditions).unwrap();
    }
    slice
}

/// A pod is not in its slice any more.
fn leaves(rules: &mut Rules, pod: &str, written: f64, known: f64) {
    let changed = [serving(pod, false, written)];
    rules.wrote(Some(&slice(&[pod])), Some(&slice(&[])), &changed, at(known));
}

/// Rules of a Service that lead to some pods.
fn table(pods: &[&str]) -> String {
    let jump = |pod: &&str| {
        format!(
            "-A KUBE-SEP-{pod} -p tcp -m tcp -j DNAT --to-destination {pod}:80\n\
             -A KUBE-SVC-X -m comment --comment \"default/numbers-api -> {pod}:80\" -j KUBE-SEP-{pod}\n"
        )
    };
    let mut text: String = pods.iter().map(jump).collect();
    text += "-A KUBE-SERVICES -m comment --comment \"default/numbers-api cluster IP\" -m tcp -j KUBE-SVC-X\n";
    text
}

/// A look at rules that lead to some pods, which takes a tenth of a second.
fn look(rules: &mut Rules, second: f64, pods: &[&str]) -> Vec<(String, bool, f64, f64)> {
    let facts = rules.take(&table(pods), at(second), at(second + 0.1));
    let since = |time: Timestamp| time.duration_since(at(0.0)).as_secs_f64();
    let told = facts.into_iter().map(|fact| match fact.what {
        What::Rules { value, .. } => {
            let (earliest, latest) = (fact.when.earliest(), fact.when.latest());
            (fact.subject.uid, value, since(earliest), since(latest))
        }
        what => panic!("{what:?}"),
    });
    told.collect()
}

fn told(pod: &str, value: bool, earliest: f64, latest: f64) -> Vec<(String, bool, f64, f64)> {
    vec![(pod.into(), value, earliest, latest)]
}

#[test]
fn rules_that_change_are_dated_by_the_slice_and_by_the_looks() {
    let mut rules = Rules::default();
    assert_eq!(look(&mut rules, 0.0, &[]), []);
    joins(&mut rules, "a", 1.0, 1.3);
    // It was known before kube-proxy had written them.
    assert_eq!(look(&mut rules, 1.5, &[]), []);
    assert_eq!(look(&mut rules, 2.0, &["a"]), told("a", true, 1.5, 2.1));
    assert_eq!(look(&mut rules, 3.0, &["a"]), []);
    leaves(&mut rules, "a", 4.0, 4.3);
    assert_eq!(look(&mut rules, 5.0, &[]), told("a", false, 4.0, 5.1));
}

#[test]
fn a_slice_that_is_told_of_after_its_rules_is_waited_for() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &[]);
    assert_eq!(look(&mut rules, 2.0, &["a"]), []);
    joins(&mut rules, "a", 1.0, 3.0);
    assert_eq!(look(&mut rules, 4.0, &["a"]), told("a", true, 1.0, 2.1));

    // Not what nobody ever speaks of, and not what a later slice is about.
    assert_eq!(look(&mut rules, 5.0, &["a", "b"]), []);
    joins(&mut rules, "b", 6.0, 6.0);
    assert_eq!(look(&mut rules, 15.5, &["a", "b"]), []);
    assert!(rules.turns.is_empty());
}

#[test]
fn what_was_before_the_first_look_or_between_two_is_not_told() {
    let mut rules = Rules::default();
    joins(&mut rules, "a", 0.0, 0.0);
    assert_eq!(look(&mut rules, 1.0, &["a"]), []);
    leaves(&mut rules, "a", 1.5, 1.5);
    joins(&mut rules, "a", 1.6, 1.6);
    assert_eq!(look(&mut rules, 2.0, &["a"]), []);
    rules.forget();
    assert_eq!(look(&mut rules, 3.0, &[]), []);
}

#[test]
fn a_pod_that_joins_again_is_told_by_the_first_of_both_slices() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &[]);
    joins(&mut rules, "a", 1.0, 1.0);
    leaves(&mut rules, "a", 1.2, 1.2);
    joins(&mut rules, "a", 1.4, 1.4);
    // Nobody saw whether they led to it since the first or the second.
    assert_eq!(look(&mut rules, 2.0, &["a"]), told("a", true, 1.0, 2.1));
}

#[test]
fn a_service_takes_its_rules_along_before_its_slices_go() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a"]);
    assert_eq!(look(&mut rules, 1.0, &[]), []);
    let changed = [serving("a", false, 2.0)];
    rules.wrote(Some(&slice(&["a"])), None, &changed, at(2.0));
    assert_eq!(look(&mut rules, 2.5, &[]), told("a", false, 0.0, 1.1));
}

/// Whether what is told of a pod is told of the last resort.
fn is_last_resort(facts: &[Fact]) -> bool {
    matches!(
        facts,
        [Fact {
            what: What::Rules {
                last_resort: true,
                ..
            },
            ..
        }]
    )
}

#[test]
fn the_last_resort_of_a_service_is_told_as_such() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a", "b"]);
    let left = |rules: &mut Rules, pod, slice: &EndpointSlice| {
        rules.wrote(Some(slice), Some(slice), &[serving(pod, false, 1.0)], at(1.0));
    };
    left(&mut rules, "a", &slice(&["a", "b"]));
    assert_eq!(look(&mut rules, 1.5, &["b"]), told("a", false, 1.0, 1.6));
    left(&mut rules, "b", &leaving(&["a", "b"]));
    // a is reached again, and b goes on to be.
    let again = rules.take(&table(&["a", "b"]), at(2.0), at(2.1));
    assert!(
        is_last_resort(&again) && again[0].subject.uid == "a",
        "{again:#?}"
    );
    assert_eq!(look(&mut rules, 20.0, &["a", "b"]), []);
    // They are not looked for all the while.
    assert!(!rules.are_due(at(22.0)) && rules.are_due(at(23.1)));
    assert_eq!(look(&mut rules, 300.0, &["a", "b"]), []);
    let ends = rules.take(&table(&["a"]), at(310.0), at(310.1));
    assert!(is_last_resort(&ends), "{ends:#?}");
    assert_eq!(look(&mut rules, 320.0, &[]), told("a", false, 310.0, 320.1));
    look(&mut rules, 330.0, &[]);
    assert!(rules.said.is_empty() && rules.turns.is_empty());
}

#[test]
fn a_pod_that_has_left_and_is_no_last_resort_is_not_told_again() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a"]);
    leaves(&mut rules, "a", 1.0, 1.0);
    look(&mut rules, 1.5, &[]);
    assert_eq!(look(&mut rules, 2.0, &["a"]), []);
}

#[test]
fn they_are_looked_at_now_and_then_and_often_while_a_slice_is_new() {
    let mut rules = Rules::default();
    assert!(rules.are_due(at(0.0)));
    look(&mut rules, 0.0, &[]);
    assert!(!rules.are_due(at(2.9)) && rules.are_due(at(3.1)));
    // A Service without an address has no rules.
    joins(&mut rules, "a", 1.0, 1.0);
    assert!(rules.are_due(at(1.1)));
    look(&mut rules, 11.1, &[]);
    assert!(!rules.are_due(at(11.2)));
}

#[test]
fn rules_lead_from_a_service_through_its_chains_to_addresses() {
    let ways = table::ways(include_str!("../recorded/rules.txt"));
    let ways: Vec<_> = ways
        .iter()
        .map(|way| format!("{} {}", way.service, way.address))
        .collect();
    insta::assert_snapshot!(ways.join("\n"));
    assert!(table::ways("# Warning: iptables-legacy tables present\n-A \n-A KUBE-SERVICES\n").is_empty());
}
