//! For each rule a pair of facts.

use std::collections::BTreeMap;

use story::{Fact, Kill, Once, Probe, Refuser, Role, Share, Turn, What};

use crate::facts::{at, container, deployment, init, pod, replica_set, service};

pub(crate) fn probed(probe: Probe, ok: bool, run: u32, of: u32) -> What {
    What::Probed {
        probe,
        ok,
        run,
        of,
        period: 5,
        says: None,
    }
}

pub(crate) fn ended(restart: u32, reason: &str) -> What {
    What::Ended {
        restart,
        started: Some(at(5)),
        reason: reason.into(),
        code: 137,
    }
}

pub(crate) fn started(restart: u32, backoff: Option<u32>, probed: bool) -> What {
    What::Started {
        restart,
        backoff,
        probed,
        after: None,
    }
}

/// The first start of a container whose turn comes after an init container's.
pub(crate) fn in_turn(container: &str, once: Once) -> What {
    What::Started {
        restart: 0,
        backoff: None,
        probed: true,
        after: Some(Turn {
            container: container.into(),
            once,
        }),
    }
}

pub(crate) fn ready(value: bool) -> What {
    What::Ready {
        value,
        created: Some(at(1)),
    }
}

pub(crate) fn serving(value: bool, trigger: Option<i64>) -> What {
    What::Serving {
        value,
        service: "numbers-api".into(),
        trigger: trigger.map(at),
        share: None,
    }
}

pub(crate) fn rules(value: bool) -> What {
    What::Rules {
        value,
        service: "numbers-api".into(),
        last_resort: false,
    }
}

/// A pod that has left the traffic is the last resort of its Service, or not any more.
pub(crate) fn last_resort(value: bool) -> What {
    What::Rules {
        value,
        service: "numbers-api".into(),
        last_resort: true,
    }
}

/// A pod leaves the traffic, of which so many get some then.
pub(crate) fn leaves(serving: u32) -> What {
    What::Serving {
        value: false,
        service: "numbers-api".into(),
        trigger: None,
        share: Some(Share { serving, of: 2 }),
    }
}

fn answered() -> What {
    What::Answered {
        service: "numbers-api".into(),
        badly: 4,
        unanswered: 0,
        of: 9,
    }
}

pub(crate) fn killed(why: Kill) -> What {
    What::KillOrdered { why, grace: 30 }
}

pub(crate) fn scaled(from: u32, to: u32) -> What {
    What::Scaled {
        from,
        to,
        min_ready: 0,
    }
}

pub(crate) fn refused(by: Refuser) -> What {
    What::Refused {
        by,
        says: "no".into(),
    }
}

pub(crate) fn selects(app: &str) -> What {
    What::Selects {
        selector: BTreeMap::from([("app".into(), app.into())]),
    }
}

/// A label was taken away, so that neither the Service chooses the pod nor its ReplicaSet counts it.
pub(crate) fn labelled() -> What {
    What::Labelled {
        labels: BTreeMap::from([("app".into(), None)]),
        chosen: BTreeMap::from([("numbers-api".into(), false)]),
        released: true,
    }
}

/// The fact, as read from a slice that its controller wrote.
pub(crate) fn written(fact: Fact) -> Fact {
    Fact {
        who: Some("endpointslice-controller".into()),
        ..fact
    }
}

