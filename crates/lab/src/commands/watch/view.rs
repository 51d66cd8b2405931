//! What there is to show, without a terminal.

use std::sync::Arc;

use guide::{Language, Message};
use jiff::ZonedDateTime;
use learner::Unapplied;
use record::Live;
use story::{Fact, Settings, Story};
use tell::{Letters, News, sentences};

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

/// How many facts are linked: the newest, as a record has an hour of them, and a screen some lines.
const LINKED: usize = 400;
/// How many of the oldest of these are not told: what led to them may be older.
const UNSURE: usize = 100;

/// Which letter is which of the pods that are there, and the last sentences of what is known of the exercise, each with the number of its
/// fact. A probe that only says what was known before is left out.
pub(super) fn story(
    live: &Live,
    known: &Known,
    now: &ZonedDateTime,
    language: Language,
) -> (Vec<String>, Vec<(u64, String)>) {
    // Ids are unique: a story that cannot be made of them is none.
    let worth = |fact: &&Arc<Fact>| known.holds(fact) && !tell::is_known(fact);
    let mut facts: Vec<_> = live.facts.iter().filter(worth).collect();
    facts.sort_by_key(|fact| fact.when.told());
    let older = facts.len().saturating_sub(LINKED);
    let newest = facts[older..].iter().map(|fact| (***fact).clone());
    let settings = Settings::with_skew(live.skew);
    let Ok(story) = Story::of(newest.collect(), &settings) else {
        return (vec![], vec![]);
    };
    let letters = Letters::of(story.facts());
    let told = sentences(&story, &letters);
    let mut news = News::default();
    let told = told.into_iter().skip(if older > 0 { UNSURE } else { 0 });
    let told = told.filter(|sentence| news.is_new(sentence.fact));
    let told = told.map(|sentence| {
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
