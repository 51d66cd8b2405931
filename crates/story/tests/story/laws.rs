//! The three laws, whatever the facts are.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::{collection::vec, option, prelude::*, sample::select};
use story::{Clock, Fact, Kill, Link, Moment, Probe, Refuser, Settings, Source, Story, What, link, rules};

use crate::{
    cases::{labelled, selects},
    facts::{at, container, service},
};

const SOURCES: [Source; 10] = [
    Source::Pods,
    Source::Slices,
    Source::Deployments,
    Source::ReplicaSets,
    Source::Services,
    Source::Events,
    Source::Probes,
    Source::Usage,
    Source::Proxy,
    Source::Requests,
];

fn probed() -> impl Strategy<Value = What> {
    let probe = select(vec![Probe::Readiness, Probe::Liveness, Probe::Startup]);
    (probe, any::<bool>(), 1_u32..3).prop_map(|(probe, ok, run)| What::Probed {
        probe,
        ok,
        run,
        of: 2,
        period: 5,
        says: None,
    })
}

fn of_a_container() -> impl Strategy<Value = What> {
    let why = select(vec![Kill::Liveness, Kill::Startup, Kill::Deleted, Kill::Other]);
    let reason = select(vec!["OOMKilled", "Error"]);
    prop_oneof![
        (0_u32..2, option::of(1_u32..4), any::<bool>()).prop_map(|(restart, backoff, probed)| {
            What::Started {
                restart,
                backoff,
                probed,
                after: None,
            }
        }),
        (0_u32..2, option::of(0_i64..12), reason).prop_map(|(restart, started, reason)| What::Ended {
            restart,
            started: started.map(at),
            reason: reason.into(),
            code: 1
        }),
        (0_u32..2, 1_u32..4).prop_map(|(restart, seconds)| What::Waits { restart, seconds }),
        (why, 0_u32..4).prop_map(|(why, grace)| What::KillOrdered { why, grace }),
        (90_u64..100).prop_map(|used| What::Memory {
            used,
            limit: Some(100)
        }),
    ]
}

