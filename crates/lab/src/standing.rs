//! Where a learner stands in an exercise, told from the cluster alone, without changing anything there.

use std::collections::HashMap;

use crate::{
    checks::{Check, Verdict, View},
    guide::{Exercise, Language},
};

/// How far it has been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of it is there.
    NotBegun,
    /// All that this step (from 1) proves is there, and nothing of a later one.
    After(usize),
    /// All of it is there.
    Done,
}

/// Looks at the cluster, at each thing once.
pub struct Looker<'a> {
    view: &'a View,
    language: Language,
    seen: HashMap<String, Verdict>,
}

impl<'a> Looker<'a> {
    /// Looks at `view`.
    #[must_use]
    pub fn new(view: &'a View, language: Language) -> Self {
        Self {
            view,
            language,
            seen: HashMap::new(),
        }
    }

    /// What comes of a check now.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn look(&mut self, check: &Check) -> Result<Verdict, kube::Error> {
        let key = serde_json::to_string(check).unwrap_or_default();
        if let Some(verdict) = self.seen.get(&key) {
            return Ok(verdict.clone());
        }
        let verdict = check.verdict(self.view, self.language).await?;
        self.seen.insert(key, verdict.clone());
        Ok(verdict)
    }

    /// Finds the last step of which everything is there. Steps that prove nothing about the cluster, or only that something
    /// is not there, say nothing about how far somebody came.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn standing(&mut self, exercise: &Exercise) -> Result<Standing, kube::Error> {
        let telling: Vec<_> = exercise
            .steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.action.checks.iter().any(tells))
            .collect();
        for (position, (index, step)) in telling.iter().enumerate().rev() {
            if self.all_hold(&step.action.checks).await? {
                let last = position + 1 == telling.len();
                return Ok(if last {
                    Standing::Done
                } else {
                    Standing::After(index + 1)
                });
            }
        }
        Ok(Standing::NotBegun)
    }

    async fn all_hold(&mut self, checks: &[Check]) -> Result<bool, kube::Error> {
        for check in checks {
            if !self.look(check).await?.holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether it says that somebody did something to the cluster: something new, and not that something is gone. A file may be
/// left from another day.
fn tells(check: &Check) -> bool {
    !check.throughout() && !check.is_absence() && !matches!(check, Check::File(_))
}
