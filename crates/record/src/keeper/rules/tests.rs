//! Numbers of kube-proxy 1.37.2 and the slices of 12.1, as they were seen on the embedded cluster.

use serde_json::json;

use super::*;

/// A time of the minute in which it was seen.
fn at(seconds: f64) -> Timestamp {
    let minute: Timestamp = "2026-11-26T16:25:00Z".parse().unwrap();
    minute + SignedDuration::from_secs_f64(seconds)
}

fn page(measured: u64, seconds: f64, received: u64, last: f64) -> String {
    let times = |time: f64| super::seconds(at(time));
    let last = times(last);
    format!(
        "process_start_time_seconds 1.79570972402e+09\n\
         kubeproxy_network_programming_duration_seconds_count{{ip_family=\"IPv4\"}} {measured}\n\
         kubeproxy_network_programming_duration_seconds_sum{{ip_family=\"IPv4\"}} {seconds}\n\
         kubeproxy_sync_proxy_rules_endpoint_changes_pending 0\n\
         kubeproxy_sync_proxy_rules_endpoint_changes_total {received}\n\
         kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{{ip_family=\"IPv4\"}} {last}\n\
         kubeproxy_sync_proxy_rules_last_timestamp_seconds{{ip_family=\"IPv4\"}} {last}\n\
         kubeproxy_sync_proxy_rules_last_timestamp_seconds{{ip_family=\"IPv6\"}} 1.7957097266482599e+09\n"
    )
}

fn slice(trigger: Option<&str>) -> EndpointSlice {
    let mut slice = json!({
        "metadata": {"name": "numbers-api-x", "labels": {"kubernetes.io/service-name": "numbers-api"}},
        "addressType": "IPv4", "endpoints": [], "ports": [{"port": 80}],
    });
    if let Some(trigger) = trigger {
        slice["metadata"]["annotations"] = json!({TRIGGER: format!("2026-11-26T16:25:{trigger}Z")});
    }
    serde_json::from_value(slice).unwrap()
}

/// A version that says of a pod that it gets traffic or not.
fn wrote(rules: &mut Rules, pod: &str, value: bool, trigger: Option<&str>, second: f64) {
    let served = served(pod, value, second);
    rules.wrote(&slice(trigger), false, seen(true), &[served]);
}

/// That a pod gets traffic or not.
fn served(pod: &str, value: bool, second: f64) -> Fact {
    let subject = Subject {
        kind: "Pod".into(),
        uid: pod.into(),
        ..Subject::default()
    };
    let what = What::Serving {
        value,
        service: "numbers-api".into(),
        trigger: None,
        share: None,
    };
    let when = Moment::second(at(second), Clock::ApiServer);
    fact(subject, what, None, when, Source::Slices)
}

fn seen(in_order: bool) -> Seen {
    Seen {
        before: at(0.0),
        at: at(0.0),
        in_order,
    }
}

/// Rules after a look at 7 measurements and 11 versions, until 27.94 s.
fn begun() -> Rules {
    let mut rules = Rules::default();
    for second in [27.95, 28.0] {
        assert_eq!(
            rules.take(&page(7, 6.542_927_745, 11, 27.942_694_7), at(second)),
            []
        );
    }
    rules
}

/// Whom each fact is about, whether it is reached, and from when to when that became so.
fn told(facts: &[Fact]) -> Vec<(&str, bool, f64, f64)> {
    let of = |fact: &'_ Fact| match &fact.what {
        What::Rules { value, .. } => *value,
        other => panic!("{other:?}"),
    };
    let seconds = |time: Timestamp| {
        let exact = time.duration_since(at(0.0)).as_secs_f64();
        (exact * 10_000.0).round() / 10_000.0
    };
    let told = |fact| (of(fact), fact);
    facts
        .iter()
        .map(told)
        .map(|(value, fact)| {
            let (from, to) = (seconds(fact.when.earliest()), seconds(fact.when.latest()));
            (fact.subject.uid.as_str(), value, from, to)
        })
        .collect()
}

