//! What the kubelet, the runtime and the kernel decide about containers.

use crate::{
    Fact, Kill, Once, Probe, Role, What,
    rule::{Allowed, Key, Rule},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "unready-after-probes",
        decided_by: "kubelet",
        effect: |fact| became(fact, false),
        cause: |fact| decided(fact, &[Probe::Readiness], false).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "unready-after-end",
        decided_by: "kubelet",
        effect: |fact| became(fact, false),
        cause: ended,
        allowed: |_, _, _| Some(Allowed::up_to(2)),
    },
    Rule {
        name: "ready-after-probes",
        decided_by: "kubelet",
        effect: |fact| became(fact, true),
        cause: |fact| decided(fact, &[Probe::Readiness, Probe::Startup], true).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "ready-after-start",
        decided_by: "kubelet",
        effect: |fact| became(fact, true),
        cause: |fact| match fact.what {
            What::Started { probed: false, .. } if counts(fact) => fact.object(),
            _ => None,
        },
        allowed: |_, _, _| Some(Allowed::up_to(2)),
    },
    Rule {
        name: "kill-after-probes",
        decided_by: "kubelet",
        effect: |fact| match fact.what {
            What::KillOrdered {
                why: Kill::Liveness | Kill::Startup,
                ..
            } => fact.container(),
            _ => None,
        },
        cause: |fact| decided(fact, &[Probe::Liveness, Probe::Startup], false).then(|| fact.container())?,
        allowed: |effect, cause, _| {
            let fits = match (&effect.what, &cause.what) {
                (What::KillOrdered { why, .. }, What::Probed { probe, .. }) => {
                    (*why == Kill::Startup) == (*probe == Probe::Startup)
                }
                _ => false,
            };
            (fits && effect.same_container_as(cause)).then(|| Allowed::up_to(1))
        },
    },
    Rule {
        name: "kill-after-deletion",
        decided_by: "kubelet",
        effect: |fact| match fact.what {
            What::KillOrdered {
                why: Kill::Deleted, ..
            } => fact.object(),
            _ => None,
        },
        cause: |fact| matches!(fact.what, What::Gone { asked: true, .. }).then(|| fact.object())?,
        allowed: |_, _, _| Some(Allowed::up_to(1)),
    },
    Rule {
        name: "end-after-kill",
        decided_by: "the program",
        effect: |fact| matches!(fact.what, What::Ended { .. }).then(|| fact.container())?,
        cause: |fact| matches!(fact.what, What::KillOrdered { .. }).then(|| fact.container())?,
        allowed: |effect, cause, _| match cause.what {
            // The kernel ends what is still there after the grace.
            What::KillOrdered { grace, .. } if in_that_run(effect, cause) => {
                Some(Allowed::up_to(grace.saturating_add(1)))
            }
            _ => None,
        },
    },
    Rule {
        name: "end-at-memory-limit",
        decided_by: "the kernel",
        effect: |fact| match &fact.what {
            What::Ended { reason, .. } if reason == "OOMKilled" => fact.container(),
            _ => None,
        },
        cause: |fact| match fact.what {
            // A sample is taken before the last page was asked for.
            What::Memory {
                used,
                limit: Some(limit),
            } if used >= limit - limit / 10 => fact.container(),
            _ => None,
        },
        // The kubelet samples once in 15 s at least, with its usual settings.
        allowed: |effect, cause, _| in_that_run(effect, cause).then(|| Allowed::up_to(15)),
    },
    Rule {
        name: "wait-after-end",
        decided_by: "kubelet",
        effect: |fact| match fact.what {
            What::Waits { restart, .. } => fact.run(restart.checked_sub(1)?),
            _ => None,
        },
        cause: own_run,
        allowed: |_, _, _| Some(Allowed::up_to(2)),
    },
    Rule {
        name: "start-after-end",
        decided_by: "kubelet",
        effect: |fact| match fact.what {
            What::Started { restart, .. } => fact.run(restart.checked_sub(1)?),
            _ => None,
        },
        cause: own_run,
        allowed: |effect, cause, _| match effect.what {
            _ if cause.what.is_unseen_end() => Some(Allowed::unbounded()),
            What::Started {
                backoff: Some(seconds),
                ..
            } => Some(Allowed::waited(seconds)),
            What::Started { restart: 1, .. } => Some(Allowed::up_to(2)),
            // Nobody told how long it would wait: the kubelet waits for 5 minutes at most, and up to half of one longer.
            _ => Some(Allowed::up_to(332)),
        },
    },
    Rule {
        name: "start-after-scheduling",
        decided_by: "kubelet",
        effect: |fact| match fact.what {
            // Nobody tells when somebody added an ephemeral container.
            What::Started {
                restart: 0,
                after: None,
                ..
            } if role(fact) != Role::Ephemeral => fact.object(),
            _ => None,
        },
        cause: |fact| matches!(fact.what, What::Scheduled { .. }).then(|| fact.object())?,
        // Nothing bounds how long an image takes to come, or a volume.
        allowed: |_, _, _| Some(Allowed::unbounded()),
    },
    Rule {
        name: "start-after-init",
        decided_by: "kubelet",
        effect: |fact| match &fact.what {
            What::Started {
                restart: 0,
                after: Some(turn),
                ..
            } => fact.container_named(&turn.container),
            _ => None,
        },
        cause: |fact| has_done(fact).and(fact.container()),
        // Nothing bounds how long an image takes to come.
        allowed: |effect, cause, _| match &effect.what {
            What::Started {
                after: Some(turn), ..
            } if has_done(cause) == Some(turn.once) => Some(Allowed::unbounded()),
            _ => None,
        },
    },
];

fn became(fact: &Fact, ready: bool) -> Option<Key<'_>> {
    match fact.what {
        What::Ready { value, .. } if value == ready => fact.object(),
        _ => None,
    }
}

/// The end of a container without which the pod is not ready.
fn ended(fact: &Fact) -> Option<Key<'_>> {
    (matches!(fact.what, What::Ended { .. }) && counts(fact)).then(|| fact.object())?
}

fn role(fact: &Fact) -> Role {
    let container = fact.subject.container.as_ref();
    container.map(|container| container.role).unwrap_or_default()
}

fn counts(fact: &Fact) -> bool {
    role(fact).counts_for_readiness()
}

/// What an init container has done that the next one may have waited for.
fn has_done(fact: &Fact) -> Option<Once> {
    match (role(fact), &fact.what) {
        (Role::Init, What::Ended { code: 0, .. }) => Some(Once::Ended),
        (Role::Sidecar, What::Started { .. }) => Some(Once::Started),
        (Role::Sidecar, What::Probed { .. }) => {
            decided(fact, &[Probe::Startup], true).then_some(Once::Passed)
        }
        _ => None,
    }
}

fn own_run(fact: &Fact) -> Option<Key<'_>> {
    match fact.what {
        What::Ended { restart, .. } => fact.run(restart),
        _ => None,
    }
}

/// Whether the probe was the one with which the kubelet's mind changes. What was not counted may have been.
fn decided(fact: &Fact, probes: &[Probe], good: bool) -> bool {
    match fact.what {
        What::Probed {
            probe, ok, run, of, ..
        } => ok == good && probes.contains(&probe) && (run == of || !fact.is_counted()),
        _ => false,
    }
}

/// Whether something happened in the run that ended: events do not tell the container's id, and the run before it may have been
/// ended for another reason.
fn in_that_run(end: &Fact, during: &Fact) -> bool {
    let begun = match end.what {
        What::Ended { started, .. } => started.is_none_or(|started| started <= during.when.latest()),
        _ => false,
    };
    begun && end.same_container_as(during)
}
