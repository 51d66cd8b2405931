//! Facts for tests.

use jiff::{SignedDuration, Timestamp};
use story::{Clock, Container, Fact, Moment, Role, Source, Subject, What};

/// So many seconds after the beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let beginning: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    beginning + SignedDuration::from_secs(seconds)
}

/// A fact about the pod `uid` of a ReplicaSet `rs` of a Deployment `deploy`, in that second.
pub(crate) fn pod(id: u64, uid: &str, second: i64, what: What) -> Fact {
    Fact {
        id,
        subject: Subject {
            kind: "Pod".into(),
            namespace: "default".into(),
            name: format!("numbers-api-{uid}"),
            uid: uid.into(),
            owners: vec!["rs".into(), "deploy".into()],
            container: None,
        },
        what,
        who: None,
        when: Moment::second(at(second), Clock::Kubelet),
        source: Source::Pods,
        at_least: false,
        write: None,
    }
}

/// The same of its container, in the run with that id.
pub(crate) fn container(id: u64, uid: &str, run: Option<&str>, second: i64, what: What) -> Fact {
    let mut fact = pod(id, uid, second, what);
    fact.subject.container = Some(Container {
        name: "numbers-api".into(),
        role: Role::Only,
        id: run.map(str::to_owned),
    });
    fact
}

/// The same of a container of that name which the pod has besides.
pub(crate) fn init(id: u64, name: &str, role: Role, second: i64, what: What) -> Fact {
    let mut fact = pod(id, "b", second, what);
    fact.subject.container = Some(Container {
        name: name.into(),
        role,
        id: None,
    });
    fact
}

/// A fact about the ReplicaSet `rs`.
pub(crate) fn replica_set(id: u64, second: i64, what: What) -> Fact {
    Fact {
        subject: Subject {
            kind: "ReplicaSet".into(),
            uid: "rs".into(),
            owners: vec!["deploy".into()],
            ..Subject::default()
        },
        source: Source::ReplicaSets,
        when: Moment::second(at(second), Clock::ApiServer),
        ..pod(id, "", second, what)
    }
}

/// A fact about the Deployment `deploy`.
pub(crate) fn deployment(id: u64, second: i64, what: What) -> Fact {
    Fact {
        subject: Subject {
            kind: "Deployment".into(),
            uid: "deploy".into(),
            ..Subject::default()
        },
        source: Source::Deployments,
        ..replica_set(id, second, what)
    }
}

/// A fact about the Service `numbers-api`.
pub(crate) fn service(id: u64, second: i64, what: What) -> Fact {
    Fact {
        subject: Subject {
            kind: "Service".into(),
            namespace: "default".into(),
            name: "numbers-api".into(),
            uid: "service".into(),
            ..Subject::default()
        },
        source: Source::Services,
        ..replica_set(id, second, what)
    }
}

/// The fact, so many seconds later.
pub(crate) fn later(fact: &Fact, seconds: i64) -> Fact {
    let by = SignedDuration::from_secs(seconds);
    let when = Moment::between(
        fact.when.earliest() + by,
        fact.when.latest() + by,
        fact.when.clock(),
    );
    Fact {
        when: when.unwrap(),
        ..fact.clone()
    }
}
