//! A fact with what is said of it.

use std::{collections::BTreeMap, slice};

use guide::Message;
use jiff::Timestamp;
use story::{Cause, Fact, Source, Story, What};

use crate::{delay, letters::Letters, says, who};

/// What is said of one fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence<'a> {
    /// The fact.
    pub fact: &'a Fact,
    /// The time that it is told by: within its moment, and not after what it caused.
    pub at: Timestamp,
    /// Who did it; nothing if nobody says.
    pub who: Message,
    /// What happened.
    pub says: Message,
    /// How long after its cause, or that no cause was seen.
    pub beside: Option<Message>,
}

/// Whether a fact only says what was known before: a probe beyond the one that decided. Texts may leave it out.
#[must_use]
pub fn is_known(fact: &Fact) -> bool {
    // What events count are not runs.
    let counted = fact.source == Source::Probes;
    matches!(fact.what, What::Probed { run, of, .. } if run > of && counted)
}

/// The story in sentences, oldest first.
#[must_use]
pub fn sentences<'a>(story: &'a Story, letters: &Letters) -> Vec<Sentence<'a>> {
    let times = times(story);
    let of = |fact: &'a Fact| {
        let at = times.get(&fact.id).copied().unwrap_or(fact.when.told());
        Sentence {
            fact,
            at,
            who: who(story, fact),
            says: says::says(fact, letters),
            beside: delay::beside(story, fact, at),
        }
    };
    story.facts().iter().map(of).collect()
}

/// The times that facts are told by. What was seen between two looks had happened by the second, and before what followed from it.
fn times(story: &Story) -> BTreeMap<u64, Timestamp> {
    let (mut times, mut by) = (BTreeMap::new(), BTreeMap::<u64, Timestamp>::new());
    // Effects stand after their causes.
    for fact in story.facts().iter().rev() {
        let told = fact.when.told();
        let at = by
            .get(&fact.id)
            .map_or(told, |by| told.min(*by))
            .max(fact.when.earliest());
        times.insert(fact.id, at);
        let links = match story.cause(fact.id) {
            Cause::One(link) => slice::from_ref(link),
            Cause::OneOf(links) => links,
            Cause::NotSeen => &[],
        };
        for link in links {
            by.entry(link.cause)
                .and_modify(|by| *by = at.min(*by))
                .or_insert(at);
        }
    }
    times
}

/// Who the source says it was, or else who decides it by the rule that links it.
fn who(story: &Story, fact: &Fact) -> Message {
    // The kubelet only reports it.
    if who::is_out_of_memory(&fact.what) {
        return Message::Verbatim("kernel".into());
    }
    // It is what the delay costs: nobody does it.
    if matches!(fact.what, What::Answered { .. }) {
        return Message::Verbatim(String::new());
    }
    // A slice was removed, which controllers do, and nobody notes which.
    if fact.source == Source::Slices && fact.who.is_none() {
        return Message::Verbatim(String::new());
    }
    let rule = match story.cause(fact.id) {
        Cause::One(link) => Some(link.decided_by),
        Cause::OneOf(links) => {
            let mut all = links.iter().map(|link| link.decided_by);
            all.next().filter(|first| all.all(|other| other == *first))
        }
        Cause::NotSeen => None,
    };
    fact.who
        .as_deref()
        .or(rule)
        .map_or_else(|| Message::Verbatim(String::new()), who::who)
}
