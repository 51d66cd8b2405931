//! Rules of kube-proxy 1.37.2 for the Services of 12.1 and 12.4, as they were seen on the embedded cluster.

use serde_json::json;

use std::iter::empty;

use super::*;

/// A time of the minute in which it was seen.
fn at(seconds: f64) -> Timestamp {
    let minute: Timestamp = "2026-11-27T04:00:00Z".parse().unwrap();
    minute + SignedDuration::from_secs_f64(seconds)
}

fn subject(pod: &str) -> Subject {
    Subject {
        kind: "Pod".into(),
        namespace: "default".into(),
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
        "addressType": "IPv4", "ports": [{"port": 80}],
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

/// One that is told of as a watch does, at a second.
fn seen(second: f64) -> Seen {
    Seen {
        before: at(second),
        at: at(second),
        in_order: true,
    }
}

/// A pod joins those that get traffic, by a slice that was written and became known at these seconds.
fn joins(rules: &mut Rules, pod: &str, written: f64, known: f64) {
    let changed = [serving(pod, true, written)];
    rules.wrote(None, Some(&slice(&[pod])), empty(), &changed, seen(known));
}

/// Pods that are being deleted, and are well.
fn leaving(pods: &[&str]) -> EndpointSlice {
    let mut slice = slice(pods);
    for endpoint in slice.endpoints.iter_mut().flatten() {
        let conditions = json!({"ready": false, "serving": true, "terminating": true});
        endpoint.conditions = serde_json::from_value(conditions).unwrap();
    }
    slice
}

/// A pod is not in its slice any more, which has no ports then.
fn leaves(rules: &mut Rules, pod: &str, written: f64, known: f64) {
    let changed = [serving(pod, false, written)];
    let mut slices = (slice(&[pod]), slice(&[]));
    slices.1.ports = None;
    rules.wrote(Some(&slices.0), Some(&slices.1), empty(), &changed, seen(known));
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
fn rules_that_turned_twice_before_it_was_known_why_did_so_either_time() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a"]);
    look(&mut rules, 1.0, &[]);
    look(&mut rules, 2.0, &["a"]);
    look(&mut rules, 3.0, &[]);
    leaves(&mut rules, "a", 1.0, 3.5);
    assert_eq!(look(&mut rules, 4.0, &[]), told("a", false, 1.0, 3.1));
}

#[test]
fn a_service_takes_its_rules_along_before_its_slices_go() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a"]);
    assert_eq!(look(&mut rules, 1.0, &[]), []);
    let changed = [serving("a", false, 2.0)];
    rules.wrote(Some(&slice(&["a"])), None, empty(), &changed, seen(2.0));
    assert_eq!(look(&mut rules, 2.5, &[]), told("a", false, 0.0, 1.1));
}

#[test]
fn a_list_does_not_say_since_when_a_slice_is_so() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a"]);
    let listed = Seen {
        in_order: false,
        ..seen(2.0)
    };
    let changed = [serving("a", false, 2.0)];
    rules.wrote(Some(&slice(&["a"])), Some(&slice(&[])), empty(), &changed, listed);
    assert_eq!(look(&mut rules, 2.5, &[]), told("a", false, 0.0, 2.6));
}

#[test]
fn an_address_is_the_one_of_the_pod_that_was_there_last() {
    let placed = |pod: &str, address: &str| {
        let mut slice = slice(&[pod]);
        slice.endpoints.as_mut().unwrap()[0].addresses = vec![address.into()];
        slice
    };
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["x"]);
    let changes = |rules: &mut Rules, old: Option<&EndpointSlice>, new, pod, value, second| {
        rules.wrote(old, new, empty(), &[serving(pod, value, second)], seen(second));
    };
    let (a, b, moved) = (placed("a", "x"), placed("b", "x"), placed("b", "y"));
    changes(&mut rules, Some(&a), Some(&b), "a", false, 1.0);
    changes(&mut rules, None, Some(&b), "b", true, 1.1);
    assert_eq!(look(&mut rules, 2.0, &["x"]), []);
    // It leaves from where it was.
    changes(&mut rules, Some(&b), Some(&moved), "b", false, 30.0);
    assert_eq!(look(&mut rules, 31.0, &[]), told("b", false, 30.0, 31.1));
}

/// Whether what is told of a pod is told of the last resort.
fn of_the_last_resort(facts: &[Fact], pod: &str) -> bool {
    let is_it = |fact: &Fact| {
        matches!(
            fact.what,
            What::Rules {
                last_resort: true,
                ..
            }
        ) && fact.subject.uid == pod
    };
    facts.len() == 1 && facts.iter().all(is_it)
}

