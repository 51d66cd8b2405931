//! Lines for where there is no terminal: what is new, and nothing twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use guide::Language;
use jiff::ZonedDateTime;

use super::{screen, view::View};

/// How many sentences are told of what was before: a record has an hour of them, which `lab explain` tells.
const BEFORE: usize = 12;

/// How long a sentence waits before it is told: what caused it may become known later.
const HOLD: Duration = Duration::from_secs(2);

/// What was printed.
#[derive(Default)]
pub(super) struct Plain {
    above: Vec<String>,
    /// When each fact was first there; none of it before the first time.
    seen: Option<BTreeMap<u64, Instant>>,
    /// Those that were told, or are from too long before.
    told: BTreeSet<u64>,
}

impl Plain {
    /// Where the learner stands, if that is news; with the time.
    pub(super) fn standing(
        &mut self,
        view: &View,
        now: &ZonedDateTime,
        language: Language,
    ) -> Option<String> {
        let above = screen::above(view, language);
        if view.report.is_none() || above == self.above {
            return None;
        }
        self.above = above;
        Some(format!(
            "{}\n{}\n",
            now.strftime("%H:%M:%S"),
            self.above.join("\n")
        ))
    }

    /// The sentences that were not told yet and have waited: those of before the last ones only, and at once.
    pub(super) fn story(&mut self, sentences: &[(u64, String)], now: Instant) -> Vec<String> {
        let ids: BTreeSet<_> = sentences.iter().map(|(id, _)| *id).collect();
        self.told.retain(|id| ids.contains(id));
        let hold = match &mut self.seen {
            Some(seen) => {
                seen.retain(|id, _| ids.contains(id));
                HOLD
            }
            None if sentences.is_empty() => return vec![],
            None => {
                let older = sentences.len().saturating_sub(BEFORE);
                self.told.extend(sentences[..older].iter().map(|(id, _)| *id));
                Duration::ZERO
            }
        };
        let seen = self.seen.get_or_insert_default();
        let mut new = vec![];
        for (id, sentence) in sentences {
            let first = *seen.entry(*id).or_insert(now);
            if now.duration_since(first) >= hold && self.told.insert(*id) {
                new.push(sentence.clone());
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_twice_nor_before_its_cause_may_be_known() {
        let (mut plain, begun) = (Plain::default(), Instant::now());
        let sentence = |id| (id, format!("fact {id}"));
        assert!(plain.story(&[], begun).is_empty());
        assert_eq!(
            plain.story(&[sentence(1), sentence(3)], begun),
            ["fact 1", "fact 3"]
        );
        // What became known later may have happened before.
        let more = [sentence(4), sentence(1), sentence(3)];
        assert!(plain.story(&more, begun).is_empty());
        let linked = [(4, "fact 4 with its cause".to_owned()), sentence(1), sentence(3)];
        assert_eq!(plain.story(&linked, begun + HOLD), ["fact 4 with its cause"]);
        assert!(plain.story(&linked, begun + HOLD * 2).is_empty());
        // Of an hour before, the last ones.
        let hour: Vec<_> = (1..=100).map(sentence).collect();
        assert_eq!(Plain::default().story(&hour, begun).first().unwrap(), "fact 89");
    }
}
