//! Who gets traffic.

use jiff::Timestamp;

use crate::{
    Fact, What,
    rule::{Allowed, Rule},
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
        name: "rules-follow-traffic",
        decided_by: "kube-proxy",
        effect: |fact| matches!(fact.what, What::Rules { .. }).then(|| fact.object())?,
        cause: |fact| matches!(fact.what, What::Serving { .. }).then(|| fact.object())?,
        allowed: |effect, cause, settings| match (&effect.what, &cause.what) {
            (
                What::Rules {
                    value: reaches,
                    service: of,
                },
                What::Serving { value, service, .. },
            ) if reaches == value && of == service => Some(Allowed::up_to(1).and(settings.proxy_sync)),
            _ => None,
        },
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

/// Whether a write with that trigger can be the answer to the transition: the trigger is the first of those that it answers.
///
/// Source: `k8s.io/endpointslice/util/trigger_time_tracker.go`. It is of whole seconds, as the transition's time is, and may be of the
/// next one: a pod was seen whose transition the kubelet reported twice, and whose slice had the later time.
fn is_answered(transition: &Fact, trigger: Option<Timestamp>) -> bool {
    trigger.is_none_or(|trigger| trigger <= transition.when.latest())
}
