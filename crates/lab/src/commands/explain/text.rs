//! A story on a terminal.

use std::collections::BTreeSet;

use console::{Style, truncate_str};
use guide::{Language, Message};
use jiff::{ZonedDateTime, civil::Date};
use report::paragraph;
use story::{Fact, Story};
use tell::{Letters, News, Sentence, sentences};

/// How wide the column is in which it stands who did something.
const WHO: usize = 18;

/// The story, after what it cannot know and which letter is which pod.
pub(super) fn all(story: &Story, unknown: &Message, now: &ZonedDateTime, language: Language) -> String {
    let mut teller = Teller::default();
    let ids = story.facts().iter().map(|fact| fact.id).collect();
    let told = teller.lines(story, &ids, now, language);
    let mut text = Teller::head(unknown, language) + &told;
    if story.facts().is_empty() {
        text += &paragraph("", &language.tell(&Message::new("explain-nothing")));
        text.push('\n');
    }
    text
}

/// Tells a story piece by piece.
#[derive(Default)]
pub(super) struct Teller {
    letters: Letters,
    day: Option<Date>,
    news: News,
}

impl Teller {
    /// What a story cannot know.
    pub(super) fn head(unknown: &Message, language: Language) -> String {
        paragraph("", &language.tell(unknown)) + "\n\n"
    }

