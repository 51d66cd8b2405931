//! What files of `guide/proofs` have in common, with the lines where it stands.

use serde_saphyr::Spanned;

use crate::{Goal, goal, parse::Fault};

/// The line where something stands, from 1.
pub(crate) fn line<T>(spanned: &Spanned<T>) -> usize {
    line_at(spanned.referenced.line())
}

/// A line, from 1.
pub(crate) fn line_at(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX).max(1)
}

/// A list of goals: some, and none of them twice.
pub(crate) fn goals_of(written: Spanned<Vec<Spanned<Goal>>>) -> Result<Vec<Goal>, Fault> {
    if !(1..=goal::MOST).contains(&written.value.len()) {
        return Err((line(&written), format!("a task has 1 to {} goals", goal::MOST)));
    }
    let mut goals = vec![];
    for goal in written.value {
        let valid = goal.value.claim().validate();
        valid.map_err(|message| (line(&goal), message))?;
        if goals.contains(&goal.value) {
            let message = format!("this goal stands there twice: {}", goal.value.key());
            return Err((line(&goal), message));
        }
        goals.push(goal.value);
    }
    Ok(goals)
}
