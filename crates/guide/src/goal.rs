//! What a task asks for, as data: few kinds, put together in `guide/proofs`.
//!
//! A proof says what the guide's own commands bring about, to the number. A goal says what is asked of a person, who may get
//! there in any way: "at least", and whatever the objects are called. A kind has a file here with what the guide may write and
//! how that reads as a sentence. How it is judged stands in the crate `proofs`, below `goals`, in a file of the same name.

mod answers;
mod field;
mod object;
mod pending;
mod quota;
mod refused;
mod resource;
mod shown;
mod told;
mod workload;

use serde::{Deserialize, Serialize};

use crate::Claim;

pub use self::{
    answers::AnswersGoal,
    field::Field,
    object::{ObjectGoal, ObjectKind, Part},
    pending::PendingGoal,
    quota::QuotaGoal,
    refused::RefusedGoal,
    resource::Resource,
    shown::ShownGoal,
    told::{EventGoal, Told},
    workload::WorkloadGoal,
};

/// The most goals that a task may have: more than anybody reads.
pub(crate) const MOST: usize = 30;

/// Something that a task asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Goal {
    /// Quotas give a namespace its share of what the nodes have.
    Quota(QuotaGoal),
    /// At least so many pods are ready, whatever made them.
    Workload(WorkloadGoal),
    /// A Service answers callers from outside.
    Answers(AnswersGoal),
    /// Somebody asked for more pods than a quota lets there be.
    Refused(RefusedGoal),
    /// Somebody asked for more than the nodes have.
    Pending(PendingGoal),
    /// What a proof says shows on the cluster, for as long as somebody looks.
    Shown(ShownGoal),
    /// One object of which all of something is so.
    Object(ObjectGoal),
    /// An event, also about what is gone.
    Event(EventGoal),
}

impl Goal {
    /// What every kind can say without looking.
    #[must_use]
    pub fn claim(&self) -> &dyn Claim {
        match self {
            Self::Quota(kind) => kind,
            Self::Workload(kind) => kind,
            Self::Answers(kind) => kind,
            Self::Refused(kind) => kind,
            Self::Pending(kind) => kind,
            Self::Shown(kind) => kind,
            Self::Object(kind) => kind,
            Self::Event(kind) => kind,
        }
    }

