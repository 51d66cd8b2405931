//! The page and its parts, in one language. All that comes from a cluster is escaped by the templates.

use std::sync::Arc;

use askama::Template;
use guide::Language;

use crate::{
    State,
    lines::{Section, others, section},
    state::{Answer, Frozen, Requests},
    words::Words,
};

/// How many requests stand in the row of marks.
const MARKS: usize = 9;

/// A part of the page: the id of its element, and its markup.
pub(crate) type Part = (&'static str, Arc<str>);

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    code: &'static str,
    words: Words,
    state: &'a State,
    parts: &'a [Part],
    frozen: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "services.html")]
struct Services<'a> {
    words: Words,
    sections: Vec<Section<'a>>,
    big: bool,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct Asked<'a> {
    words: Words,
    all: Vec<Row<'a>>,
    several: bool,
}

#[derive(Template)]
#[template(path = "story.html")]
struct Story<'a> {
    state: &'a State,
}

#[derive(Template)]
#[template(path = "buttons.html")]
struct Buttons {
    /// What is sent, and what stands on the button.
    all: Vec<(String, String)>,
}

/// What is asked of a Service.
struct Row<'a> {
    of: &'a Requests,
    service: String,
    path: Option<String>,
    headline: String,
    marks: Vec<Mark<'a>>,
    failures: Vec<(String, String)>,
}

/// One request, as a mark.
struct Mark<'a> {
    by: &'a str,
    ok: bool,
}

/// The parts of the page, by the ids of their elements.
pub(crate) fn parts(state: &State, language: Language) -> Vec<(&'static str, String)> {
    let words = Words(language);
    let alone = state.services.len() + usize::from(!state.other_pods.is_empty()) <= 1;
    let sections = state.services.iter().map(|service| {
        let name = called(&service.namespace, &service.name, state);
        section(service, name, words)
    });
    let others = (!state.other_pods.is_empty()).then(|| others(&state.other_pods, words));
    let several = state.requests.len() > 1;
    let asked = state.requests.iter().map(|of| {
        let service = called(&of.namespace, &of.service, state);
        row(of, service, several, words)
    });
    vec![
        (
            "services",
            drawn(&Services {
                words,
                sections: sections.chain(others).collect(),
                big: alone,
            }),
        ),
        (
            "requests",
            drawn(&Asked {
                words,
                all: asked.collect(),
                several,
            }),
        ),
        (
            "buttons",
            drawn(&Buttons {
                all: state
                    .requests
                    .iter()
                    .filter(|of| of.breakable)
                    .map(|of| button(of, state, words))
                    .collect(),
            }),
        ),
        ("story", drawn(&Story { state })),
    ]
}

/// The whole page, with these parts in it; `frozen` says that it stands still.
pub(crate) fn whole(state: &State, parts: &[Part], frozen: Option<&str>, language: Language) -> String {
    drawn(&Page {
        code: language.code(),
        words: Words(language),
        state,
        parts,
        frozen,
    })
}

/// That the page stands still, and since when.
pub(crate) fn frozen(frozen: &Frozen, language: Language) -> String {
    let words = Words(language);
    words.say_with("board-frozen", &[("what", (&*frozen.what).into())])
}

/// None of the templates can fail: they write strings into a string.
fn drawn(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

/// A Service's name; with its namespace where another has the same.
fn called(namespace: &str, name: &str, state: &State) -> String {
    let mut others = state.services.iter();
    match others.any(|other| other.name == name && other.namespace != namespace) {
        true => format!("{name} ({namespace})"),
        false => name.into(),
    }
}

fn button(of: &Requests, state: &State, words: Words) -> (String, String) {
    let service = called(&of.namespace, &of.service, state);
    let label = words.say_with("board-break", &[("service", service.into())]);
    (format!("{}/{}", of.namespace, of.service), label)
}

fn row(of: &Requests, service: String, several: bool, words: Words) -> Row<'_> {
    let told = |answer: &Answer| {
        let by = answer.by.clone().unwrap_or_else(|| words.say("board-someone"));
        match (answer.status, answer.outcome) {
            (Some(status), _) => {
                let path = (&*answer.path).into();
                let values = [
                    ("by", by.into()),
                    ("path", path),
                    ("status", status.to_string().into()),
                ];
                // The path that is asked all the time stands above.
                if of.path.as_ref() == Some(&answer.path) {
                    words.say_with("board-answered", &values)
                } else {
                    words.say_with("board-answered-to", &values)
                }
            }
            (None, "refused") => words.say("board-refused"),
            (None, "unreachable") => words.say("board-unreachable"),
            (None, "timeout") => words.say("board-timeout"),
            (None, _) => words.say("board-broken"),
        }
    };
    let mut last: Vec<_> = of.last.iter().take(MARKS).collect();
    last.reverse();
    let marks = last.into_iter().map(|answer| Mark {
        by: match answer.status {
            Some(_) => answer.by.as_deref().unwrap_or("?"),
            None => "–",
        },
        ok: answer.ok,
    });
    Row {
        of,
        service,
        path: of
            .path
            .as_ref()
            .map(|path| words.say_with("board-asks", &[("path", (&**path).into())])),
        headline: match of.asked {
            0 => of.why_not.clone().unwrap_or_default(),
            asked => words.say_with(
                "board-failed",
                &[("failed", of.failed.into()), ("asked", asked.into())],
            ),
        },
        marks: marks.collect(),
        failures: of
            .failures
            .iter()
            // Where there are several Services, room is short.
            .take(if several { 1 } else { usize::MAX })
            .map(|answer| (answer.at.to_string(), told(answer)))
            .collect(),
    }
}
