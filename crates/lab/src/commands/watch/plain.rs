//! Lines for where there is no terminal: what is new, and nothing twice.

use guide::Language;
use jiff::ZonedDateTime;

use super::{screen, view::View};

/// How many sentences are told of what was before: a record has an hour of them, which `lab explain` tells.
const BEFORE: usize = 12;

/// What was printed.
#[derive(Default)]
pub(super) struct Plain {
    above: Vec<String>,
    /// The last fact that was told.
    told: u64,
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

    /// The sentences that were not told yet.
    pub(super) fn story(&mut self, sentences: &[(u64, String)]) -> Vec<String> {
        let told = self.told;
        self.told = sentences.iter().map(|(id, _)| *id).max().unwrap_or(0).max(told);
        let new: Vec<_> = sentences.iter().filter(|(id, _)| *id > told).collect();
        let left_out = if told == 0 {
            new.len().saturating_sub(BEFORE)
        } else {
            0
        };
        new.into_iter()
            .skip(left_out)
            .map(|(_, sentence)| sentence.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_told_twice() {
        let mut plain = Plain::default();
        let sentence = |id| (id, format!("fact {id}"));
        assert_eq!(plain.story(&[sentence(1), sentence(3)]), ["fact 1", "fact 3"]);
        // What became known later may have happened before.
        assert_eq!(plain.story(&[sentence(4), sentence(1), sentence(3)]), ["fact 4"]);
        assert!(plain.story(&[]).is_empty());
        // Of an hour before, the last ones.
        let hour: Vec<_> = (1..=100).map(sentence).collect();
        assert_eq!(Plain::default().story(&hour).first().unwrap(), "fact 89");
    }
}
