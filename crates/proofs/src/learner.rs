//! Where a learner stands in an exercise, told from the cluster alone, without changing anything there.

use std::collections::HashMap;

use guide::{Exercise, Proof};

use super::{Place, Verdict, probe};

/// How far it has been done. Steps count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The last step of which all is there; none if nothing is.
    pub after: Option<usize>,
    /// The first step after that of which something is not there; none when all of it is there.
    pub next: Option<usize>,
}

/// Looks at the cluster, at each thing once.
pub struct Learner<'a> {
    place: &'a Place,
    seen: HashMap<String, Verdict>,
}

impl<'a> Learner<'a> {
    /// Looks at `place`.
    #[must_use]
    pub fn new(place: &'a Place) -> Self {
        Self {
            place,
            seen: HashMap::new(),
        }
    }

    /// What comes of a proof now.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn look(&mut self, proof: &Proof) -> Result<Verdict, kube::Error> {
        let key = proof.key();
        if let Some(verdict) = self.seen.get(&key) {
            return Ok(verdict.clone());
        }
        let verdict = probe(proof).verdict(self.place).await?;
        self.seen.insert(key, verdict.clone());
        Ok(verdict)
    }

    /// Finds the last step of which everything is there, and the next of which something is missing. Steps that prove
    /// nothing about the cluster, or only that something is not there, say nothing about how far somebody came; but nobody
    /// is done before they hold too.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn standing(&mut self, exercise: &Exercise) -> Result<Standing, kube::Error> {
        let mut after = None;
        for (index, step) in exercise.steps.iter().enumerate().rev() {
            let proofs = &step.action.proofs;
            if proofs.iter().any(tells) && self.all_hold(proofs).await? {
                after = Some(index + 1);
                break;
            }
        }
        for (index, step) in exercise.steps.iter().enumerate().skip(after.unwrap_or(0)) {
            if !self.all_hold(&step.action.proofs).await? {
                let next = Some(index + 1);
                return Ok(Standing { after, next });
            }
        }
        Ok(Standing { after, next: None })
    }

    async fn all_hold(&mut self, proofs: &[Proof]) -> Result<bool, kube::Error> {
        for proof in proofs {
            if !self.look(proof).await?.holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether an exercise ends with nothing left, so that its end cannot be told from its beginning.
#[must_use]
pub fn tidies_up(exercise: &Exercise) -> bool {
    let mut steps = exercise.steps.iter().rev().map(|step| &step.action.proofs);
    let last = steps.find(|proofs| !proofs.is_empty());
    last.is_some_and(|proofs| proofs.iter().all(|proof| proof.claim().is_absence()))
}

/// Whether it says that somebody did something to the cluster: something new, and not that something is gone. A file may be
/// left from another day.
fn tells(proof: &Proof) -> bool {
    let claim = proof.claim();
    !claim.throughout() && !claim.is_absence() && !matches!(proof, Proof::File(_))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use access::fake;
    use guide::{Language, Message};

    use super::*;

    /// Where somebody stands on a cluster on which of all checks those of the steps `there` hold, as steps count from 1, and
    /// those that `also` picks.
    async fn standing(id: &str, there: &[usize], also: fn(&Proof) -> bool) -> Standing {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let exercise = Exercise::load(&root, Language::En, id).unwrap();
        let place = Place::new(
            fake::api(|_, _| fake::refusal(500, "nobody was to look")),
            "default".into(),
            PathBuf::new(),
        );
        let mut looker = Learner::new(&place);
        let all: Vec<_> = exercise.steps.iter().map(|step| &step.action.proofs).collect();
        for check in all.iter().copied().flatten() {
            let holds = also(check) || there.iter().any(|step| all[step - 1].contains(check));
            let verdict = Verdict {
                holds,
                observed: Message::Verbatim(String::new()),
                hint: None,
            };
            looker.seen.insert(check.key(), verdict);
        }
        looker.standing(&exercise).await.unwrap()
    }

    /// The number of the step that begins with a command.
    fn step(id: &str, command: &str) -> usize {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let exercise = Exercise::load(&root, Language::En, id).unwrap();
        let mut steps = exercise.steps.iter();
        1 + steps
            .position(|step| step.action.commands[0].starts_with(command))
            .unwrap()
    }

    #[tokio::test]
    async fn nobody_is_done_before_what_must_be_gone_is_gone() {
        let there = standing("12.5", &[1], |_| false).await;
        assert_eq!((there.after, there.next), (Some(1), Some(2)));
        assert_eq!(
            standing("12.5", &[], |proof| proof.claim().is_absence()).await,
            Standing {
                after: None,
                next: Some(1)
            }
        );
        assert_eq!(standing("12.1", &[], |_| true).await.next, None);
    }

    #[tokio::test]
    async fn an_application_that_works_is_not_one_whose_update_was_taken_back() {
        let (install, undo) = (
            step("12.2", "kubectl apply -f todo-list/db/ "),
            step("12.2", "kubectl rollout undo"),
        );
        let there = standing("12.2", &[install], |proof| proof.claim().throughout()).await;
        assert_eq!(there.after, Some(install));
        assert!(there.next.is_some_and(|next| next < undo), "{there:?}");
    }

    #[tokio::test]
    async fn what_is_next_is_what_is_missing() {
        let (apply, file) = (1, step("12.1", "kubectl get svc"));
        let there = standing("12.1", &[apply, file], |_| false).await;
        assert_eq!(
            (there.after, there.next),
            (Some(apply), Some(step("12.1", "curl")))
        );
        let without_file = standing("12.1", &[apply], |_| false).await;
        assert_eq!(without_file.next, Some(file));
    }

    #[test]
    fn exercises_that_tidy_up_end_as_they_begin() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let tidies = |id| tidies_up(&Exercise::load(&root, Language::En, id).unwrap());
        assert_eq!(
            ["12.1", "12.2", "12.3", "12.4", "12.5", "12.6"].map(tidies),
            [false, true, true, false, true, true]
        );
    }
}
