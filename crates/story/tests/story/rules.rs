//! Each rule by itself: a pair that it links, and pairs that look alike and are none.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use story::{Clock, Fact, Kill, Link, Moment, Once, Probe, Role, Settings, Source, What, link, rules};

use crate::{
    cases::{
        cases, ended, in_turn, killed, labelled, last_resort, leaves, probed, ready, rules as ruled, scaled,
        selects, serving, started, written,
    },
    facts::{at, container, deployment, init, later, pod, replica_set, service},
};

fn linked(facts: &[Fact]) -> Vec<Link> {
    link(facts, &rules(), &Settings::default())
}

fn names(facts: &[Fact]) -> Vec<&'static str> {
    linked(facts).iter().map(|link| link.rule).collect()
}

#[test]
fn each_rule_links_what_no_other_does() {
    let known: Vec<_> = rules().iter().map(|rule| rule.name).collect();
    let tried: Vec<_> = cases().iter().map(|(name, ..)| *name).collect();
    let sorted = |mut names: Vec<&'static str>| {
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(known), sorted(tried), "each rule has its case");
    for (name, cause, effect) in cases() {
        let facts = [effect, cause];
        assert_eq!(names(&facts), [name]);
        assert_eq!(
            (linked(&facts)[0].cause, linked(&facts)[0].effect),
            (1, 2),
            "{name}"
        );
        let others: Vec<_> = rules().into_iter().filter(|rule| rule.name != name).collect();
        assert_eq!(link(&facts, &others, &Settings::default()), [], "without {name}");
    }
}

#[test]
fn too_late_or_too_early_is_no_link() {
    for (name, cause, effect) in cases() {
        let allowed = linked(&[cause.clone(), effect.clone()])[0].allowed;
        let apart = effect
            .when
            .earliest()
            .duration_since(cause.when.earliest())
            .as_secs();
        let before = later(&effect, -apart - 1);
        assert_eq!(
            names(&[cause.clone(), before]),
            [""; 0],
            "{name}: the effect is first"
        );
        if allowed.max < SignedDuration::MAX {
            let after = later(&effect, allowed.max.as_secs() - apart + 1);
            assert_eq!(names(&[cause, after]), [""; 0], "{name}: too late");
        }
    }
}

#[test]
fn what_happens_to_others_is_no_link() {
    for (name, cause, effect) in cases() {
        let mut strange = cause.clone();
        strange.subject.uid = "strange".into();
        strange.subject.name = "strange".into();
        strange.subject.owners = vec!["another".into(), "more".into()];
        of_service(&mut strange, "strange");
        assert_eq!(
            names(&[strange, effect.clone()]),
            [""; 0],
            "{name}: another cause"
        );
        let mut nameless = cause;
        nameless.subject.uid.clear();
        nameless.subject.name.clear();
        nameless.subject.owners.clear();
        of_service(&mut nameless, "");
        assert_eq!(names(&[nameless, effect]), [""; 0], "{name}: nobody knows whose");
    }
}

/// Who gets the traffic of another Service than it was.
fn of_service(fact: &mut Fact, name: &str) {
    if let What::Serving { service, .. } = &mut fact.what {
        *service = name.into();
    }
}

#[test]
fn below_the_threshold_a_probe_changes_nothing() {
    let failed = |run| container(1, "b", None, 10, probed(Probe::Readiness, false, run, 3));
    let unready = pod(2, "b", 10, ready(false));
    assert_eq!(names(&[failed(2), unready.clone()]), [""; 0]);
    assert_eq!(names(&[failed(4), unready.clone()]), [""; 0]);
    // An event says that one failed, and not the how manieth it was.
    let told = Fact {
        source: Source::Events,
        at_least: true,
        ..failed(1)
    };
    assert_eq!(names(&[told, unready]), ["unready-after-probes"]);
}

