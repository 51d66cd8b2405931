//! A story on a terminal.

use console::Style;
use guide::{Language, Message};
use jiff::ZonedDateTime;
use report::paragraph;
use story::Story;
use tell::{Letters, Sentence, sentences};

/// How wide the column is in which it stands who did something.
const WHO: usize = 18;

/// The story, after what it cannot know and which letter is which pod.
pub(super) fn all(story: &Story, unknown: &Message, now: &ZonedDateTime, language: Language) -> String {
    let letters = Letters::of(story.facts());
    let mut text = paragraph("", &language.tell(unknown)) + "\n\n";
    for (letter, name) in letters.pods() {
        text += &paragraph(&format!("{letter}  "), name);
        text.push('\n');
    }
    if !letters.pods().is_empty() {
        text.push('\n');
    }
    let mut day = now.date();
    for sentence in sentences(story, &letters) {
        let at = sentence
            .fact
            .when
            .earliest()
            .to_zoned_datetime(now.time_zone().clone());
        if at.date() != day {
            day = at.date();
            text += &format!("{day}\n");
        }
        text += &line(&sentence, &at, language);
        text.push('\n');
    }
    if story.facts().is_empty() {
        text += &paragraph("", &language.tell(&Message::new("explain-nothing")));
        text.push('\n');
    }
    text
}

fn line(sentence: &Sentence<'_>, at: &ZonedDateTime, language: Language) -> String {
    let first = format!(
        "{}  {:<WHO$}",
        at.strftime("%H:%M:%S"),
        language.tell(&sentence.who)
    );
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
    use story::{Fact, Settings};

    use super::*;

    const FACTS: &str = r#"
        {"id": 1, "what": "created", "who": "replicaset-controller", "source": "pods", "clock": "api_server",
            "earliest": "2026-02-28T14:03:00Z", "latest": "2026-02-28T14:03:01Z",
            "subject": {"kind": "Pod", "namespace": "default", "name": "numbers-api-x", "uid": "x"}}
        {"id": 2, "what": "probed", "probe": "readiness", "ok": false, "run": 1, "of": 1, "period": 5, "says": "500 and so on, and so on",
            "who": "kubelet", "source": "events", "at_least": true, "clock": "kubelet",
            "earliest": "2026-03-01T14:03:10Z", "latest": "2026-03-01T14:03:11Z",
            "subject": {"kind": "Pod", "namespace": "default", "name": "numbers-api-y", "uid": "y", "container": {"name": "api"}}}
        {"id": 3, "what": "ready", "value": false, "who": "kubelet", "source": "pods", "clock": "kubelet",
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
}
