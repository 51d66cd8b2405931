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

/// Looks at the cluster once, for all exercises, and remembers what is there.
///
/// # Errors
/// The cluster does not answer or refuses, or a manifest cannot be read.
pub(crate) async fn look(
    place: &Place,
    exercises: &[Exercise],
    root: &Path,
    memory: &mut Memory,
    now: Timestamp,
) -> Result<Vec<Seen>, Error> {
    let learner = Learner::look(place, exercises, &root.join("k8s"), now.as_second()).await?;
    let mut all = vec![];
    for exercise in exercises {
        let reached = memory.reached(&exercise.id).map(|reached| reached.step);
        let standing = learner.standing(exercise, reached).await?;
        all.push(remember(exercise, &standing, memory, now));
    }
    Ok(all)
}

/// Remembers where a learner stands.
pub(crate) fn remember(
    exercise: &Exercise,
    standing: &Standing,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let finished = standing.position == Position::Done;
    let step = match standing.position {
        Position::At | Position::Done => standing.step.unwrap_or_default(),
        Position::Nothing | Position::Near | Position::UnderWay => 0,
    };
    memory.reach(&exercise.id, step, exercise.steps.len(), finished, now);
    Seen { step, finished }
}