#[test]
fn of_one_change_it_is_known_to_the_microsecond_by_when() {
    let mut rules = begun();
    wrote(&mut rules, "pmqb2", false, Some("28"), 28.0);
    let facts = rules.take(&page(8, 6.989_637_859, 12, 28.446_743_2), at(28.6));
    assert_eq!(told(&facts), [("pmqb2", false, 28.0, 28.4467)]);
    assert_eq!(facts[0].who.as_deref(), Some("kube-proxy"));
}

#[test]
fn of_several_none_took_longer_than_all_together_nor_until_after_the_look() {
    for (look, by) in [(45.6, 45.6), (46.6, 45.865)] {
        let mut rules = begun();
        wrote(&mut rules, "b", true, Some("45"), 45.0);
        wrote(&mut rules, "a", true, Some("45"), 45.0);
        let facts = rules.take(&page(9, 7.407_918_149, 13, 45.454_596_5), at(look));
        assert_eq!(told(&facts), [("b", true, 45.0, by), ("a", true, 45.0, by)]);
    }
}

/// A page on which something is under way.
fn busy(page: &str) -> String {
    page.replace("pending 0", "pending 1")
}

#[test]
fn what_was_told_before_something_that_is_measured_was_written_by_then_too() {
    let begun = || {
        let mut rules = begun();
        wrote(&mut rules, "a", false, None, 28.0);
        wrote(&mut rules, "b", false, Some("28"), 28.0);
        wrote(&mut rules, "c", false, Some("28"), 28.0);
        rules
    };
    let mut rules = begun();
    let look = |received| busy(&page(8, 6.989_637_859, received, 28.446_743_2));
    let facts = rules.take(&look(14), at(28.6));
    assert_eq!(
        told(&facts),
        [("a", false, 28.0, 28.4467), ("b", false, 28.0, 28.4467)]
    );
    assert_eq!(rules.waiting.len(), 1);
    // More versions were told of than are known here: nobody knows which was measured.
    assert_eq!(begun().take(&look(15), at(28.6)), []);
}

#[test]
fn what_is_not_measured_was_written_by_the_last_time_if_all_is_known_and_nothing_is_under_way() {
    let mut rules = begun();
    wrote(&mut rules, "a", false, None, 28.0);
    let look = |received, last| page(7, 6.542_927_745, received, last);
    let looks = [
        look(11, 27.942_694_7),
        look(12, 27.942_694_7),
        busy(&look(12, 28.446_743_2)),
        look(13, 28.446_743_2),
        look(12, 28.446_743_2),
    ];
    for (place, look) in looks.iter().enumerate() {
        assert_eq!(rules.take(look, at(28.2)), [], "{place}");
    }
    let facts = rules.take(&looks[4], at(28.6));
    assert_eq!(told(&facts), [("a", false, 28.0, 28.4467)]);
}

#[test]
fn rules_that_were_perhaps_never_written_are_not_told() {
    let look = page(8, 6.989_637_859, 14, 28.446_743_2);
    let mut rules = begun();
    wrote(&mut rules, "a", true, Some("28"), 28.0);
    wrote(&mut rules, "b", true, None, 28.0);
    wrote(&mut rules, "a", false, None, 28.0);
    assert_eq!(rules.take(&busy(&look), at(28.6)), []);
    assert_eq!(rules.take(&look, at(29.6)), []);
    let facts = rules.take(&look, at(30.6));
    assert_eq!(
        told(&facts),
        [("b", true, 28.0, 28.4467), ("a", false, 28.0, 28.4467)]
    );
    // What came after the first were written did not keep them from that.
    let mut rules = begun();
    wrote(&mut rules, "a", true, Some("28"), 28.0);
    wrote(&mut rules, "a", false, None, 29.0);
    let facts = rules.take(&busy(&page(8, 6.989_637_859, 13, 28.446_743_2)), at(29.6));
    assert_eq!(told(&facts), [("a", true, 28.0, 28.4467)]);
}

