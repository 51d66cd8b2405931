//! What came of judging a goal.

use guide::Message;

use super::existence::Existence;
use crate::Verdict;

/// How far a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as asked.
    Met,
    /// It is not.
    Missed,
    /// Not yet: the cluster is at work on it, and whoever looks again in some seconds knows more.
    UnderWay,
    /// The cluster does not let this person look.
    Unseen,
}

/// What came of judging a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalVerdict {
    /// How far it is reached.
    pub outcome: Outcome,
    /// What is there, with the person's own names and numbers.
    pub observed: Message,
    /// Why it is not reached, and what to look at or do. None exactly when it is.
    pub reason: Option<Message>,
}

impl GoalVerdict {
    /// Whether it is as asked.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.outcome == Outcome::Met
    }
}

pub(super) fn met(observed: Message) -> GoalVerdict {
    GoalVerdict {
        outcome: Outcome::Met,
        observed,
        reason: None,
    }
}

pub(super) fn missed(observed: Message, reason: Message) -> GoalVerdict {
    GoalVerdict {
        outcome: Outcome::Missed,
        observed,
        reason: Some(reason),
    }
}

pub(super) fn under_way(observed: Message) -> GoalVerdict {
    GoalVerdict {
        outcome: Outcome::UnderWay,
        observed,
        reason: Some(Message::new("goal-under-way")),
    }
}

/// The cluster forbids to list something.
pub(super) fn unseen(what: &'static str) -> GoalVerdict {
    GoalVerdict {
        outcome: Outcome::Unseen,
        observed: Message::new("goal-unseen"),
        reason: Some(Message::new("goal-unseen-why").with("what", what)),
    }
}

/// What there is to say where there is no namespace to look into.
pub(super) fn no_namespace(names: &[&str], namespaces: &[Existence]) -> Option<GoalVerdict> {
    if namespaces.contains(&Existence::There) {
        return None;
    }
    let (observed, reason) = if namespaces.contains(&Existence::Ending) {
        (
            Message::new("goal-namespace-goes"),
            Message::new("goal-namespace-ending"),
        )
    } else {
        (
            Message::new("goal-namespace-missing"),
            Message::new("goal-namespace-none"),
        )
    };
    let names = names.join(", ");
    Some(missed(observed.with("namespace", names), reason))
}

impl From<Verdict> for GoalVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict.hint {
            None => met(verdict.observed),
            Some(hint) => missed(verdict.observed, hint),
        }
    }
}
