//! What of a story is worth a line, told piece by piece.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use story::{Fact, Probe, What};

use crate::{
    is_known,
    says::{unasked, unmade},
};

/// Remembers what was told, so that nothing is said twice that several sources, or one again and again, tell of.
#[derive(Debug, Default)]
pub struct News {
    /// Until when it was said that something was not seen.
    unseen: Option<Timestamp>,
    /// Why a probe of a container could not be carried out: the kubelet says so each time.
    unprobed: BTreeMap<(String, String, Probe), String>,
    /// Why somebody would not do what an object or a container of it needs, by its uid and name: whoever asks for it tries again and again,
    /// and a kubelet tells of one try in several ways.
    refused: BTreeMap<(String, String), BTreeSet<String>>,
}

impl News {
    /// Whether a fact is worth a line: it says more than what was known, and more than those before it.
    pub fn is_new(&mut self, fact: &Fact) -> bool {
        !self.is_unseen_again(fact)
            && !self.is_refused_again(fact)
            && !self.is_repeated(fact)
            && !is_known(fact)
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

    /// Whether it says again why something is refused, and nothing has come of it since.
    fn is_refused_again(&mut self, fact: &Fact) -> bool {
        let uid = &fact.subject.uid;
        let container = fact.subject.container.as_ref();
        let name = container.map(|container| &*container.name).unwrap_or_default();
        match &fact.what {
            What::Refused { says, .. } => {
                let key = (uid.clone(), name.to_owned());
                return !self.refused.entry(key).or_default().insert(unmade(says));
            }
            What::Started { .. } => {
                self.refused.remove(&(uid.clone(), name.to_owned()));
            }
            What::Scaled { .. } | What::Scheduled { .. } => self.refused.retain(|(of, _), _| of != uid),
            // What its ReplicaSet was refused before.
            What::Created => self
                .refused
                .retain(|(of, _), _| !fact.subject.owners.contains(of)),
            _ => {}
        }
        false
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

#[cfg(test)]
mod tests {
    use story::{Container, Role};

    use super::*;

    fn fact(what: &str, uid: &str, owner: &str) -> Fact {
        let line = format!(
            r#"{{"id": 1, {what}, "who": null, "source": "events", "clock": "kubelet", "earliest": "2026-03-01T14:00:00Z",
            "latest": "2026-03-01T14:00:01Z", "subject": {{"kind": "x", "namespace": "x", "name": "{uid}", "uid": "{uid}", "owners": ["{owner}"]}}}}"#
        );
        Fact::read(&line.replace('\n', " ")).unwrap().remove(0)
    }

    #[test]
    fn a_refusal_is_told_again_once_its_words_are_others_or_something_came_of_it() {
        let mut news = News::default();
        let mut refused = |says: &str| {
            let words = format!(r#""what": "refused", "by": "quota", "says": "{says}""#);
            news.is_new(&fact(&words, "set", "deployment"))
        };
        let of_pod =
            |pod: &str| format!(r#"Error creating: pods \"{pod}\" is forbidden: exceeded quota: cpu"#);
        assert!(refused(&of_pod("a")));
        assert!(!refused(&of_pod("b")));
        assert!(refused("another"));
        assert!(!refused("another") && !refused(&of_pod("c")));
        news.is_new(&fact(r#""what": "created""#, "pod", "set"));
        let mut refused = |uid: &str| {
            let words = r#""what": "refused", "by": "kubelet", "says": "another""#;
            news.is_new(&fact(words, uid, "deployment"))
        };
        assert!(refused("set"));
        assert!(refused("other"));
        assert!(!refused("other"));
        // One container of a pod starts, and another does not.
        let mut of = |container: &str, what: &str| {
            let mut fact = fact(what, "pod", "set");
            fact.subject.container = Some(Container {
                name: container.into(),
                role: Role::OneOfSeveral,
                id: None,
            });
            news.is_new(&fact)
        };
        let words = r#""what": "refused", "by": "kubelet", "says": "no ConfigMap""#;
        assert!(of("a", words) && of("b", words));
        of("a", r#""what": "started", "restart": 0, "probed": false"#);
        assert!(of("a", words) && !of("b", words));
    }
}