fn of_an_object() -> impl Strategy<Value = What> {
    let by = select(vec![Refuser::Quota, Refuser::Scheduler]);
    prop_oneof![
        (any::<bool>(), option::of(0_i64..12)).prop_map(|(value, created)| What::Ready {
            value,
            created: created.map(at)
        }),
        (any::<bool>(), option::of(0_i64..12)).prop_map(|(value, trigger)| What::Serving {
            value,
            service: "numbers-api".into(),
            trigger: trigger.map(at),
            share: None,
        }),
        (0_u32..3, 0_u32..3, 0_u32..3).prop_map(|(from, to, min_ready)| What::Scaled { from, to, min_ready }),
        (any::<bool>(), option::of(0_u32..2), any::<bool>()).prop_map(|(asked, grace, idle)| What::Gone {
            asked,
            grace,
            idle
        }),
        by.prop_map(|by| What::Refused {
            by,
            says: String::new()
        }),
        (0_u32..2).prop_map(|badly| What::Answered {
            service: "numbers-api".into(),
            badly,
            unanswered: 0,
            of: badly
        }),
        Just(What::Asked { generation: 1 }),
        Just(selects("a")),
        Just(labelled()),
        Just(What::Scheduled { node: "n".into() }),
        Just(What::Created),
        any::<(bool, bool)>().prop_map(|(value, last_resort)| What::Rules {
            value,
            service: "s".into(),
            last_resort,
        }),
        Just(What::Gap),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    let clock = select(vec![
        Clock::ApiServer,
        Clock::Kubelet,
        Clock::Runtime,
        Clock::Scheduler,
        Clock::Kernel,
        Clock::Here,
    ]);
    (0_i64..12_000, 0_i64..2_500, clock).prop_map(|(begin, width, clock)| {
        let begin = at(0) + SignedDuration::from_millis(begin);
        Moment::between(begin, begin + SignedDuration::from_millis(width), clock).unwrap()
    })
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let what = prop_oneof![probed(), of_a_container(), of_an_object()];
    let names = select(vec!["a", "b", "rs", "deploy"]);
    let fact = (what, names, moment(), select(SOURCES.to_vec()), any::<bool>());
    vec(fact, 0..60).prop_map(|all| {
        let numbered = (1..).zip(all);
        let facts = numbered.map(|(id, (what, uid, when, source, at_least))| {
            let mut fact = container(id, uid, None, 0, what);
            if matches!(fact.what, What::Selects { .. }) {
                fact = service(id, 0, fact.what);
            }
            fact.when = when;
            fact.source = source;
            fact.at_least = at_least;
            fact
        });
        facts.collect()
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    (0_i64..3).prop_map(|skew| Settings {
        skew: SignedDuration::from_secs(skew),
        ..Settings::default()
    })
}

/// What links say, but how long it took: that may become less certain.
fn pairs(links: &[Link]) -> BTreeSet<(u64, u64, &'static str)> {
    links
        .iter()
        .map(|link| (link.cause, link.effect, link.rule))
        .collect()
}

/// As it would be had the API server not noted the second of a write, but the time of the look before it were known.
fn unnoted(fact: &Fact, earlier: i64) -> Fact {
    let mut fact = fact.clone();
    if fact.when.clock() == Clock::ApiServer {
        let before = fact.when.earliest() - SignedDuration::from_millis(earlier);
        let seen = if earlier == 0 {
            fact.when.latest()
        } else {
            fact.when
                .latest()
                .max(fact.when.earliest() + SignedDuration::from_millis(1))
        };
        fact.when = Moment::write(None, before, seen).unwrap();
    }
    fact
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_cause_never_begins_after_its_effect(facts in facts(), settings in settings()) {
        for link in link(&facts, &rules(), &settings) {
            let of = |id| facts.iter().find(|fact| fact.id == id).unwrap();
            prop_assert!(of(link.cause).when.earliest() <= of(link.effect).when.latest());
            prop_assert!(link.delay.min <= link.delay.max && !link.delay.min.is_negative());
        }
    }

    #[test]
    fn a_delay_that_is_not_allowed_is_no_link(facts in facts()) {
        for link in link(&facts, &rules(), &Settings::default()) {
            let of = |id| facts.iter().find(|fact| fact.id == id).unwrap();
            let (cause, effect) = (of(link.cause).when, of(link.effect).when);
            // What the two moments say, and nothing that was bent.
            let min = effect.earliest().duration_since(cause.latest()).max(SignedDuration::ZERO);
            let max = effect.latest().duration_since(cause.earliest());
            prop_assert_eq!((link.delay.min, link.delay.max), (min, max));
            prop_assert!(min <= link.allowed.max && link.allowed.min <= max);
        }
    }

    #[test]
    fn leaving_out_a_source_adds_no_link(facts in facts(), settings in settings(), out in select(SOURCES.to_vec())) {
        let less: Vec<_> = facts.iter().filter(|fact| fact.source != out).cloned().collect();
        let all = pairs(&link(&facts, &rules(), &settings));
        let left = pairs(&link(&less, &rules(), &settings));
        prop_assert!(left.is_subset(&all), "added without {:?}: {:?}", out, left.difference(&all));
        // And what it does not concern stays.
        let of = |id| facts.iter().find(|fact| fact.id == id).unwrap().source;
        let kept = all.into_iter().filter(|(cause, effect, _)| of(*cause) != out && of(*effect) != out);
        prop_assert_eq!(left, kept.collect());
    }

    #[test]
    fn without_the_servers_notes_moments_widen_and_no_link_is_added(
        facts in facts(), earlier in select(vec![0_i64, 1, 700, 1000, 5000]),
    ) {
        let wide: Vec<_> = facts.iter().map(|fact| unnoted(fact, earlier)).collect();
        for (wide, narrow) in wide.iter().zip(&facts) {
            prop_assert!(wide.when.holds(&narrow.when));
        }
        let all = pairs(&link(&facts, &rules(), &Settings::default()));
        let left = pairs(&link(&wide, &rules(), &Settings::default()));
        prop_assert!(left.is_subset(&all), "added: {:?}", left.difference(&all));
    }

    #[test]
    fn a_story_tells_each_fact_once(facts in facts(), settings in settings()) {
        let story = Story::of(facts.clone(), &settings).unwrap();
        let told: BTreeSet<_> = story.facts().iter().map(|fact| fact.id).collect();
        prop_assert_eq!(told.len(), facts.len());
        prop_assert_eq!(story.facts().len(), facts.len());
    }
}