    /// Whether it is something to see, which the next part of the task may take away again. Once seen it is done; the others
    /// have to be so at the end.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Quota(_) | Self::Workload(_) | Self::Answers(_) => false,
            Self::Refused(_) | Self::Pending(_) | Self::Shown(_) | Self::Object(_) | Self::Event(_) => true,
        }
    }

    /// Tells goals apart, on any machine and in any language: by this somebody can remember which have been reached.
    #[must_use]
    pub fn key(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, Message};

    fn read(text: &str) -> Result<Goal, String> {
        let goal: Goal = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        goal.claim().validate().map(|()| goal)
    }

    #[test]
    fn every_kind_is_read_and_says_what_it_asks() {
        for (text, passes, says) in [
            (
                "quota: {namespace: pi-dev, resource: cpu, percent: 25}",
                false,
                "pi-dev: a quota of 25 % of the nodes' CPU",
            ),
            (
                "quota: {resource: memory, percent: 50}",
                false,
                "this namespace: a quota of 50 % of the nodes' memory",
            ),
            (
                "workload: {namespace: pi-dev, service: pi-web, ready: 4}",
                false,
                "pi-dev/pi-web: at least 4 ready pods",
            ),
            (
                "workload: {selector: app=pi-web, ready: 1}",
                false,
                "app=pi-web: at least 1 ready pod",
            ),
            (
                "answers: {namespace: pi-dev, service: pi-web, get: /, status: 200, holds: '3.14'}",
                false,
                "pi-dev/pi-web/ answers 200, with 3.14",
            ),
            (
                "refused: {namespaces: [a, b], resource: cpu, beyond: 4}",
                true,
                "a, b: a quota for CPU refuses more pods, beyond 4",
            ),
            (
                "pending: {namespaces: [a], reason: Insufficient cpu}",
                true,
                "a: a pod waits for a node: Insufficient cpu",
            ),
            (
                "shown: {pods: {of: app=a, ready: 1}}",
                true,
                "pods app=a: 1 ready",
            ),
            (
                "object: {of: app=a, restarts: {b: 2, c: 0}, paused: true}",
                true,
                "one Pod app=a: container b restarted at least 2 times, container c never restarted, kept waiting before a restart",
            ),
            (
                "object: {of: app=a, fields: [{field: spec.replicas, is: '0'}], kind: Deployment}",
                true,
                "one Deployment app=a: spec.replicas is 0",
            ),
            (
                "event: {kind: Job, name: b, told: {reason: BackoffLimitExceeded}}",
                true,
                "Job b: an event BackoffLimitExceeded",
            ),
        ] {
            let goal = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(goal.passes(), passes, "{text}");
            assert_eq!(Language::En.tell(&goal.claim().describe()), says);
            assert!(!goal.claim().look_at("kubectl").is_empty(), "{text}");
            let again: Goal = serde_json::from_str(&goal.key()).unwrap();
            assert_eq!(again, goal);
        }
    }

    #[test]
    fn nonsense_is_refused_and_named() {
        for (text, part) in [
            ("quota: {namespace: a, resource: cpu}", "percent"),
            ("quota: {namespace: a, resource: cpu, percent: 0}", "percent"),
            ("quota: {namespace: a, resource: cpu, percent: 101}", "percent"),
            ("quota: {namespace: a, resource: cpu, percent: -1}", "percent"),
            ("quota: {namespace: a, resource: disk, percent: 25}", "disk"),
            ("quota: {namespace: '', resource: cpu, percent: 25}", "namespace"),
            ("quota: {namespace: A B, resource: cpu, percent: 25}", "namespace"),
            (
                "quota: {namespace: a, resource: cpu, percent: 25, name: q}",
                "name",
            ),
            ("workload: {namespace: a, service: b}", "ready"),
            ("workload: {namespace: a, service: b, ready: 0}", "ready"),
            ("workload: {namespace: a, service: b, ready: 1000}", "ready"),
            ("workload: {namespace: a, ready: 4}", "service or selector"),
            (
                "workload: {service: b, selector: c=d, ready: 4}",
                "service or selector",
            ),
            ("workload: {selector: c, ready: 4}", "key=value"),
            ("workload: {selector: 'c=d,', ready: 4}", "key=value"),
            ("workload: {selector: 'c in (d)', ready: 4}", "key=value"),
            ("answers: {service: '', get: /, status: 200}", "service"),
            (
                "answers: {service: a, get: healthz, status: 200}",
                "is not a path",
            ),
            ("answers: {service: a, get: /, status: 99}", "status"),
            ("answers: {service: a, get: /, status: 200, holds: ''}", "holds"),
            ("refused: {namespaces: [a, a], resource: cpu, beyond: 4}", "twice"),
            ("refused: {namespaces: [a], resource: cpu, beyond: 0}", "beyond"),
            ("refused: {namespaces: [a], beyond: 4}", "resource"),
            (
                "pending: {namespaces: [''], reason: Insufficient cpu}",
                "namespace",
            ),
            ("pending: {namespaces: [a], reason: ''}", "reason"),
            ("shown: {pods: {of: app=a}}", "proves nothing"),
            ("shown: {nothing: {label: a=b}}", "where nothing was done"),
            (
                "shown: {service: {name: a, endpoints: 1, for_seconds: 5}}",
                "looks once",
            ),
            ("object: {of: app=a}", "asks for nothing"),
            ("object: {of: a, ready: true}", "key=value"),
            ("object: {of: app=a, kind: Service, ready: true}", "Service"),
            ("object: {of: app=a, kind: Deployment, ready: true}", "no pod"),
            ("object: {of: app=a, restarts: {b: 10}}", "0 to 9"),
            ("object: {of: app=a, restarts: {b: -1}}", "restarts"),
            ("object: {of: app=a, runs: 0}", "runs"),
            ("object: {of: app=a, updated: true}", "fields"),
            ("object: {of: app=a, fields: [{field: a}]}", "exactly one"),
            ("object: {of: app=a, told: {reason: ''}}", "reason"),
            ("event: {kind: Job, name: '', told: {reason: a}}", "name"),
            ("event: {kind: Job, name: a}", "told"),
            ("qouta: {}", "qouta"),
            ("quota", "quota"),
            ("[]", ""),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(part), "{text} gave {error:?}");
        }
    }

    #[test]
    fn two_goals_are_told_apart() {
        let one = read("quota: {namespace: a, resource: cpu, percent: 25}").unwrap();
        let other = read("quota: {namespace: b, resource: cpu, percent: 25}").unwrap();
        assert_ne!(one.key(), other.key());
        assert_ne!(one.claim().describe(), Message::new("goal-quota"));
    }
}