#[test]
fn the_last_resort_of_a_service_is_told_as_such() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a", "b"]);
    let left = |rules: &mut Rules, pod, slice: &EndpointSlice, second| {
        let changed = [serving(pod, false, second)];
        rules.wrote(Some(slice), Some(slice), empty(), &changed, seen(second));
    };
    left(&mut rules, "a", &slice(&["a", "b"]), 1.0);
    assert_eq!(look(&mut rules, 1.5, &["b"]), told("a", false, 1.0, 1.6));
    left(&mut rules, "b", &leaving(&["a", "b"]), 2.0);
    // a is reached again, unless its address is another's by now, and b goes on to be.
    assert_eq!(look(&mut rules, 2.5, &["a", "b"]), []);
    let again = rules.take(&table(&["a", "b"]), at(3.7), at(3.8));
    assert!(of_the_last_resort(&again, "a"), "{again:#?}");
    assert_eq!(look(&mut rules, 20.0, &["a", "b"]), []);
    // They are not looked for all the while.
    assert!(!rules.are_due(at(22.0)) && rules.are_due(at(23.1)));
    assert_eq!(look(&mut rules, 300.0, &["a", "b"]), []);
    let ends = rules.take(&table(&["a"]), at(310.0), at(310.1));
    assert!(of_the_last_resort(&ends, "b"), "{ends:#?}");
    assert_eq!(look(&mut rules, 320.0, &[]), told("a", false, 310.0, 320.1));
    look(&mut rules, 330.0, &[]);
    assert!(rules.said.is_empty() && rules.turns.is_empty());
}

#[test]
fn a_pod_is_no_last_resort_while_any_other_is_ready_nor_before_it_is_known_to_be() {
    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a", "c"]);
    let gone = [serving("a", false, 1.0)];
    let others = slice(&["c"]);
    let (old, new) = (slice(&["a"]), leaving(&["a"]));
    rules.wrote(Some(&old), Some(&new), [&others].into_iter(), &gone, seen(1.0));
    look(&mut rules, 1.5, &["c"]);
    assert_eq!(look(&mut rules, 2.0, &["a", "c"]), []);
    assert_eq!(look(&mut rules, 4.0, &["a", "c"]), []);

    let mut rules = Rules::default();
    look(&mut rules, 0.0, &["a"]);
    rules.wrote(Some(&old), Some(&new), empty(), &gone, seen(1.0));
    let ends = rules.take(&table(&[]), at(1.5), at(1.6));
    assert!(
        matches!(
            ends[0].what,
            What::Rules {
                last_resort: false,
                ..
            }
        ),
        "{ends:#?}"
    );
}

#[test]
fn a_clock_that_was_set_back_begins_anew() {
    let mut rules = Rules::default();
    look(&mut rules, 100.0, &[]);
    joins(&mut rules, "a", 101.0, 101.0);
    assert!(rules.are_due(at(3.0)));
    assert_eq!(look(&mut rules, 3.0, &["a"]), []);
    assert!(rules.said.is_empty() && !rules.are_due(at(4.0)));
}

#[test]
fn slices_without_rules_are_not_waited_for() {
    let mut rules = Rules::default();
    joins(&mut rules, "a", 0.0, 0.0);
    assert!(rules.said.is_empty(), "nobody looks");
    look(&mut rules, 0.0, &[]);
    let strange: [fn(&mut EndpointSlice); 4] = [
        |slice| slice.address_type = "IPv6".into(),
        |slice| slice.ports = None,
        |slice| slice.ports.as_mut().unwrap()[0].port = None,
        |slice| {
            let label = ("service.kubernetes.io/headless".into(), String::new());
            slice.metadata.labels.as_mut().unwrap().extend([label]);
        },
    ];
    for change in strange {
        let mut slice = slice(&["a"]);
        change(&mut slice);
        rules.wrote(None, Some(&slice), empty(), &[serving("a", true, 1.0)], seen(1.0));
        assert!(rules.said.is_empty(), "{slice:#?}");
    }
}

#[test]
fn they_are_looked_at_now_and_then_and_often_while_a_slice_is_new() {
    let mut rules = Rules::default();
    assert!(rules.are_due(at(0.0)));
    look(&mut rules, 0.0, &[]);
    assert!(!rules.are_due(at(2.9)) && rules.are_due(at(3.1)));
    // Who has no rules is waited for and not found.
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
