//! Judges what a task asks of a person, whatever way that person has chosen.
//!
//! All is fetched once, for all goals together (`facts`); each kind of [`Goal`] has a file here that decides without the
//! cluster. What is not so has a reason, and each cause has one of its own: a person has to learn from it what to mend.

mod answers;
mod bound;
mod callers;
mod controllers;
mod event;
mod existence;
mod facts;
mod object;
mod pending;
mod quantity;
mod quota;
mod refused;
mod service;
#[cfg(test)]
mod tests;
mod verdict;
mod workload;

use guide::Goal;

use self::quota::Shares;
pub use self::verdict::{GoalVerdict, Outcome};
use crate::{Place, probe};

/// Looks once at all that the goals are about, and judges each; the verdicts are in the goals' order.
///
/// # Errors
/// The cluster does not answer, or fails. What it forbids to look at is no error: such a goal is [`Outcome::Unseen`].
pub async fn judge(goals: &[Goal], place: &Place) -> Result<Vec<GoalVerdict>, kube::Error> {
    let facts = facts::look(goals, place).await?;
    let shares = Shares::of(goals, &facts);
    let mut verdicts = vec![];
    for goal in goals {
        verdicts.push(match goal {
            Goal::Quota(goal) => quota::judge(goal, &facts, &shares),
            Goal::Workload(goal) => workload::judge(goal, &facts),
            Goal::Answers(goal) => answers::judge(goal, &facts),
            Goal::Refused(goal) => refused::judge(goal, &facts),
            Goal::Pending(goal) => pending::judge(goal, &facts),
            Goal::Object(goal) => object::judge(goal, &facts),
            Goal::Event(goal) => event::judge(goal, &facts),
            Goal::Shown(shown) => probe(&shown.0).verdict(place).await?.into(),
        });
    }
    Ok(verdicts)
}