#[test]
fn a_run_that_somebody_killed_is_not_blamed_on_the_order_to_end_the_one_before() {
    let order = |second| container(1, "b", None, second, killed(Kill::Liveness));
    let end = container(2, "b", Some("y"), 15, ended(1, "Error")); // It had started in second 5.
    assert_eq!(names(&[order(3), end.clone()]), [""; 0]);
    assert_eq!(names(&[order(14), end.clone()]), ["end-after-kill"]);
    let mut other = order(14);
    other.subject.container.as_mut().unwrap().id = Some("x".into());
    assert_eq!(names(&[other, end]), [""; 0]);
}

#[test]
fn of_a_time_that_is_hardly_known_only_the_run_proves_a_cause() {
    let vague = |fact: Fact| Fact {
        when: Moment::between(at(3), at(50), Clock::Runtime).unwrap(),
        ..fact
    };
    let end = vague(container(
        1,
        "b",
        Some("x"),
        10,
        ended(1, "ContainerStatusUnknown"),
    ));
    let start = |restart| container(2, "b", Some("y"), 51, started(restart, None, true));
    assert_eq!(names(&[end.clone(), start(2)]), ["start-after-end"]);
    assert_eq!(names(&[end.clone(), start(3)]), [""; 0]);
    assert_eq!(names(&[end, pod(2, "b", 51, ready(false))]), [""; 0]);
}

#[test]
fn containers_start_in_turn() {
    let well = What::Ended {
        restart: 1,
        started: None,
        reason: "Completed".into(),
        code: 0,
    };
    let app = |once| container(3, "b", None, 20, in_turn("first", once));
    let first = |role, what| init(1, "first", role, 10, what);
    let other = |role, what| init(2, "other", role, 10, what);
    let by = |fact: Fact, once| names(&[fact, app(once)]);
    let after = ["start-after-init"];
    assert_eq!(by(first(Role::Init, well.clone()), Once::Ended), after);
    assert_eq!(by(first(Role::Init, ended(0, "Error")), Once::Ended), [""; 0]);
    assert_eq!(by(other(Role::Init, well), Once::Ended), [""; 0]);
    // One after a sidecar waits for its start, and where it has a startup probe for that.
    let start = first(Role::Sidecar, started(0, None, false));
    let pass = first(Role::Sidecar, probed(Probe::Startup, true, 1, 1));
    assert_eq!(by(start.clone(), Once::Started), after);
    assert_eq!(by(start, Once::Passed), [""; 0]);
    assert_eq!(by(pass, Once::Passed), after);
    // What does not wait for another waits for the node.
    let node = pod(1, "b", 10, What::Scheduled { node: "n".into() });
    assert_eq!(names(&[node.clone(), app(Once::Ended)]), [""; 0]);
    let debugger = init(2, "look", Role::Ephemeral, 20, started(0, None, false));
    assert_eq!(names(&[node, debugger.clone()]), [""; 0]);
    assert!(!debugger.is_effect());
}

#[test]
fn a_pod_is_ready_or_not_by_the_containers_that_stay() {
    let unready = |end| names(&[end, pod(3, "b", 11, ready(false))]);
    let ready = |start| names(&[start, pod(3, "b", 11, ready(true))]);
    let start = || started(1, None, false);
    for (role, unreadies, readies) in [
        (Role::OneOfSeveral, true, true),
        (Role::Sidecar, true, true),
        (Role::Init, false, false),
        (Role::Ephemeral, false, false),
    ] {
        let end = init(1, "x", role, 10, ended(0, "Error"));
        assert_eq!(!unready(end).is_empty(), unreadies, "{role:?}");
        assert_eq!(
            !ready(init(1, "x", role, 10, start())).is_empty(),
            readies,
            "{role:?}"
        );
    }
}

#[test]
fn a_slice_answers_no_transition_before_its_trigger() {
    let unready = pod(1, "b", 10, ready(false));
    assert_eq!(
        names(&[unready.clone(), pod(2, "b", 11, serving(false, Some(12)))]),
        [""; 0]
    );
    assert_eq!(
        names(&[unready.clone(), pod(2, "b", 10, serving(true, Some(10)))]),
        [""; 0]
    );
    // One write answers several transitions and names the first.
    let answer = pod(2, "b", 11, serving(false, Some(9)));
    assert_eq!(names(&[unready, answer]), ["traffic-follows-readiness"]);
}

