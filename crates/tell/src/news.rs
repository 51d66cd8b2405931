//! What of a story is worth a line, told piece by piece.

use std::collections::BTreeMap;

use jiff::Timestamp;
use story::{Fact, Probe, What};

use crate::{is_known, says::unasked};

/// Remembers what was told, so that nothing is said twice that several sources, or one again and again, tell of.
#[derive(Debug, Default)]
pub struct News {
    /// Until when it was said that something was not seen.
    unseen: Option<Timestamp>,
    /// Why a probe of a container could not be carried out: the kubelet says so each time.
    unprobed: BTreeMap<(String, String, Probe), String>,
}

impl News {
    /// Whether a fact is worth a line: it says more than what was known, and more than those before it.
    pub fn is_new(&mut self, fact: &Fact) -> bool {
        !self.is_unseen_again(fact) && !self.is_repeated(fact) && !is_known(fact)
    }

    /// Of several sources that were silent at a time one is told of.
    fn is_unseen_again(&mut self, fact: &Fact) -> bool {
        if fact.what != What::Gap {
            return false;
        }
        let again = self.unseen.is_some_and(|until| fact.when.earliest() <= until);
        self.unseen = self.unseen.max(Some(fact.when.latest()));
        again
    }

    /// Whether it says again why a probe could not be carried out, of which a result or a new run would say more.
    fn is_repeated(&mut self, fact: &Fact) -> bool {
        let Some(container) = &fact.subject.container else {
            return false;
        };
        let key = |probe| (fact.subject.uid.clone(), container.name.clone(), probe);
        match &fact.what {
            What::Unprobed { probe, says } => {
                let words = unasked(says);
                self.unprobed.insert(key(*probe), words.clone()) == Some(words)
            }
            What::Probed { probe, .. } => {
                self.unprobed.remove(&key(*probe));
                false
            }
            What::Started { .. } => {
                self.unprobed
                    .retain(|(uid, name, _), _| (uid, name) != (&fact.subject.uid, &container.name));
                false
            }
            _ => false,
        }
    }
}
