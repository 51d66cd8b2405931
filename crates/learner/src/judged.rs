//! An exercise's steps, with what came of each proof.

use std::collections::HashMap;

use guide::{Exercise, Message, Proof, Stage};
use proofs::Verdict;

use crate::{
    finding::Finding,
    standing::{Missing, Position, Standing},
};

/// An exercise with what came of each of its proofs.
pub(crate) struct Judged<'a> {
    pub(crate) exercise: &'a Exercise,
    pub(crate) verdicts: &'a HashMap<String, Verdict>,
}

impl Judged<'_> {
    pub(crate) fn proofs(&self, step: usize) -> &[Proof] {
        let step = step
            .checked_sub(1)
            .and_then(|index| self.exercise.steps.get(index));
        step.map_or(&[], |step| &step.action.proofs)
    }

    pub(crate) fn holds(&self, proof: &Proof) -> bool {
        self.verdicts
            .get(&proof.key())
            .is_some_and(|verdict| verdict.holds)
    }

    pub(crate) fn all_hold(&self, step: usize) -> bool {
        self.proofs(step).iter().all(|proof| self.holds(proof))
    }

    /// The last step of a stage of which everything is so. Steps that prove nothing about the cluster say nothing about how far
    /// somebody came.
    pub(crate) fn last_proven(&self, stage: &Stage) -> Option<usize> {
        let absence = stage.objects.is_empty() && stage.releases.is_empty();
        let tells = |proof: &Proof| tells(proof) || absence && proof.claim().is_absence();
        (stage.first..=stage.last)
            .rev()
            .find(|step| self.proofs(*step).iter().any(tells) && self.all_hold(*step))
    }

    /// The step of a stage of which the least is missing, the first of several; for somebody who `reached` one of its steps, of
    /// those that come after it.
    pub(crate) fn nearest_step(&self, stage: &Stage, reached: Option<usize>) -> Option<usize> {
        let with_proofs = |step: &usize| self.proofs(*step).iter().any(not_a_file);
        let after = reached.filter(|reached| (*reached + 1..=stage.last).any(|step| with_proofs(&step)));
        let first = after.map_or(stage.first, |reached| stage.first.max(reached + 1));
        let steps = (first..=stage.last).filter(with_proofs);
        steps.min_by_key(|step| {
            self.proofs(*step)
                .iter()
                .filter(|proof| !self.holds(proof))
                .count()
        })
    }

    /// Whether all is gone that has to be after the last step that proves something new.
    pub(crate) fn is_tidy(&self) -> bool {
        self.absences().all(|proof| self.holds(proof))
    }

    /// What is not so of the end, when nothing may be left.
    pub(crate) fn of_the_end(&self) -> Vec<Missing> {
        self.seen_of(self.absences()).1
    }

    /// What says, after the last step that proves something new, that something is gone. What else is claimed there is claimed
    /// of what was there until then, and can't be so any more.
    fn absences(&self) -> impl Iterator<Item = &Proof> {
        let steps = last_telling(self.exercise) + 1..=self.exercise.steps.len();
        let proofs = steps.flat_map(|step| self.proofs(step));
        proofs.filter(|proof| proof.claim().is_absence())
    }

    pub(crate) fn done(&self) -> Standing {
        Standing {
            position: Position::Done,
            step: Some(self.exercise.steps.len()),
            ..Standing::default()
        }
    }

    pub(crate) fn at(&self, step: usize) -> Standing {
        let last = self.exercise.steps.len();
        let later = (step + 1..=last).find(|later| !self.all_hold(*later));
        // What a step wrote is used by the later ones; a file that was lost is written again.
        let again = (1..=step).filter(|earlier| {
            self.proofs(*earlier)
                .iter()
                .any(|proof| !not_a_file(proof) && !self.holds(proof))
        });
        let mut next: Vec<_> = again.collect();
        let (seen, _) = self.of(step);
        let missing = next
            .iter()
            .chain(&later)
            .flat_map(|step| self.of(*step).1)
            .collect();
        let position = if later.is_none() && next.is_empty() {
            Position::Done
        } else {
            Position::At
        };
        next.extend(later.into_iter().flat_map(|later| step + 1..=later));
        Standing {
            position,
            step: Some(if position == Position::Done { last } else { step }),
            seen,
            missing,
            next,
            ..Standing::default()
        }
    }

    /// What is so of a step, and what is not.
    pub(crate) fn of(&self, step: usize) -> (Vec<Message>, Vec<Missing>) {
        self.seen_of(self.proofs(step).iter())
    }

    fn seen_of<'p>(&self, proofs: impl Iterator<Item = &'p Proof>) -> (Vec<Message>, Vec<Missing>) {
        let (mut seen, mut missing) = (vec![], vec![]);
        for proof in proofs {
            let Some(verdict) = self.verdicts.get(&proof.key()) else {
                continue;
            };
            match &verdict.hint {
                None => seen.push(proof.claim().seen(&verdict.observed)),
                Some(hint) => missing.push(Missing {
                    claim: proof.claim().wanted_now(),
                    observed: verdict.observed.clone(),
                    hint: hint.clone(),
                    look_at: proof.claim().look_at("kubectl"),
                }),
            }
        }
        (seen, missing)
    }

    /// Whether a step is about what was found, such as pods that are refused.
    pub(crate) fn wants(&self, step: usize, finding: &Finding) -> bool {
        let id = finding.message.id().unwrap_or_default();
        self.proofs(step).iter().any(|proof| match proof {
            Proof::Replicas(replicas) => id == "find-refused" && replicas.refused.is_some(),
            Proof::Pods(pods) => {
                id == "find-crash" && (pods.ended.is_some() || pods.restarted.is_some())
                    || id == "find-unschedulable" && pods.unschedulable.is_some()
            }
            _ => false,
        })
    }
}

/// Whether it says that somebody did something to the cluster: something new, and not that something is gone. A file may be
/// left from another day.
fn tells(proof: &Proof) -> bool {
    let claim = proof.claim();
    !claim.throughout() && !claim.is_absence() && not_a_file(proof)
}

fn not_a_file(proof: &Proof) -> bool {
    !matches!(proof, Proof::File(_))
}

/// Whether an exercise ends with nothing left, so that its end cannot be told from its beginning.
#[must_use]
pub fn tidies_up(exercise: &Exercise) -> bool {
    let mut steps = exercise.steps.iter().rev().map(|step| &step.action.proofs);
    let last = steps.find(|proofs| !proofs.is_empty());
    last.is_some_and(|proofs| proofs.iter().all(|proof| proof.claim().is_absence()))
}

/// The last step that proves something new of the cluster, 0 if none does.
pub(crate) fn last_telling(exercise: &Exercise) -> usize {
    let last = exercise
        .steps
        .iter()
        .rposition(|step| step.action.proofs.iter().any(tells));
    last.map_or(0, |index| index + 1)
}

/// Whether what is left of an exercise that ends with nothing is its end: it was seen as it is before that.
pub(crate) fn tidied(exercise: &Exercise, reached: Option<usize>) -> bool {
    tidies_up(exercise) && reached.is_some_and(|reached| reached >= last_telling(exercise).max(1))
}

#[cfg(test)]
mod tests;
