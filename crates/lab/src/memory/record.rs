//! What is kept, and what changes it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far an exercise was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The furthest step, from 1; 0 if the exercise was finished and then reset.
    pub step: usize,
    /// How many steps it has.
    pub of: usize,
    /// When that step was seen first.
    pub at: Timestamp,
    /// When all of it was seen first.
    pub finished: Option<Timestamp>,
}

/// All that is kept about a namespace of a cluster, by exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Record {
    exercises: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    step: usize,
    of: usize,
    at: Timestamp,
    finished: Option<Timestamp>,
    /// The step that was there last. Hints belong to it.
    now: usize,
    goals: BTreeSet<String>,
    hints: BTreeMap<String, usize>,
}

/// Something that happened. Two commands at once each add theirs to what the other has written.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Reach {
        exercise: String,
        step: usize,
        of: usize,
        finished: bool,
        at: Timestamp,
    },
    Goal {
        exercise: String,
        key: String,
    },
    Hint {
        exercise: String,
        key: String,
    },
    Forget {
        exercise: String,
    },
}

impl Record {
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Reach {
                exercise,
                step,
                of,
                finished,
                at,
            } => {
                // Looking at what was not begun is not worth keeping.
                if *step > 0 || *finished || self.exercises.contains_key(exercise) {
                    self.entry(exercise).reach(*step, *of, *finished, *at);
                }
            }
            Change::Goal { exercise, key } => {
                self.entry(exercise).goals.insert(key.clone());
            }
            Change::Hint { exercise, key } => {
                let shown = self.entry(exercise).hints.entry(key.clone()).or_default();
                *shown = shown.saturating_add(1);
            }
            Change::Forget { exercise } => self.forget(exercise),
        }
    }

    pub(super) fn reached(&self, exercise: &str) -> Option<Reached> {
        let entry = self.exercises.get(exercise)?;
        (entry.step > 0 || entry.finished.is_some()).then_some(Reached {
            step: entry.step,
            of: entry.of,
            at: entry.at,
            finished: entry.finished,
        })
    }

    pub(super) fn goals(&self, exercise: &str) -> impl Iterator<Item = &str> {
        let entry = self.exercises.get(exercise);
        entry
            .into_iter()
            .flat_map(|entry| &entry.goals)
            .map(String::as_str)
    }

    pub(super) fn hints(&self, exercise: &str, key: &str) -> usize {
        let entry = self.exercises.get(exercise);
        entry
            .and_then(|entry| entry.hints.get(key))
            .copied()
            .unwrap_or_default()
    }

    fn entry(&mut self, exercise: &str) -> &mut Entry {
        self.exercises.entry(exercise.into()).or_default()
    }

    fn forget(&mut self, exercise: &str) {
        let Some(entry) = self.exercises.remove(exercise) else {
            return;
        };
        if let Some(finished) = entry.finished {
            let kept = Entry {
                of: entry.of,
                at: finished,
                finished: entry.finished,
                ..Entry::default()
            };
            self.exercises.insert(exercise.into(), kept);
        }
    }
}

impl Entry {
    fn reach(&mut self, step: usize, of: usize, finished: bool, at: Timestamp) {
        if step > self.step {
            (self.step, self.at) = (step, at);
        }
        if step != self.now {
            self.now = step;
            self.hints.clear();
        }
        // Another version of the guide may have fewer.
        self.of = of;
        self.step = self.step.min(of);
        if finished {
            self.finished.get_or_insert(at);
        }
    }
}
