//! A fact with what is said of it.

use guide::Message;
use story::{Cause, Fact, Source, Story, What};

use crate::{delay, letters::Letters, says, who};

/// What is said of one fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence<'a> {
    /// The fact.
    pub fact: &'a Fact,
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
    let of = |fact: &'a Fact| Sentence {
        fact,
        who: who(story, fact),
        says: says::says(fact, letters),
        beside: delay::beside(story, fact),
    };
    story.facts().iter().map(of).collect()
}

/// Who the source says it was, or else who decides it by the rule that links it.
fn who(story: &Story, fact: &Fact) -> Message {
    // The kubelet only reports it.
    if who::is_out_of_memory(&fact.what) {
        return Message::Verbatim("kernel".into());
    }
    let rule = match story.cause(fact.id) {
        Cause::One(link) | Cause::OneOf([link, ..]) => Some(link.decided_by),
        Cause::OneOf([]) | Cause::NotSeen => None,
    };
    fact.who
        .as_deref()
        .or(rule)
        .map_or_else(|| Message::Verbatim(String::new()), who::who)
}
