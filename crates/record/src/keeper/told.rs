//! What was told: facts with their numbers, of an hour and of 32 MiB at most.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use story::{Fact, Probe, What};

/// For how long a fact is kept after it became known.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// How many bytes the facts have together at most, as lines of JSON.
const MOST_BYTES: usize = 32 << 20;
/// How many probes of a kind are kept that said what was known.
const ROUTINE: usize = 12;

/// A container's probe: the pod's uid, the container's name, and which.
type Series = (String, String, Probe);

struct Kept {
    fact: Arc<Fact>,
    bytes: usize,
    known: Timestamp,
}

/// The facts by their numbers.
pub(super) struct Told {
    facts: BTreeMap<u64, Kept>,
    next: u64,
    bytes: usize,
    routine: BTreeMap<Series, VecDeque<u64>>,
    most_bytes: usize,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            facts: BTreeMap::new(),
            next: 1,
            bytes: 0,
            routine: BTreeMap::new(),
            most_bytes: MOST_BYTES,
        }
    }
}

impl Told {
    /// Numbers a fact that became known, and lets go of what is too old or too much.
    pub(super) fn tell(&mut self, fact: Fact, known: Timestamp) {
        let id = self.next;
        self.next += 1;
        if let Some(series) = routine(&fact) {
            let same = self.routine.entry(series).or_default();
            same.push_back(id);
            let first = (same.len() > ROUTINE).then(|| same.pop_front()).flatten();
            first.into_iter().for_each(|first| self.forget(first));
        }
        let fact = Fact { id, ..fact };
        // A fact has nothing that JSON could not have.
        let bytes = serde_json::to_string(&fact).map_or(0, |line| line.len());
        self.bytes += bytes;
        let fact = Arc::new(fact);
        self.facts.insert(id, Kept { fact, bytes, known });
        self.let_go(known);
    }

    /// Lets go of what is too old by then, and of the oldest while there is too much.
    pub(super) fn let_go(&mut self, now: Timestamp) {
        while let Some((&id, first)) = self.facts.first_key_value() {
            let old = now.duration_since(first.known) > LONGEST;
            if !old && self.bytes <= self.most_bytes {
                break;
            }
            self.forget(id);
        }
    }

    fn forget(&mut self, id: u64) {
        let Some(gone) = self.facts.remove(&id) else {
            return;
        };
        self.bytes -= gone.bytes;
        let Some(series) = routine(&gone.fact) else { return };
        if let Some(same) = self.routine.get_mut(&series) {
            same.retain(|kept| *kept != id);
            if same.is_empty() {
                self.routine.remove(&series);
            }
        }
    }

    pub(super) fn facts(&self) -> Vec<Arc<Fact>> {
        self.facts.values().map(|kept| kept.fact.clone()).collect()
    }
}

/// Whose probe it was, if it was one that said what was known.
fn routine(fact: &Fact) -> Option<Series> {
    let What::Probed {
        probe,
        ok: true,
        run,
        of,
        ..
    } = fact.what
    else {
        return None;
    };
    let container = fact.subject.container.as_ref()?;
    (run > of).then(|| (fact.subject.uid.clone(), container.name.clone(), probe))
}

#[cfg(test)]
mod tests {
    use story::{Clock, Container, Moment, Source, Subject};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn fact(what: What) -> Fact {
        Fact {
            id: 0,
            what,
            subject: Subject {
                container: Some(Container {
                    name: "api".into(),
                    ..Container::default()
                }),
                ..Subject::default()
            },
            who: None,
            when: Moment::second(at(0), Clock::Kubelet),
            source: Source::Pods,
            at_least: false,
            write: None,
        }
    }

    fn ids(told: &Told) -> Vec<u64> {
        told.facts().iter().map(|fact| fact.id).collect()
    }

    #[test]
    fn what_is_older_than_an_hour_goes_and_numbers_go_on() {
        let mut told = Told::default();
        for second in [0, 1, 3601] {
            told.tell(fact(What::Created), at(second));
        }
        assert_eq!(ids(&told), [2, 3]);
        told.let_go(at(9000));
        told.tell(fact(What::Created), at(9000));
        assert_eq!(ids(&told), [4]);
    }

    #[test]
    fn the_oldest_goes_where_there_is_too_much() {
        let mut told = Told {
            most_bytes: 1000,
            ..Told::default()
        };
        for _ in 0..100 {
            told.tell(fact(What::Created), at(0));
        }
        let kept = ids(&told);
        assert!(
            (2..10).contains(&kept.len()) && kept.ends_with(&[100]),
            "{kept:?}"
        );
    }

    #[test]
    fn of_probes_that_said_what_was_known_the_last_twelve_are_kept() {
        let mut told = Told::default();
        let probed = |ok, run| What::Probed {
            probe: Probe::Readiness,
            ok,
            run,
            of: 1,
            period: 5,
            says: None,
        };
        told.tell(fact(probed(false, 1)), at(0));
        for run in 1..=20 {
            told.tell(fact(probed(true, run)), at(0));
        }
        let kept = ids(&told);
        assert_eq!(kept, [1, 2].into_iter().chain(10..=21).collect::<Vec<_>>());
    }
}
