//! Where a learner stands: what is there now, and what is remembered.

use std::path::Path;

use guide::Exercise;
use jiff::Timestamp;
use learner::{Error, Learner, Position, Standing};
use proofs::Place;

use crate::memory::Memory;

/// What is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The last step of which all is there, from 1; 0 if nothing is.
    pub(crate) step: usize,
    /// Whether all of the exercise was done.
    pub(crate) finished: bool,
}

/// Looks at the cluster once, for all exercises, and remembers what is there; none where that may not be seen.
///
/// # Errors
/// The cluster does not answer or refuses, or a manifest cannot be read.
pub(crate) async fn look(
    place: &Place,
    exercises: &[Exercise],
    root: &Path,
    memory: &mut Memory,
    now: Timestamp,
) -> Result<Vec<Option<Seen>>, Error> {
    let learner = Learner::look(place, exercises, &root.join("k8s"), now.as_second()).await?;
    let mut all = vec![];
    for exercise in exercises {
        let reached = memory.reached(&exercise.id).map(|reached| reached.step);
        let standing = learner.standing(exercise, reached).await?;
        let seen = remember(exercise, &standing, memory, now);
        all.push((standing.position != Position::Unseen).then_some(seen));
    }
    Ok(all)
}

/// Remembers where a learner stands, and which goals were met.
pub(crate) fn remember(
    exercise: &Exercise,
    standing: &Standing,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    for (goal, verdict) in exercise.goals.iter().zip(&standing.goals) {
        if verdict.is_met() && goal.passes() {
            memory.goal(&exercise.id, &goal.key());
        }
    }
    let steps = exercise.steps.len();
    let (step, finished) = match standing.position {
        Position::At => (standing.step.unwrap_or_default(), false),
        Position::Done => (steps, true),
        Position::Task if met(exercise, standing, memory).iter().all(|met| *met) => (steps, true),
        Position::Task => (1, false),
        Position::Nothing | Position::Near | Position::UnderWay | Position::Incomplete | Position::Unseen => {
            (0, false)
        }
    };
    memory.reach(&exercise.id, step, steps, finished, now);
    Seen { step, finished }
}

/// Which goals are met: those that are so now, and those that were something to see and have been seen.
pub(crate) fn met(exercise: &Exercise, standing: &Standing, memory: &Memory) -> Vec<bool> {
    let goals = exercise.goals.iter().zip(&standing.goals);
    let seen = |key: String| memory.goals(&exercise.id).any(|known| known == key);
    goals
        .map(|(goal, verdict)| verdict.is_met() || goal.passes() && seen(goal.key()))
        .collect()
}