    /// The lines of some facts, after the letters of pods that were not told of before. Probes that only say what was known before are
    /// left out.
    pub(super) fn lines(
        &mut self,
        story: &Story,
        ids: &BTreeSet<u64>,
        now: &ZonedDateTime,
        language: Language,
    ) -> String {
        let asked = story.facts().iter().filter(|fact| ids.contains(&fact.id));
        let shown: BTreeSet<_> = asked
            .filter(|fact| self.news.is_new(fact))
            .map(|fact| fact.id)
            .collect();
        let is_new = |fact: &Fact| shown.contains(&fact.id);
        let before = self.letters.pods().len();
        story
            .facts()
            .iter()
            .filter(|fact| is_new(fact))
            .for_each(|fact| self.letters.meet(&fact.subject));
        let mut text = String::new();
        if before > 0 && self.letters.pods().len() > before {
            text.push('\n');
        }
        for (letter, name) in self.letters.pods().iter().skip(before) {
            text += &paragraph(&format!("{letter}  "), name);
            text.push('\n');
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let told = sentences(story, &self.letters);
        for sentence in told.iter().filter(|sentence| is_new(sentence.fact)) {
            let at = sentence.at.to_zoned_datetime(now.time_zone().clone());
            if at.date() != self.day.unwrap_or_else(|| now.date()) {
                text += &format!("{}\n", at.date());
            }
            self.day = Some(at.date());
            text += &line(sentence, &at, language);
            text.push('\n');
        }
        text
    }
}

pub(crate) fn line(sentence: &Sentence<'_>, at: &ZonedDateTime, language: Language) -> String {
    // Whoever writes may call itself what it likes.
    let who = language.tell(&sentence.who);
    let who = truncate_str(&who, WHO - 2, "…");
    let first = format!("{}  {who:<WHO$}", at.strftime("%H:%M:%S"));
    let beside = sentence.beside.as_ref().map(|beside| {
        let beside = format!("({})", language.tell(beside));
        format!("  {}", Style::new().dim().apply_to(beside))
    });
    paragraph(
        &first,
        &(language.tell(&sentence.says) + &beside.unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;
    use story::Settings;

    use super::*;

    const FACTS: &str = r#"
        {"id": 1, "what": "created", "who": "replicaset-controller", "source": "pods", "clock": "api_server",
            "earliest": "2026-02-28T14:03:00Z", "latest": "2026-02-28T14:03:01Z",
            "subject": {"kind": "Pod", "namespace": "default", "name": "numbers-api-x", "uid": "x"}}
        {"id": 2, "what": "probed", "probe": "readiness", "ok": false, "run": 1, "of": 1, "period": 5, "says": "500 and so on, and so on",
            "who": "kubelet", "source": "events", "at_least": true, "clock": "kubelet",
            "earliest": "2026-03-01T14:03:10Z", "latest": "2026-03-01T14:03:11Z",
            "subject": {"kind": "Pod", "namespace": "default", "name": "numbers-api-y", "uid": "y", "container": {"name": "api"}}}
        {"id": 3, "what": "ready", "value": false, "who": "somebody-with-a-long-name", "source": "pods", "clock": "kubelet",
            "earliest": "2026-03-01T14:03:10Z", "latest": "2026-03-01T14:03:11Z",
            "subject": {"kind": "Pod", "namespace": "default", "name": "numbers-api-y", "uid": "y"}}
    "#;

    fn story() -> Story {
        // A fact a line.
        let lines = FACTS.replace("\n            ", " ");
        Story::of(Fact::read(&lines).unwrap(), &Settings::default()).unwrap()
    }

    #[test]
    fn a_story_fits_80_columns_in_both_languages() {
        let now: ZonedDateTime = "2026-03-01T18:26:00Z[UTC]".parse().unwrap();
        let told = |language| all(&story(), &Message::new("explain-carried"), &now, language);
        for language in Language::ALL {
            let text = told(language);
            assert!(text.lines().all(|line| measure_text_width(line) <= 80), "{text}");
        }
        insta::assert_snapshot!(told(Language::En));
    }

    #[test]
    fn that_nothing_is_known_is_said() {
        let now: ZonedDateTime = "2026-03-01T18:26:00Z[UTC]".parse().unwrap();
        let none = Story::of(vec![], &Settings::default()).unwrap();
        let text = all(&none, &Message::new("explain-carried"), &now, Language::En);
        assert!(text.ends_with("Nothing is known of that time.\n"), "{text}");
    }

    #[test]
    fn why_a_probe_could_not_be_carried_out_is_said_once() {
        let now: ZonedDateTime = "2026-03-01T18:26:00Z[UTC]".parse().unwrap();
        let fact = |id: u64, what: &str| {
            format!(
                r#"{{"id": {id}, {what}, "source": "events", "clock": "kubelet", "earliest": "2026-03-01T14:04:{id:02}Z", "latest": "2026-03-01T14:04:{id:02}.5Z",
                    "subject": {{"kind": "Pod", "namespace": "default", "name": "a", "uid": "u", "container": {{"name": "api"}}}}}}"#
            )
            .replace('\n', " ")
        };
        let errs = r#""what": "unprobed", "probe": "liveness", "says": "desc = exec: no such file""#;
        let starts = r#""what": "started", "restart": 0, "probed": false"#;
        let lines = [errs, errs, starts, errs].into_iter().enumerate();
        let lines: Vec<_> = lines.map(|(id, what)| fact(id as u64, what)).collect();
        let story = Story::of(Fact::read(&lines.join("\n")).unwrap(), &Settings::default()).unwrap();
        let text = all(&story, &Message::new("explain-carried"), &now, Language::En);
        assert_eq!(text.matches("could not be run").count(), 2, "{text}");
    }

    #[test]
    fn a_story_that_goes_on_names_each_pod_once_and_says_once_that_nothing_was_seen() {
        let now: ZonedDateTime = "2026-03-01T18:26:00Z[UTC]".parse().unwrap();
        let gap = |id: u64, source: &str| {
            format!(
                r#"{{"id": {id}, "what": "gap", "source": "{source}", "clock": "here", "earliest": "2026-03-01T14:04:00Z",
                    "latest": "2026-03-01T14:04:09Z", "subject": {{"kind": "Namespace", "namespace": "", "name": "default"}}}}"#
            )
            .replace('\n', " ")
        };
        let lines = [
            FACTS.replace("\n            ", " "),
            gap(4, "pods"),
            gap(5, "slices"),
        ]
        .join("\n");
        let story = Story::of(Fact::read(&lines).unwrap(), &Settings::default()).unwrap();
        let mut teller = Teller::default();
        let mut told = |ids: &[u64]| teller.lines(&story, &ids.iter().copied().collect(), &now, Language::En);
        let (first, second, third) = (told(&[1]), told(&[2, 3]), told(&[4, 5]));
        assert!(first.starts_with("A  numbers-api-x\n"), "{first}");
        assert!(second.starts_with("\nB  numbers-api-y\n"), "{second}");
        assert_eq!(second.matches("numbers-api-y").count(), 1, "{second}");
        assert_eq!(third.matches("nothing was heard").count(), 1, "{third}");
        assert!(third.contains("9 s"), "{third}");
    }
}
