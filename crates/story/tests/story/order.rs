//! The order in which a story is told.

use story::{Cause, Clock, Fact, Moment, Settings, Source, Story, Subject, What, Write};

use crate::{
    cases::started,
    facts::{at, container, deployment, pod, replica_set},
};

fn ready(id: u64, second: i64) -> Fact {
    pod(
        id,
        "b",
        second,
        What::Ready {
            value: false,
            created: None,
        },
    )
}

fn serving(id: u64, second: i64) -> Fact {
    let what = What::Serving {
        value: false,
        service: "numbers-api".into(),
        trigger: None,
        share: None,
    };
    Fact {
        source: Source::Slices,
        ..pod(id, "b", second, what)
    }
}

fn told(facts: Vec<Fact>) -> Vec<u64> {
    let story = Story::of(facts, &Settings::default()).unwrap();
    story.facts().iter().map(|fact| fact.id).collect()
}

#[test]
fn the_oldest_is_first_and_in_one_second_the_cause() {
    assert_eq!(told(vec![ready(2, 20), ready(1, 10)]), [1, 2]);
    assert_eq!(told(vec![serving(1, 10), ready(2, 10)]), [2, 1]);
}

#[test]
fn writes_of_slices_stand_as_they_came() {
    let write = |version| {
        Some(Write {
            kind: "EndpointSlice".into(),
            name: "numbers-api-x".into(),
            version,
        })
    };
    let written = |id, version| Fact {
        write: write(version),
        ..serving(id, 10)
    };
    // The second of them follows from what became known later.
    assert_eq!(told(vec![ready(5, 10), written(1, 8), written(2, 7)]), [5, 2, 1]);
    // What cannot be is told by its times.
    let early = Fact {
        write: write(9),
        ..serving(2, 3)
    };
    assert_eq!(told(vec![written(1, 8), early]), [1, 2]);
}

#[test]
fn several_possible_causes_are_all_named() {
    let story = Story::of(
        vec![ready(1, 10), ready(2, 11), serving(3, 11)],
        &Settings::default(),
    )
    .unwrap();
    match story.cause(3) {
        Cause::OneOf(links) => assert_eq!(links.iter().map(|link| link.cause).collect::<Vec<_>>(), [1, 2]),
        other => panic!("{other:?}"),
    }
    assert_eq!(story.cause(1), Cause::NotSeen);
    assert_eq!(story.cause(99), Cause::NotSeen);
}

#[test]
fn what_is_not_linked_stands_in_its_usual_order_within_a_second() {
    let probe = What::Probed {
        probe: story::Probe::Readiness,
        ok: false,
        run: 1,
        of: 3,
        period: 5,
        says: None,
    };
    let made = vec![pod(1, "b", 10, probe), pod(2, "b", 10, What::Created)];
    assert_eq!(told(made), [2, 1]);
    let ended = What::Ended {
        restart: 0,
        started: None,
        reason: "Error".into(),
        code: 1,
    };
    let start = container(4, "b", None, 10, started(0, None, true));
    let end = container(3, "b", None, 10, ended.clone());
    let again = container(2, "b", None, 10, started(1, None, true));
    assert_eq!(told(vec![again, end, start]), [4, 3, 2]);
    let back = What::Ready {
        value: true,
        created: None,
    };
    assert_eq!(told(vec![pod(1, "b", 10, back), pod(2, "b", 10, ended)]), [2, 1]);
}

#[test]
fn a_story_about_something_has_what_led_to_it_and_no_more() {
    let other = pod(9, "a", 10, What::Created);
    let story = Story::of(vec![ready(1, 10), serving(3, 11), other], &Settings::default()).unwrap();
    let about = story.about(|fact| fact.id == 3);
    assert_eq!(
        about.facts().iter().map(|fact| fact.id).collect::<Vec<_>>(),
        [1, 3]
    );
    assert!(matches!(about.cause(3), Cause::One(link) if link.cause == 1));
}

#[test]
fn a_service_that_is_made_anew_stands_after_its_end() {
    let fact = |id, what: &str, uid: &str, (from, to): (&str, &str), clock: &str| {
        let line = format!(
            r#"{{"id":{id},{what},"who":null,"source":"services","clock":"{clock}","earliest":"2026-03-01T14:00:{from}Z","latest":"2026-03-01T14:00:{to}Z","subject":{{"kind":"Service","namespace":"default","name":"api","uid":"{uid}"}}}}"#
        );
        Fact::read(&line).unwrap().remove(0)
    };
    let gone = fact(
        1,
        r#""what":"gone","asked":false"#,
        "old",
        ("09.1", "10.3"),
        "here",
    );
    let made = fact(
        2,
        r#""what":"selects","selector":{"app":"api"}"#,
        "new",
        ("10", "10.5"),
        "api_server",
    );
    assert_eq!(told(vec![made, gone]), [1, 2]);
}

#[test]
fn a_deployment_that_is_made_anew_stands_after_its_end() {
    let gone = Fact {
        when: Moment::between(at(8), at(10), Clock::Here).unwrap(),
        ..deployment(1, 8, gone(None))
    };
    let made = deployment(2, 9, What::Asked { generation: 1 });
    assert_eq!(told(vec![made, gone]), [1, 2]);
}

#[test]
fn a_pod_is_made_before_all_else_that_happens_to_it() {
    let scaled = What::Scaled {
        from: 0,
        to: 1,
        min_ready: 0,
    };
    // What caused it is told by a later time than what happened to it then.
    let scaled = Fact {
        when: Moment::between(at(9), at(11), Clock::Here).unwrap(),
        ..replica_set(1, 9, scaled)
    };
    let asked = Fact {
        subject: Subject {
            owners: vec![],
            ..pod(3, "b", 10, gone(Some(30))).subject
        },
        ..pod(3, "b", 10, gone(Some(30)))
    };
    assert_eq!(
        told(vec![asked, pod(2, "b", 10, What::Created), scaled]),
        [1, 2, 3]
    );
}

#[test]
fn those_that_would_wait_for_one_another_keep_their_place_among_the_others() {
    let made = |id, uid| pod(id, uid, 10, What::Created);
    let asked = |id, uid| pod(id, uid, 10, gone(Some(30)));
    // Each may have been made in the place of the other.
    let order = told(vec![
        made(1, "a"),
        made(2, "b"),
        asked(3, "a"),
        asked(4, "b"),
        ready(5, 20),
    ]);
    assert_eq!((order[0], order[4]), (1, 5), "{order:?}");
}

fn gone(grace: Option<u32>) -> What {
    What::Gone {
        asked: grace.is_some(),
        grace,
        idle: false,
    }
}
