//! What controllers, quotas and the scheduler decide about pods.

use jiff::SignedDuration;

use crate::{
    Fact, Refuser, What,
    rule::{Allowed, Key, Rule},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "scaling-after-wish",
        decided_by: "deployment-controller",
        effect: |fact| matches!(fact.what, What::Scaled { .. }).then(|| fact.owner(0))?,
        cause: |fact| matches!(fact.what, What::Asked { .. }).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "scaling-after-ready",
        decided_by: "deployment-controller",
        effect: |fact| matches!(fact.what, What::Scaled { .. }).then(|| fact.owner(0))?,
        cause: |fact| match fact.what {
            What::Ready { value: true, .. } => fact.owner(1),
            _ => None,
        },
        allowed: |effect, cause, _| match (&effect.what, &cause.what) {
            (What::Scaled { min_ready, .. }, What::Ready { created, .. }) => {
                // In the second in which a pod was made, the scaling may be what made it.
                let made = created.and_then(|made| made.checked_add(SignedDuration::from_secs(1)).ok());
                let before = made.is_none_or(|made| made <= effect.when.earliest());
                let wait = SignedDuration::from_secs((*min_ready).into());
                before.then(|| Allowed {
                    min: wait,
                    max: wait.saturating_add(SignedDuration::from_secs(1)),
                })
            }
            _ => None,
        },
    },
    Rule {
        name: "creation-after-scaling",
        decided_by: "replicaset-controller",
        effect: created,
        cause: |fact| scaled(fact, true),
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "creation-after-loss",
        decided_by: "replicaset-controller",
        effect: created,
        cause: |fact| matches!(fact.what, What::Gone { asked: true, .. }).then(|| fact.owner(0))?,
        allowed: |effect, cause, _| in_place_of(effect, cause),
    },
    Rule {
        name: "creation-after-labels",
        // A pod that it does not count any more is another one's, or nobody's.
        decided_by: "replicaset-controller",
        effect: created,
        cause: |fact| matches!(fact.what, What::Labelled { released: true, .. }).then(|| fact.owner(0))?,
        allowed: |effect, cause, _| in_place_of(effect, cause),
    },
    Rule {
        name: "deletion-after-scaling",
        decided_by: "replicaset-controller",
        effect: |fact| matches!(fact.what, What::Gone { asked: true, .. }).then(|| fact.owner(0))?,
        cause: |fact| scaled(fact, false),
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "deletion-after-deployment",
        // It takes up at once what has lost its owner: the ReplicaSet, and then its pods.
        decided_by: "garbage-collector",
        effect: |fact| matches!(fact.what, What::Gone { asked: true, .. }).then(|| fact.owner(1))?,
        cause: |fact| match fact.what {
            What::Gone { .. } if fact.subject.kind == "Deployment" => fact.object(),
            _ => None,
        },
        allowed: |effect, cause, _| {
            // That it is gone is seen within a second, and what somebody deleted before that is not its doing.
            let second = SignedDuration::from_secs(1);
            let before = cause.when.latest().duration_since(effect.when.latest()) >= second;
            (!before).then(|| Allowed::up_to(3))
        },
    },
    Rule {
        name: "gone-after-deletion",
        decided_by: "kubelet",
        effect: gone,
        cause: |fact| matches!(fact.what, What::Ended { .. }).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(3)),
    },
    Rule {
        name: "gone-at-once",
        decided_by: "the API server",
        effect: gone,
        cause: |fact| match fact.what {
            What::Gone {
                asked: true,
                grace: Some(0),
                ..
            } => fact.object(),
            _ => None,
        },
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "gone-without-an-end",
        decided_by: "kubelet",
        effect: gone,
        cause: |fact| match fact.what {
            What::Gone {
                asked: true,
                grace,
                idle: true,
            } if grace != Some(0) => fact.object(),
            _ => None,
        },
        allowed: |_, _, _| Some(Allowed::up_to(3)),
    },
    Rule {
        name: "scheduling-after-creation",
        decided_by: "kube-scheduler",
        effect: |fact| matches!(fact.what, What::Scheduled { .. }).then(|| fact.object())?,
        cause: |fact| matches!(fact.what, What::Created).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "no-node-after-creation",
        decided_by: "kube-scheduler",
        effect: |fact| refused(fact, &[Refuser::Scheduler]),
        cause: |fact| matches!(fact.what, What::Created).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "refusal-after-scaling",
        decided_by: "the API server",
        effect: |fact| refused(fact, &[Refuser::Quota, Refuser::Admission]),
        cause: |fact| match scaled(fact, true) {
            Some(_) => fact.object(),
            None => None,
        },
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
];

/// A pod that was made, by who made it.
fn created(fact: &Fact) -> Option<Key<'_>> {
    matches!(fact.what, What::Created).then(|| fact.owner(0))?
}

/// A pod is made in the place of another one.
fn in_place_of(made: &Fact, other: &Fact) -> Option<Allowed> {
    (made.subject.uid != other.subject.uid).then(|| Allowed::up_to(1))
}

/// A pod that is gone.
fn gone(fact: &Fact) -> Option<Key<'_>> {
    match fact.what {
        What::Gone { asked: false, .. } if fact.subject.kind == "Pod" => fact.object(),
        _ => None,
    }
}

/// A ReplicaSet that has to have more pods, or fewer.
fn scaled(fact: &Fact, up: bool) -> Option<Key<'_>> {
    match fact.what {
        What::Scaled { from, to, .. } if from != to && (to > from) == up => fact.object(),
        _ => None,
    }
}

fn refused<'a>(fact: &'a Fact, by: &[Refuser]) -> Option<Key<'a>> {
    match &fact.what {
        What::Refused { by: who, .. } if by.contains(who) => fact.object(),
        _ => None,
    }
}
