//! The screen, as lines that fit it.

use console::{Style, truncate_str};
use guide::{Language, Message};
use report::paragraph;

use super::view::View;
use crate::commands::check::text;

/// How many lines of the story stay, where both would not fit.
const STORY: usize = 4;

/// At most `rows` lines of at most `columns`.
pub(super) fn screen(view: &View, (rows, columns): (usize, usize), language: Language) -> Vec<String> {
    let keys = match view.asks {
        true => Style::new()
            .bold()
            .apply_to(language.tell(&Message::new("watch-sure"))),
        false => Style::new()
            .dim()
            .apply_to(language.tell(&Message::new("watch-keys"))),
    };
    let room = rows.saturating_sub(2);
    let above = match view.explains {
        true => [lacks(view, language), view.legend.clone()].concat(),
        false => above(view, language),
    };
    let most = match view.explains {
        true => room.saturating_sub(above.len() + usize::from(!above.is_empty())),
        false => STORY.max(room.saturating_sub(above.len() + 1)).min(room),
    };
    let story = last(&view.story, most);
    let between = usize::from(!story.is_empty());
    let mut lines = fitted(above, room.saturating_sub(story.len() + between), language);
    if !lines.is_empty() && !story.is_empty() {
        // In place of an empty line: who is called what.
        let legend = if view.explains {
            String::new()
        } else {
            view.legend.join("   ")
        };
        lines.push(Style::new().dim().apply_to(legend).to_string());
    }
    lines.extend(story);
    lines.resize(lines.len().max(rows.saturating_sub(1)), String::new());
    lines.push(keys.to_string());
    lines.truncate(rows);
    let short = |line: &String| truncate_str(line, columns, "…").into_owned();
    lines.iter().map(short).collect()
}

/// The last sentences, whole ones, that take no more than `most` lines: what is new is at the end.
fn last(story: &[(u64, String)], most: usize) -> Vec<String> {
    let mut lines = 0;
    let from_the_end = story.iter().rev().take_while(|(_, sentence)| {
        lines += sentence.lines().count();
        lines <= most
    });
    let first = story.len() - from_the_end.count();
    story[first..]
        .iter()
        .flat_map(|(_, sentence)| sentence.lines())
        .map(str::to_owned)
        .collect()
}

/// What a story does not have.
fn lacks(view: &View, language: Language) -> Vec<String> {
    let all = view
        .lacks
        .iter()
        .map(|lack| paragraph("! ", &language.tell(lack)));
    all.flat_map(|lack| lack.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Where the learner stands.
pub(super) fn above(view: &View, language: Language) -> Vec<String> {
    let mut text = match &view.report {
        Some(report) if view.next && !report.next.is_empty() => text::commands(report, language),
        Some(report) => text::standing(report, language),
        None => language.tell(&Message::new("check-looking")) + "\n",
    };
    for wish in &view.unapplied {
        let message = Message::new("watch-unapplied")
            .with("file", wish.file.display().to_string())
            .with("object", &wish.object);
        text += &format!("{}\n", paragraph("! ", &language.tell(&message)));
    }
    if let Some(trouble) = &view.trouble {
        text += &format!("{}\n", paragraph("! ", &language.tell(trouble)));
    }
    text.lines().map(str::to_owned).collect()
}

/// The first of these lines, and that there are more.
fn fitted(mut lines: Vec<String>, room: usize, language: Language) -> Vec<String> {
    if lines.len() > room {
        lines.truncate(room.saturating_sub(1));
        lines.push(language.tell(&Message::new("watch-more")));
        lines.truncate(room);
    }
    lines
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;
    use learner::Unapplied;

    use super::*;

    fn view(sentences: usize) -> View {
        let sentence = |n: usize| {
            paragraph(
                "14:03:10  kubelet           ",
                &format!("the {n}th thing: B is not ready, and so on, and so on and on"),
            )
        };
        View {
            unapplied: vec![Unapplied {
                file: "numbers/update/api-with-readiness.yaml".into(),
                object: "Deployment numbers-api".into(),
            }],
            trouble: Some(
                Message::new("watch-silent")
                    .with("reason", "connection refused")
                    .with("since", "14:03:02"),
            ),
            legend: vec!["A  numbers-api-x".into(), "B  numbers-api-y".into()],
            story: (1..=sentences).map(|n| (n as u64, sentence(n))).collect(),
            ..View::default()
        }
    }

    #[test]
    fn a_screen_is_filled_and_never_overfilled() {
        for language in Language::ALL {
            for size in [(24, 80), (50, 200), (10, 40), (3, 20), (1, 1), (0, 0)] {
                for explains in [false, true] {
                    let view = View { explains, ..view(30) };
                    let lines = screen(&view, size, language);
                    assert_eq!(lines.len(), size.0, "{size:?}");
                    let widest = lines.iter().map(|line| measure_text_width(line)).max();
                    assert!(widest.unwrap_or(0) <= size.1, "{size:?}: {lines:#?}");
                }
            }
        }
    }

    #[test]
    fn what_happened_last_is_seen_and_so_is_what_to_do() {
        let lines = screen(&view(30), (24, 80), Language::En);
        insta::assert_snapshot!(lines.join("\n"));
    }
}
