//! Who gets traffic.

use jiff::Timestamp;

use crate::{
    Fact, What,
    rule::{Allowed, Key, Rule},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "traffic-follows-readiness",
        decided_by: "endpointslice-controller",
        effect: |fact| matches!(fact.what, What::Serving { .. }).then(|| fact.object())?,
        cause: |fact| matches!(fact.what, What::Ready { .. }).then(|| fact.object())?,
        allowed: |effect, cause, settings| match (&effect.what, &cause.what) {
            (
                What::Serving {
                    value: gets, trigger, ..
                },
                What::Ready { value: ready, .. },
            ) if gets == ready && is_answered(cause, *trigger) => {
                Some(Allowed::up_to(1).and(settings.slice_batch))
            }
            _ => None,
        },
    },
    Rule {
        name: "traffic-ends-with-deletion",
        decided_by: "endpointslice-controller",
        effect: |fact| match fact.what {
            What::Serving { value: false, .. } => fact.object(),
            _ => None,
        },
        cause: |fact| matches!(fact.what, What::Gone { .. }).then(|| fact.object())?,
        allowed: |_, _, settings| Some(Allowed::up_to(1).and(settings.slice_batch)),
    },
    Rule {
        name: "traffic-follows-selector",
        decided_by: "endpointslice-controller",
        // A slice that is removed has nobody who wrote that.
        effect: |fact| fact.who.is_some().then(|| served(fact))?,
        // Without a selector the slices are left as they are.
        cause: |fact| match &fact.what {
            What::Selects { selector } if !selector.is_empty() => service(fact),
            _ => None,
        },
        allowed: |effect, cause, settings| match effect.what {
            // That a Service was made is among the transitions; that its selector changed is none, and may share its write with one.
            What::Serving { trigger, .. } if is_answered(cause, trigger) => {
                Some(Allowed::up_to(1).and(settings.slice_batch))
            }
            _ => None,
        },
    },
    Rule {
        name: "traffic-follows-labels",
        decided_by: "endpointslice-controller",
        effect: |fact| matches!(fact.what, What::Serving { .. }).then(|| fact.object())?,
        cause: |fact| matches!(fact.what, What::Labelled { .. }).then(|| fact.object())?,
        allowed: |effect, cause, settings| match (&effect.what, &cause.what) {
            (What::Serving { value, service, .. }, What::Labelled { chosen, .. })
                if chosen.get(service) == Some(value) =>
            {
                Some(Allowed::up_to(1).and(settings.slice_batch))
            }
            _ => None,
        },
    },
    Rule {
        name: "traffic-ends-with-its-service",
        decided_by: "garbage-collector",
        // The controller writes no slices of a Service that is gone: they are removed, and nobody notes who did that.
        effect: |fact| match fact.what {
            What::Serving { value: false, .. } if fact.who.is_none() => served(fact),
            _ => None,
        },
        cause: |fact| matches!(fact.what, What::Gone { asked: false, .. }).then(|| service(fact))?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "rules-follow-traffic",
        decided_by: "kube-proxy",
        effect: |fact| matches!(fact.what, What::Rules { .. }).then(|| fact.object())?,
        // A slice that is removed is so with its Service, by which rules end at once.
        cause: |fact| match fact.what {
            What::Serving { .. } if fact.who.is_some() => fact.object(),
            _ => None,
        },
        allowed: |effect, cause, settings| match (&effect.what, &cause.what) {
            (
                What::Rules {
                    value: reaches,
                    service: of,
                    // They did not follow it.
                    last_resort: false,
                },
                What::Serving { value, service, .. },
            ) if reaches == value && of == service => Some(Allowed::up_to(1).and(settings.proxy_sync)),
            _ => None,
        },
    },
    Rule {
        name: "rules-end-with-their-service",
        decided_by: "kube-proxy",
        effect: |fact| match &fact.what {
            What::Rules { value: false, .. } => ruled(fact),
            _ => None,
        },
        cause: |fact| matches!(fact.what, What::Gone { asked: false, .. }).then(|| service(fact))?,
        allowed: |_, _, settings| Some(Allowed::up_to(1).and(settings.proxy_sync)),
    },
    Rule {
        name: "last-resort-begins",
        decided_by: "kube-proxy",
        effect: |fact| last_resort(fact, true),
        cause: |fact| match fact.what {
            What::Serving {
                value: false,
                share: Some(share),
                ..
            } if share.serving == 0 => served(fact),
            _ => None,
        },
        allowed: |_, _, settings| Some(Allowed::up_to(1).and(settings.proxy_sync)),
    },
    Rule {
        name: "last-resort-ends-with-readiness",
        decided_by: "kube-proxy",
        effect: |fact| last_resort(fact, false).and(fact.object()),
        cause: |fact| matches!(fact.what, What::Ready { value: false, .. }).then(|| fact.object())?,
        allowed: |_, _, settings| {
            Some(
                Allowed::up_to(1)
                    .and(settings.slice_batch)
                    .and(settings.proxy_sync),
            )
        },
    },
    Rule {
        name: "last-resort-ends-with-another-pod",
        decided_by: "kube-proxy",
        effect: |fact| last_resort(fact, false),
        cause: |fact| matches!(fact.what, What::Serving { value: true, .. }).then(|| served(fact))?,
        allowed: |_, _, settings| Some(Allowed::up_to(1).and(settings.proxy_sync)),
    },
    Rule {
        name: "callers-until-out",
        // Until its rules are written, callers meet the pod.
        decided_by: "kube-proxy",
        effect: |fact| matches!(fact.what, What::Answered { .. }).then(|| fact.object())?,
        cause: |fact| matches!(fact.what, What::Serving { value: false, .. }).then(|| fact.object())?,
        allowed: |effect, cause, settings| match (&effect.what, &cause.what) {
            (What::Answered { service: of, .. }, What::Serving { service, .. }) if of == service => {
                Some(Allowed::up_to(1).and(settings.proxy_sync))
            }
            _ => None,
        },
    },
];

/// The Service to whose last resort rules begin to lead, or cease to.
fn last_resort(fact: &Fact, begins: bool) -> Option<Key<'_>> {
    match fact.what {
        What::Rules {
            value,
            last_resort: true,
            ..
        } if value == begins => ruled(fact),
        _ => None,
    }
}

/// The Service whose rules it is about.
fn ruled(fact: &Fact) -> Option<Key<'_>> {
    match &fact.what {
        What::Rules { service, .. } => Some(Key::Service(&fact.subject.namespace, service)),
        _ => None,
    }
}

/// The Service whose traffic it is about.
fn served(fact: &Fact) -> Option<Key<'_>> {
    match &fact.what {
        What::Serving { service, .. } => Some(Key::Service(&fact.subject.namespace, service)),
        _ => None,
    }
}

/// The Service that it is about.
fn service(fact: &Fact) -> Option<Key<'_>> {
    let subject = &fact.subject;
    (subject.kind == "Service").then_some(Key::Service(&subject.namespace, &subject.name))
}

/// Whether a write with that trigger can be the answer to the transition: the trigger is the first of those that it answers.
///
/// Source: `k8s.io/endpointslice/util/trigger_time_tracker.go`. It is of whole seconds, as the transition's time is, and may be of the
/// next one: a pod was seen whose transition the kubelet reported twice, and whose slice had the later time.
fn is_answered(transition: &Fact, trigger: Option<Timestamp>) -> bool {
    trigger.is_none_or(|trigger| trigger <= transition.when.latest())
}
