//! Letters for pods.

use std::collections::BTreeMap;

use story::{Fact, Subject};

/// The pods of a story with their letters: A, B, … Z, AA, AB, …
#[derive(Clone, Debug, Default)]
pub struct Letters {
    by_uid: BTreeMap<String, String>,
    pods: Vec<(String, String)>,
}

impl Letters {
    /// Gives each pod a letter, in the order in which they are told of.
    #[must_use]
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut letters = Self::default();
        facts.into_iter().for_each(|fact| letters.meet(&fact.subject));
        letters
    }

    /// Gives a pod the next letter unless it has one.
    pub fn meet(&mut self, subject: &Subject) {
        if subject.kind == "Pod" {
            self.add(&subject.uid, &subject.name);
        }
    }

    /// Gives the pod with this uid the next letter unless it has one.
    pub fn add(&mut self, uid: &str, name: &str) {
        if !self.by_uid.contains_key(uid) {
            let letter = letter(self.pods.len());
            self.by_uid.insert(uid.into(), letter.clone());
            self.pods.push((letter, name.into()));
        }
    }

    /// The letter of the pod with this uid.
    #[must_use]
    pub fn letter(&self, uid: &str) -> Option<&str> {
        self.by_uid.get(uid).map(String::as_str)
    }

    /// What to call a subject: a pod by its letter, everything else by its name.
    #[must_use]
    pub fn name<'a>(&'a self, subject: &'a Subject) -> &'a str {
        self.by_uid.get(&subject.uid).unwrap_or(&subject.name)
    }

    /// The letters with the names of their pods, in order.
    #[must_use]
    pub fn pods(&self) -> &[(String, String)] {
        &self.pods
    }
}

fn letter(index: usize) -> String {
    let last = char::from(b'A' + u8::try_from(index % 26).unwrap_or_default());
    match index / 26 {
        0 => last.into(),
        before => letter(before - 1) + &last.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_z_come_two_letters() {
        let told: Vec<_> = [0, 1, 25, 26, 51, 52, 701, 702].map(letter).into();
        assert_eq!(told, ["A", "B", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