#[test]
fn a_choice_is_no_cause_of_what_it_does_not_change() {
    let chosen = service(1, 10, selects("b"));
    let answers = |trigger| written(pod(2, "b", 10, serving(true, trigger)));
    assert_eq!(
        names(&[chosen.clone(), answers(Some(9))]),
        ["traffic-follows-selector"]
    );
    assert_eq!(names(&[chosen.clone(), answers(Some(12))]), [""; 0]);
    let joins = pod(2, "b", 10, serving(true, None));
    assert_eq!(names(&[pod(1, "b", 10, labelled()), joins]), [""; 0]);
    let nothing = What::Selects {
        selector: BTreeMap::new(),
    };
    assert_eq!(names(&[service(1, 10, nothing), answers(None)]), [""; 0]);
    let gone = What::Gone {
        asked: false,
        grace: None,
        idle: false,
    };
    let leaves = pod(2, "b", 10, serving(false, None));
    assert_eq!(names(&[service(1, 10, gone), written(leaves.clone())]), [""; 0]);
    assert_eq!(names(&[chosen.clone(), leaves]), [""; 0]);
    let mut elsewhere = chosen;
    elsewhere.subject.namespace = "other".into();
    assert_eq!(names(&[elsewhere, answers(None)]), [""; 0]);
}

#[test]
fn rules_follow_the_traffic_of_their_service_and_direction() {
    let joins = written(pod(1, "b", 10, serving(true, None)));
    assert_eq!(
        names(&[joins.clone(), pod(2, "b", 10, ruled(true))]),
        ["rules-follow-traffic"]
    );
    assert_eq!(names(&[joins.clone(), pod(2, "b", 10, ruled(false))]), [""; 0]);
    let another = What::Rules {
        value: true,
        service: "another".into(),
        last_resort: false,
    };
    assert_eq!(names(&[joins, pod(2, "b", 10, another)]), [""; 0]);
}

#[test]
fn the_last_resort_is_one_while_no_pod_is_left_and_it_is_ready() {
    let begins = pod(2, "b", 10, last_resort(true));
    assert_eq!(names(&[pod(1, "a", 10, leaves(1)), begins.clone()]), [""; 0]);
    assert_eq!(names(&[pod(1, "b", 10, ready(false)), begins]), [""; 0]);
    let ends = pod(2, "b", 10, last_resort(false));
    assert_eq!(names(&[pod(1, "a", 10, leaves(0)), ends.clone()]), [""; 0]);
    assert_eq!(names(&[pod(1, "a", 10, ready(false)), ends.clone()]), [""; 0]);
    // They did not follow its own traffic, and those that never led to it as the last resort follow nothing else.
    let own = written(pod(1, "b", 10, serving(false, None)));
    assert_eq!(names(&[own, ends]), [""; 0]);
    let plain = pod(2, "b", 10, ruled(false));
    assert_eq!(names(&[pod(1, "b", 10, ready(false)), plain.clone()]), [""; 0]);
    assert_eq!(names(&[pod(1, "a", 10, serving(true, None)), plain]), [""; 0]);
}

#[test]
fn a_pod_did_not_cause_the_scaling_that_made_it() {
    let settled = pod(
        1,
        "b",
        10,
        What::Ready {
            value: true,
            created: Some(at(9)),
        },
    );
    let young = pod(
        1,
        "b",
        10,
        What::Ready {
            value: true,
            created: Some(at(10)),
        },
    );
    let scaling = replica_set(2, 10, scaled(0, 1));
    assert_eq!(names(&[settled, scaling.clone()]), ["scaling-after-ready"]);
    assert_eq!(names(&[young, scaling]), [""; 0]);
}

