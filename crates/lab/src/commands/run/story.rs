//! What happened before something was missed, by the record of the embedded cluster.

use std::collections::BTreeSet;

use cluster::Layout;
use guide::Language;
use jiff::{Timestamp, tz::TimeZone};
use record::Tape;
use report::{Event, Stamped};
use story::{Fact, Settings, Story, What};
use tell::{Letters, News, Sentence, sentences};

use crate::commands::explain::about::{About, Wanted};

/// How many sentences are told: the last ones say what led there.
const LAST: usize = 12;

/// Adds to what was missed what happened before.
pub(super) struct Chronicle {
    /// None where nothing is recorded.
    tape: Option<Tape>,
    language: Language,
    run: Run,
}

/// The run that is told of.
#[derive(Default)]
struct Run {
    began: Timestamp,
    namespaces: BTreeSet<String>,
}

impl Chronicle {
    pub(super) fn new(layout: &Layout, is_embedded: bool, language: Language) -> Self {
        Self {
            tape: is_embedded.then(|| Tape::new(&layout.record())),
            language,
            run: Run::default(),
        }
    }

    /// Notes which run begins, and adds to what it missed.
    pub(super) fn add_to(&mut self, told: &mut Stamped) {
        match &mut told.event {
            Event::RunStarted {
                exercise, namespace, ..
            } => {
                let about = About::Exercise(exercise.clone()).wanted(namespace, self.language);
                let others = about.iter().flat_map(Wanted::namespaces);
                self.run = Run {
                    began: told.at,
                    namespaces: others.map(str::to_owned).chain([namespace.clone()]).collect(),
                };
            }
            Event::Missed(miss) => miss.story = self.lines(told.at),
            _ => {}
        }
    }

    /// What was recorded of the run until then; nothing where nothing was.
    fn lines(&self, until: Timestamp) -> Vec<String> {
        let recorded = self.tape.as_ref().and_then(|tape| tape.read().ok().flatten());
        let Some(recorded) = recorded.filter(|recorded| !recorded.signs.is_old(until)) else {
            return vec![];
        };
        let settings = Settings::with_skew(recorded.signs.skew);
        let facts = recorded.facts.iter().filter(|fact| self.run.holds(fact, until));
        match Story::of(facts.map(|fact| (**fact).clone()).collect(), &settings) {
            Ok(story) => lines(&story, &TimeZone::system(), self.language),
            // Its facts have the numbers that the recorder gave them, each its own.
            Err(_) => vec![],
        }
    }
}

impl Run {
    fn holds(&self, fact: &Fact, until: Timestamp) -> bool {
        let here = fact.what == What::Gap || self.namespaces.contains(&fact.subject.namespace);
        here && fact.when.latest() >= self.began && fact.when.earliest() <= until
    }
}

/// The last sentences, a line each, after the letters of the pods in them.
fn lines(story: &Story, zone: &TimeZone, language: Language) -> Vec<String> {
    let mut news = News::default();
    let facts = story.facts().iter().filter(|fact| news.is_new(fact));
    let worth: Vec<_> = facts.collect();
    let last = &worth[worth.len().saturating_sub(LAST)..];
    let letters = Letters::of(last.iter().copied());
    let told = sentences(story, &letters);
    let is_last = |sentence: &&Sentence<'_>| last.iter().any(|fact| fact.id == sentence.fact.id);
    let last = told.iter().filter(is_last);
    let pods = letters.pods().iter();
    let pods = pods.map(|(letter, name)| format!("{letter} = {name}"));
    pods.chain(last.map(|sentence| line(sentence, zone, language)))
        .collect()
}

fn line(sentence: &Sentence<'_>, zone: &TimeZone, language: Language) -> String {
    let at = sentence.at.to_zoned_datetime(zone.clone());
    let who = language.tell(&sentence.who);
    let who = if who.is_empty() { who } else { format!("{who}: ") };
    let beside = sentence.beside.as_ref();
    let beside = beside.map(|beside| format!(" ({})", language.tell(beside)));
    format!(
        "{}  {who}{}{}",
        at.strftime("%H:%M:%S"),
        language.tell(&sentence.says),
        beside.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use story::Source;

    use super::*;

    fn facts(many: u64) -> Vec<Fact> {
        let lines = (1..=many).map(|id| {
            format!(
                r#"{{"id": {id}, "what": "ready", "value": {}, "who": "kubelet", "source": "pods", "clock": "kubelet",
                    "earliest": "2026-03-01T14:{id:02}:10Z", "latest": "2026-03-01T14:{id:02}:11Z",
                    "subject": {{"kind": "Pod", "namespace": "lab-12-1-a", "name": "numbers-{id}", "uid": "{id}"}}}}"#,
                id % 2 == 0
            )
            .replace('\n', " ")
        });
        Fact::read(&lines.collect::<Vec<_>>().join("\n")).unwrap()
    }

    #[test]
    fn the_last_sentences_are_told_with_the_pods_in_them() {
        let story = Story::of(facts(20), &Settings::default()).unwrap();
        let told = lines(&story, &TimeZone::UTC, Language::En);
        assert_eq!(told.len(), 2 * LAST);
        assert_eq!((&*told[0], &*told[LAST - 1]), ("A = numbers-9", "L = numbers-20"));
        assert_eq!(told[LAST], "14:09:10  kubelet: A is not ready (cause not seen)");
        // Sources that were silent together are told of once.
        let gap = |id, source| Fact {
            id,
            what: What::Gap,
            source,
            ..facts(20).remove(19)
        };
        let gaps = [gap(21, Source::Pods), gap(22, Source::Slices)];
        let story = Story::of([facts(20), gaps.into()].concat(), &Settings::default()).unwrap();
        let told = lines(&story, &TimeZone::UTC, Language::En);
        let silent = told.iter().filter(|line| line.contains("nothing was heard"));
        assert_eq!(silent.count(), 1, "{told:#?}");
        let none = Story::of(vec![], &Settings::default()).unwrap();
        assert!(lines(&none, &TimeZone::UTC, Language::Ko).is_empty());
    }

    #[test]
    fn a_run_has_what_happened_in_its_namespaces_while_it_ran() {
        let at = |minute: u32| format!("2026-03-01T14:{minute:02}:00Z").parse().unwrap();
        let run = |namespace: &str| Run {
            began: at(3),
            namespaces: BTreeSet::from([namespace.into()]),
        };
        let held = |run: &Run| {
            let facts = facts(9);
            let held = facts.iter().filter(|fact| run.holds(fact, at(6)));
            held.map(|fact| fact.id).collect::<Vec<_>>()
        };
        assert_eq!(held(&run("lab-12-1-a")), [3, 4, 5]);
        assert!(held(&run("lab-12-1-b")).is_empty());
    }
}
