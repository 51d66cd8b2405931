//! What a learner may look at when pods are not as they should be.

use std::collections::BTreeMap;

use guide::{
    Message,
    proof::{Answers, Pods},
};

use super::facts::{Facts, There};

/// The hint for the first thing that is not as it should be.
pub(super) fn hint(expected: &Pods, facts: &Facts, there: &There<'_>) -> Option<Message> {
    let restarts = there.restarts;
    if facts.pods.is_empty() {
        Some(Message::new("hint-pods-none").with("pods", &expected.of))
    } else if differs(expected.running, there.running) || differs(expected.pending, there.pending) {
        Some(Message::new("hint-pods-running"))
    } else if expected.ended.is_some() && !ended_so(expected, there) {
        let reason = expected.ended.as_deref().unwrap_or_default();
        Some(Message::new("hint-pods-ended").with("reason", reason))
    } else if expected
        .restarts
        .or(expected.restarted)
        .is_some_and(|least| restarts < least)
    {
        Some(Message::new("hint-pods-not-restarted"))
    } else if expected.restarts.is_some_and(|most| restarts > most) {
        Some(Message::new("hint-pods-restarted"))
    } else if expected
        .waiting
        .as_deref()
        .is_some_and(|wanted| !there.waiting.contains(&wanted))
    {
        let reason = expected.waiting.as_deref().unwrap_or_default();
        Some(Message::new("hint-pods-waiting").with("reason", reason))
    } else if !(unschedulable_so(expected, there) && facts.told) {
        let reason = expected.unschedulable.as_deref().unwrap_or_default();
        Some(Message::new("hint-pods-unschedulable").with("reason", reason))
    } else if expected.ready.is_some_and(|most| there.ready > most) {
        Some(Message::new("hint-pods-too-many-ready"))
    } else if expected.ready.is_some_and(|least| there.ready < least) {
        Some(Message::new("hint-pods-ready"))
    } else if !answered_so(expected.each.as_ref(), &facts.answers) {
        Some(Message::new("hint-pods-answers"))
    } else {
        None
    }
}

fn differs(wanted: Option<usize>, there: usize) -> bool {
    wanted.is_some_and(|wanted| wanted != there)
}

fn ended_so(expected: &Pods, there: &There<'_>) -> bool {
    there.ended.iter().any(|ended| {
        ended.reason == expected.ended && expected.exit_code.is_none_or(|wanted| ended.exit_code == wanted)
    })
}

fn unschedulable_so(expected: &Pods, there: &There<'_>) -> bool {
    expected
        .unschedulable
        .as_deref()
        .is_none_or(|wanted| there.without_node.iter().any(|reason| reason.contains(wanted)))
}

fn answered_so(expected: Option<&Answers>, answers: &BTreeMap<String, Option<u16>>) -> bool {
    expected.is_none_or(|expected| {
        let mut wanted: Vec<_> = expected.answers.iter().copied().map(Some).collect();
        let mut given: Vec<_> = answers.values().copied().collect();
        wanted.sort_unstable();
        given.sort_unstable();
        wanted == given
    })
}