#[test]
fn numbers_that_do_not_fit_tell_nothing() {
    let look = page(8, 6.989_637_859, 12, 28.446_743_2);
    // Of another second: it would have been written after the last time, or before the slice was.
    for trigger in ["27", "29"] {
        let mut rules = begun();
        wrote(&mut rules, "a", false, Some(trigger), 28.0);
        assert_eq!(rules.take(&look, at(28.6)), [], "{trigger}");
    }
    // More were measured than are known. It is given up after a while, and once nothing comes any more the next is known again.
    let mut rules = begun();
    wrote(&mut rules, "a", false, Some("28"), 28.0);
    for second in [28.6, 39.0, 40.0] {
        let look = page(9, 6.989_637_859, 12, 28.446_743_2);
        assert_eq!(rules.take(&look, at(second)), []);
    }
    wrote(&mut rules, "c", true, Some("45"), 45.0);
    let facts = rules.take(&page(10, 7.444_234_356, 13, 45.454_596_5), at(45.6));
    assert_eq!(told(&facts), [("c", true, 45.0, 45.4546)]);
}

#[test]
fn what_is_not_measured_though_it_might_have_been_was_written_by_the_next_sync() {
    // A slice that goes takes along the triggers of its Service which no sync has taken.
    let mut rules = begun();
    wrote(&mut rules, "a", false, Some("28"), 28.0);
    rules.wrote(&slice(Some("28")), true, seen(true), &[served("b", false, 28.0)]);
    let page = |received, last| page(7, 6.542_927_745, received, last);
    // Only of a page after one that says the same is it known that it had begun, and only of the next when the one before had ended.
    for second in [28.6, 28.7, 28.8] {
        assert_eq!(rules.take(&page(13, 28.446_743_2), at(second)), []);
    }
    let facts = rules.take(&page(13, 28.8), at(29.6));
    assert_eq!(told(&facts), [("a", false, 28.0, 28.8), ("b", false, 28.0, 28.8)]);
    // Had another version come with it, that may have come after the sync had begun.
    wrote(&mut rules, "c", false, Some("29"), 29.0);
    rules.wrote(&slice(Some("29")), true, seen(true), &[]);
    for second in [29.7, 29.8, 29.9] {
        assert_eq!(rules.take(&page(15, 28.8), at(second)), []);
    }
    wrote(&mut rules, "d", false, None, 29.0);
    assert_eq!(rules.take(&page(16, 30.0), at(30.6)), []);
}

#[test]
fn whose_trigger_was_measured_is_not_guessed_where_one_may_be_lost() {
    let mut rules = begun();
    wrote(&mut rules, "a", true, Some("28"), 28.0);
    rules.wrote(&slice(Some("28")), true, seen(true), &[]);
    let mut other = slice(Some("28"));
    let service = other.labels_mut().get_mut("kubernetes.io/service-name").unwrap();
    service.push_str("-2");
    rules.wrote(&other, false, seen(true), &[served("c", true, 28.0)]);
    let look = page(8, 6.989_637_859, 14, 28.446_743_2);
    for second in [28.6, 29.6, 30.6] {
        assert_eq!(rules.take(&look, at(second)), []);
    }
}

#[test]
fn slices_that_are_told_of_again_are_no_change() {
    let mut rules = begun();
    for second in [29.0, 30.0] {
        assert_eq!(
            rules.take(&page(7, 6.542_927_745, 36, 27.942_694_7), at(second)),
            []
        );
    }
    wrote(&mut rules, "a", false, Some("30"), 30.0);
    let facts = rules.take(&page(8, 6.989_637_859, 37, 30.446_743_2), at(30.6));
    assert_eq!(told(&facts), [("a", false, 30.0, 30.4467)]);
}

#[test]
fn counting_begins_where_nothing_is_under_way() {
    let look = |received| page(7, 6.542_927_745, received, 27.942_694_7);
    let mut rules = Rules::default();
    assert_eq!(rules.take(&look(11), at(28.0)), []);
    // It came before kube-proxy was told of it.
    wrote(&mut rules, "a", true, Some("28"), 28.0);
    for (received, second) in [(11, 28.1), (12, 29.0), (12, 30.0)] {
        assert!(rules.are_due(at(second)) && rules.before.is_none(), "{second}");
        assert_eq!(rules.take(&look(received), at(second)), []);
    }
    assert!(rules.before.is_some() && rules.waiting.is_empty());
}

