//! What there is to show, without a terminal.

use guide::{Language, Message};
use jiff::ZonedDateTime;
use learner::Unapplied;
use record::Live;
use tell::{Letters, sentences};

use crate::commands::{
    check::report::CheckReport,
    explain::{self, about::Known},
};

/// All of it.
#[derive(Default)]
pub(super) struct View {
    /// Where the learner stands; none before the first look.
    pub(super) report: Option<CheckReport>,
    /// What was saved and not applied.
    pub(super) unapplied: Vec<Unapplied>,
    /// What goes wrong with looking, if something does.
    pub(super) trouble: Option<Message>,
    /// What is not seen of what happens.
    pub(super) lacks: Vec<Message>,
    /// Which letter is which pod.
    pub(super) legend: Vec<String>,
    /// What happened, a sentence each with the number of its fact, the oldest first.
    pub(super) story: Vec<(u64, String)>,
    /// Whether the next commands are shown, in place of what was seen.
    pub(super) next: bool,
    /// Whether the story has the whole screen.
    pub(super) explains: bool,
    /// Whether somebody is asked to say again that all of it is to be deleted.
    pub(super) asks: bool,
}

/// Which letter is which of the pods that are there, and the sentences of what is known of the exercise, each with the number of its fact. A probe that only says what was known before
/// is left out.
pub(super) fn story(
    live: &Live,
    known: &Known,
    now: &ZonedDateTime,
    language: Language,
) -> (Vec<String>, Vec<(u64, String)>) {
    // Ids are unique: a story that cannot be made of them is none.
    let Ok(story) = live.story() else {
        return (vec![], vec![]);
    };
    let story = story.about(|fact| known.holds(fact) && !tell::is_known(fact));
    let letters = Letters::of(story.facts());
    let told = sentences(&story, &letters).into_iter().map(|sentence| {
        let at = sentence.at.to_zoned_datetime(now.time_zone().clone());
        (sentence.fact.id, explain::text::line(&sentence, &at, language))
    });
    let there = live.now.pods.iter().filter_map(|pod| {
        let letter = letters.letter(pod.metadata.uid.as_deref()?)?;
        Some(format!("{letter}  {}", pod.metadata.name.as_deref()?))
    });
    let mut there: Vec<_> = there.collect();
    // A comes before B, and Z before AA.
    there.sort_by_key(|line| (line.find(' '), line.clone()));
    (there, told.collect())
}