/// For each rule a cause (1) and an effect (2) that it alone links.
pub(crate) fn cases() -> Vec<(&'static str, Fact, Fact)> {
    let gone = |asked| What::Gone {
        asked,
        grace: None,
        idle: false,
    };
    let full = What::Memory {
        used: 50 << 20,
        limit: Some(52 << 20),
    };
    let well = What::Ended {
        restart: 0,
        started: Some(at(5)),
        reason: "Completed".into(),
        code: 0,
    };
    let node = What::Scheduled { node: "node".into() };
    let b = |id, second, what| container(id, "b", Some("x"), second, what);
    vec![
        (
            "unready-after-probes",
            b(1, 10, probed(Probe::Readiness, false, 3, 3)),
            pod(2, "b", 11, ready(false)),
        ),
        (
            "unready-after-end",
            b(1, 10, ended(0, "Error")),
            pod(2, "b", 12, ready(false)),
        ),
        (
            "ready-after-probes",
            b(1, 10, probed(Probe::Readiness, true, 1, 1)),
            pod(2, "b", 10, ready(true)),
        ),
        (
            "ready-after-start",
            b(1, 10, started(0, None, false)),
            pod(2, "b", 11, ready(true)),
        ),
        (
            "kill-after-probes",
            b(1, 10, probed(Probe::Liveness, false, 3, 3)),
            b(2, 10, killed(Kill::Liveness)),
        ),
        (
            "kill-after-deletion",
            pod(1, "b", 10, gone(true)),
            b(2, 10, killed(Kill::Deleted)),
        ),
        (
            "end-after-kill",
            b(1, 10, killed(Kill::Other)),
            b(2, 40, ended(0, "Error")),
        ),
        (
            "end-at-memory-limit",
            b(1, 10, full),
            b(2, 10, ended(0, "OOMKilled")),
        ),
        (
            "wait-after-end",
            b(1, 10, ended(3, "Error")),
            b(
                2,
                11,
                What::Waits {
                    restart: 4,
                    seconds: 40,
                },
            ),
        ),
        (
            "start-after-end",
            b(1, 10, ended(3, "Error")),
            b(2, 50, started(4, Some(40), true)),
        ),
        (
            "start-after-scheduling",
            pod(1, "b", 10, node.clone()),
            b(2, 200, started(0, None, true)),
        ),
        (
            "start-after-init",
            init(1, "wait", Role::Init, 10, well),
            b(2, 200, in_turn("wait", Once::Ended)),
        ),
        (
            "traffic-follows-readiness",
            pod(1, "b", 10, ready(false)),
            pod(2, "b", 11, serving(false, Some(10))),
        ),
        (
            "traffic-ends-with-deletion",
            pod(1, "b", 10, gone(true)),
            pod(2, "b", 10, serving(false, None)),
        ),
        (
            "traffic-follows-selector",
            service(1, 10, selects("b")),
            written(pod(2, "b", 10, serving(false, None))),
        ),
        (
            "traffic-follows-labels",
            pod(1, "b", 10, labelled()),
            pod(2, "b", 10, serving(false, None)),
        ),
        (
            "traffic-ends-with-its-service",
            service(1, 10, gone(false)),
            pod(2, "b", 10, serving(false, None)),
        ),
        (
            "rules-follow-traffic",
            written(pod(1, "b", 10, serving(true, None))),
            pod(2, "b", 11, rules(true)),
        ),
        (
            "rules-end-with-their-service",
            service(1, 10, gone(false)),
            pod(2, "b", 10, rules(false)),
        ),
        (
            "last-resort-begins",
            pod(1, "a", 10, leaves(0)),
            pod(2, "b", 11, last_resort(true)),
        ),
        (
            "last-resort-ends-with-readiness",
            pod(1, "b", 10, ready(false)),
            pod(2, "b", 11, last_resort(false)),
        ),
        (
            "last-resort-ends-with-another-pod",
            pod(1, "a", 10, serving(true, None)),
            pod(2, "b", 11, last_resort(false)),
        ),
        (
            "callers-until-out",
            pod(1, "b", 10, serving(false, None)),
            pod(2, "b", 11, answered()),
        ),
        (
            "scaling-after-wish",
            deployment(1, 10, What::Asked { generation: 2 }),
            replica_set(2, 10, scaled(0, 1)),
        ),
        (
            "scaling-after-ready",
            pod(1, "b", 10, ready(true)),
            replica_set(2, 10, scaled(2, 1)),
        ),
        (
            "creation-after-scaling",
            replica_set(1, 10, scaled(0, 1)),
            pod(2, "b", 10, What::Created),
        ),
        (
            "creation-after-loss",
            pod(1, "a", 10, gone(true)),
            pod(2, "b", 10, What::Created),
        ),
        (
            "creation-after-labels",
            pod(1, "a", 10, labelled()),
            pod(2, "b", 10, What::Created),
        ),
        (
            "deletion-after-scaling",
            replica_set(1, 10, scaled(2, 1)),
            pod(2, "b", 10, gone(true)),
        ),
        (
            "deletion-after-deployment",
            deployment(1, 10, gone(false)),
            pod(2, "b", 10, gone(true)),
        ),
        (
            "gone-after-deletion",
            b(1, 10, ended(0, "Completed")),
            pod(2, "b", 11, gone(false)),
        ),
        (
            "gone-at-once",
            pod(
                1,
                "b",
                10,
                What::Gone {
                    asked: true,
                    grace: Some(0),
                    idle: false,
                },
            ),
            pod(2, "b", 10, gone(false)),
        ),
        (
            "gone-without-an-end",
            pod(
                1,
                "b",
                10,
                What::Gone {
                    asked: true,
                    grace: Some(30),
                    idle: true,
                },
            ),
            pod(2, "b", 11, gone(false)),
        ),
        (
            "scheduling-after-creation",
            pod(1, "b", 10, What::Created),
            pod(2, "b", 10, node),
        ),
        (
            "no-node-after-creation",
            pod(1, "b", 10, What::Created),
            pod(2, "b", 10, refused(Refuser::Scheduler)),
        ),
        (
            "refusal-after-scaling",
            replica_set(1, 10, scaled(0, 1)),
            replica_set(2, 10, refused(Refuser::Quota)),
        ),
    ]
}