#[test]
fn another_kube_proxy_counts_from_nothing() {
    let mut rules = begun();
    wrote(&mut rules, "a", false, Some("28"), 28.0);
    let anew = page(8, 6.989_637_859, 12, 28.446_743_2).replace("1.79570972402e+09", "1.79570972803e+09");
    assert_eq!(rules.take(&anew, at(28.6)), []);
}

#[test]
fn what_a_list_leaves_out_is_not_waited_for() {
    let mut rules = begun();
    let served = served("a", true, 28.0);
    rules.wrote(&slice(Some("28")), false, seen(false), &[served]);
    assert_eq!(
        rules.take(&page(8, 6.989_637_859, 12, 28.446_743_2), at(28.6)),
        []
    );
    assert!(rules.waiting.is_empty());
}

/// What is told of a pod that gets traffic no more, or gets it, by a slice that is like this one in all but these fields.
fn told_of(value: bool, fields: &serde_json::Value) -> usize {
    let mut slice = serde_json::to_value(slice(Some("28"))).unwrap();
    for (name, field) in fields.as_object().unwrap() {
        slice[name] = field.clone();
    }
    let mut rules = begun();
    let slice = serde_json::from_value(slice).unwrap();
    rules.wrote(&slice, false, seen(true), &[served("a", value, 28.0)]);
    let facts = rules.take(&page(8, 6.989_637_859, 12, 28.446_743_2), at(28.6));
    // Counted it was in any case.
    assert!(rules.waiting.is_empty());
    facts.len()
}

#[test]
fn where_no_pod_is_ready_those_that_are_being_deleted_may_be_reached_on() {
    let endpoint = |uid: &str, ready: bool, serving: bool| {
        json!({
            "addresses": ["192.0.2.1"], "targetRef": {"uid": uid},
            "conditions": {"ready": ready, "serving": serving, "terminating": !ready},
        })
    };
    let of = |endpoints: &[serde_json::Value]| told_of(false, &json!({"endpoints": endpoints}));
    assert_eq!(of(&[endpoint("a", false, true)]), 0);
    assert_eq!(of(&[endpoint("a", false, true), endpoint("b", true, true)]), 1);
    assert_eq!(of(&[endpoint("a", false, false)]), 1);
    assert_eq!(of(&[endpoint("b", false, true)]), 1);
}

#[test]
fn slices_without_a_port_have_no_rules() {
    assert_eq!(told_of(true, &json!({})), 1);
    for ports in [json!([]), json!(null), json!([{"name": "http"}])] {
        assert_eq!(told_of(true, &json!({"ports": ports})), 0, "{ports}");
    }
    let labels = json!({"kubernetes.io/service-name": "numbers-api", "service.kubernetes.io/service-proxy-name": "other"});
    let annotations = json!({TRIGGER: "2026-11-26T16:25:28Z"});
    let metadata = json!({"name": "numbers-api-x", "labels": labels, "annotations": annotations});
    assert_eq!(told_of(true, &json!({"metadata": metadata})), 0);
}

#[test]
fn slices_of_others_are_none_of_kube_proxys() {
    let mut rules = begun();
    let mut headless = slice(Some("28"));
    headless
        .labels_mut()
        .insert("service.kubernetes.io/headless".into(), String::new());
    let mut ipv6 = slice(Some("28"));
    ipv6.address_type = "IPv6".into();
    for slice in [headless, ipv6] {
        rules.wrote(&slice, false, seen(true), &[]);
        assert!(rules.waiting.is_empty());
    }
    assert!(!rules.are_due(at(30.0)) && rules.are_due(at(31.0)));
    wrote(&mut rules, "a", false, None, 28.0);
    assert!(rules.are_due(at(28.1)));
}

#[test]
fn before_its_first_sync_it_tells_nothing() {
    let none = "process_start_time_seconds 1.79570972402e+09\n";
    assert_eq!(Rules::default().take(none, at(1.0)), []);
    let first = page(0, 0.0, 1, 20.0)
        .lines()
        .filter(|line| !line.contains("network_programming"))
        .fold(String::new(), |page, line| page + line + "\n");
    assert_eq!(Counted::of(&first).unwrap().measured, 0);
}