#[test]
fn what_somebody_deleted_before_a_deployment_was_not_its_doing() {
    let gone = |asked, grace| What::Gone {
        asked,
        grace,
        idle: false,
    };
    // When it went is known by when it was seen, and hardly since when.
    let deployment = Fact {
        when: Moment::between(at(8), at(12), Clock::Here).unwrap(),
        ..deployment(1, 8, gone(false, None))
    };
    let asked = |second| pod(2, "b", second, gone(true, Some(30)));
    assert_eq!(names(&[deployment.clone(), asked(9)]), [""; 0]);
    assert_eq!(names(&[deployment, asked(11)]), ["deletion-after-deployment"]);
}

#[test]
fn what_an_object_says_of_delays_is_what_is_allowed() {
    let wait = |second, min_ready| {
        let scaling = What::Scaled {
            from: 0,
            to: 1,
            min_ready,
        };
        names(&[pod(1, "b", 10, ready(true)), replica_set(2, second, scaling)])
    };
    assert_eq!(wait(20, 10), ["scaling-after-ready"]);
    assert_eq!(wait(20, 0), [""; 0]);
    assert_eq!(wait(11, 10), [""; 0]);
    let restart = |count: u32, second, backoff| {
        let end = container(1, "b", None, 10, ended(count - 1, "Error"));
        names(&[
            end,
            container(2, "b", None, second, started(count, backoff, true)),
        ])
    };
    assert_eq!(restart(2, 31, Some(20)), ["start-after-end"]);
    assert_eq!(restart(2, 27, Some(20)), [""; 0]);
    // The kubelet may look half as long again later, and takes up what is due once a second.
    assert_eq!(restart(2, 41, Some(20)), ["start-after-end"]);
    assert_eq!(restart(2, 44, Some(20)), [""; 0]);
    // After a long wait it looks each minute.
    assert_eq!(restart(2, 341, Some(300)), ["start-after-end"]);
    assert_eq!(restart(2, 344, Some(300)), [""; 0]);
    // The first restart is at once; of later ones nobody may have told how long they wait.
    assert_eq!(restart(1, 12, None), ["start-after-end"]);
    assert_eq!(restart(1, 31, None), [""; 0]);
    assert_eq!(restart(2, 31, None), ["start-after-end"]);
    assert_eq!(restart(2, 343, None), [""; 0]);
}

#[test]
fn a_gap_cuts_the_links_of_its_source_and_no_others() {
    let unready = pod(1, "b", 10, ready(false));
    let out = Fact {
        source: Source::Slices,
        ..pod(2, "b", 11, serving(false, Some(10)))
    };
    let gap = |source, from, to| Fact {
        source,
        when: Moment::between(at(from), at(to), Clock::Here).unwrap(),
        ..pod(3, "", 0, What::Gap)
    };
    for source in [Source::Pods, Source::Slices] {
        assert_eq!(
            names(&[unready.clone(), out.clone(), gap(source, 10, 11)]),
            [""; 0]
        );
    }
    for spared in [
        gap(Source::Events, 10, 11),
        gap(Source::Pods, 5, 10),
        gap(Source::Slices, 12, 20),
    ] {
        let facts = [unready.clone(), out.clone(), spared];
        assert_eq!(names(&facts), ["traffic-follows-readiness"], "{:?}", facts[2]);
    }
}

#[test]
fn clocks_that_differ_allow_for_it_and_one_clock_does_not() {
    let skewed = Settings {
        skew: SignedDuration::from_secs(4),
        ..Settings::default()
    };
    let failed = container(1, "b", None, 10, probed(Probe::Readiness, false, 1, 1));
    let unready = pod(2, "b", 14, ready(false));
    let here = Fact {
        when: Moment::between(at(10), at(11), Clock::Here).unwrap(),
        ..failed.clone()
    };
    assert_eq!(link(&[failed, unready.clone()], &rules(), &skewed), []);
    let linked = link(&[here, unready], &rules(), &skewed);
    assert_eq!(linked[0].delay.min, SignedDuration::ZERO);
    assert_eq!(linked[0].delay.max, SignedDuration::from_secs(9));
}
