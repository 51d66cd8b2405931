use std::sync::atomic::{AtomicI64, Ordering};

use guide::Language;
use jiff::Timestamp;

use super::{text::WIDTH, *};

mod projector;
pub(crate) mod schema;

/// The events, a quarter of a second apart.
fn stamped(events: &[Event]) -> impl Iterator<Item = Stamped> {
    (0..).zip(events).map(|(quarter, event): (i32, _)| Stamped {
        at: Timestamp::from_millisecond(1_790_000_000_000 + i64::from(quarter) * 250).unwrap(),
        elapsed: f64::from(quarter) / 4.0,
        event: event.clone(),
    })
}

fn started(language: Language) -> Event {
    Event::RunStarted {
        exercise: "12.1".into(),
        title: "Readiness probes: traffic for healthy pods only".into(),
        language,
        steps: 3,
        usual: 52.0,
        context: "lab".into(),
        namespace: "lab-12-1-0000002a".into(),
    }
}

fn step(number: usize, section: &str) -> Event {
    Event::StepStarted {
        step: number,
        section: section.into(),
    }
}

fn begun(command: &str) -> Event {
    Event::CommandStarted {
        command: command.into(),
        at_least: 0.0,
        gives_up: None,
        limit: 90.0,
    }
}

fn ended(command: &str, output: &str, exit_code: Option<i32>) -> Event {
    Event::CommandFinished {
        command: command.into(),
        output: output.into(),
        shown: vec![],
        exit_code,
        took: 0.25,
    }
}

fn command(command: &str, output: &str, exit_code: Option<i32>) -> [Event; 2] {
    [begun(command), ended(command, output, exit_code)]
}

fn miss() -> Miss {
    Miss {
        expected: "numbers-api has 1 ready endpoint; callers of numbers-api/healthz get 200".into(),
        observed: "numbers-api has 2 ready endpoints (numbers-api-7d9c-a, numbers-api-7d9c-b); callers of \
                   numbers-api/healthz get 200 (17 of 32), 500 (15 of 32)"
            .into(),
        guide: "guide/en/12.1.md:210".into(),
        look_at: vec!["kubectl -n lab-12-1-0000002a describe service numbers-api".into()],
        pods: vec!["numbers-api-7d9c-a Running, 1/1 ready, 0 restarts".into()],
        events: vec![
            "Warning Unhealthy numbers-api-7d9c-a: Readiness probe failed: \u{1b}[31mHTTP 500".into(),
        ],
        story: vec![
            "A = numbers-api-7d9c-a".into(),
            "14:13:19  kubelet: A is not ready (0-1 s later)".into(),
        ],
    }
}

/// A run in which the third step is never reached.
fn a_miss(language: Language) -> Vec<Event> {
    let seen = |expected: &str, took| Event::Seen {
        expected: expected.into(),
        observed: String::new(),
        took,
    };
    vec![
        started(language),
        step(1, "Two pods, and nobody asks how they are"),
        begun("kubectl apply -f numbers/"),
        ended(
            "kubectl apply -f numbers/",
            "deployment.apps/numbers-api created\nservice/numbers-api created\n",
            Some(0),
        ),
        seen("printed what the guide shows", 0.0),
        Event::ProofStarted {
            expected: "numbers-api has 2 ready endpoints".into(),
            at_least: 11.0,
            limit: 60.0,
        },
        seen(
            "numbers-api has 2 ready endpoints; callers of numbers-api/healthz get 200; so it stays for 11 s",
            12.4,
        ),
        Event::StepFinished { step: 1 },
        step(2, "A question every five seconds"),
        begun("curl \"$(cat api-url.txt)/rng\""),
        ended("curl \"$(cat api-url.txt)/rng\"", "57", Some(0)),
        begun("kubectl get svc numbers-api \\\n  > api-url.txt"),
        ended("kubectl get svc numbers-api \\\n  > api-url.txt", "", Some(7)),
        Event::Missed(miss()),
        Event::CleanupStarted { limit: 120.0 },
        Event::CleanupFinished {
            kept: vec![],
            took: 6.0,
        },
        Event::RunFinished {
            exercise: "12.1".into(),
            ending: Ending::Missed,
            seen: 2,
            took: 93.2,
            times: Times {
                commands: 20.5,
                waiting: 60.1,
                cleaning_up: 6.0,
            },
        },
        Event::AllFinished { took: 93.4 },
    ]
}

#[test]
fn an_event_has_the_time_at_which_it_is_stamped() {
    static TIME: AtomicI64 = AtomicI64::new(0);
    let clock = Clock::start(|| Timestamp::from_second(TIME.fetch_add(60, Ordering::Relaxed)).unwrap());
    let stamps = [1, 2].map(|step| clock.stamp(Event::StepFinished { step }));
    assert_eq!(stamps.each_ref().map(|stamp| stamp.at.as_second()), [0, 60]);
    assert!(stamps.is_sorted_by_key(|stamp| stamp.elapsed) && stamps[0].elapsed >= 0.0);
}

fn draw(events: &[Event], look: Look) -> String {
    let mut out = Vec::new();
    let mut terminal = Terminal::new(&mut out, look);
    for event in stamped(events) {
        terminal.take(&event).unwrap();
    }
    String::from_utf8(out).unwrap()
}

const PLAIN: Look = Look {
    colour: false,
    unicode: true,
};

#[test]
fn a_miss_in_plain_text() {
    insta::assert_snapshot!(draw(&a_miss(Language::En), PLAIN));
}

#[test]
fn a_miss_in_korean_and_ascii_marks() {
    insta::assert_snapshot!(draw(
        &a_miss(Language::Ko),
        Look {
            colour: false,
            unicode: false
        }
    ));
}

#[test]
fn colour_only_adds_colour() {
    let events = a_miss(Language::En);
    let coloured = draw(
        &events,
        Look {
            colour: true,
            unicode: true,
        },
    );
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(console::strip_ansi_codes(&coloured), draw(&events, PLAIN));
}

#[test]
fn lines_fit_80_columns() {
    for language in Language::ALL {
        for line in draw(&a_miss(language), PLAIN).lines() {
            assert!(console::measure_text_width(line) <= WIDTH, "{line}");
        }
    }
}

#[test]
fn what_a_program_prints_cannot_move_the_cursor() {
    let events = [
        started(Language::En),
        ended("x", "a\u{1b}[2Jb\u{7}\tc\n", Some(0)),
    ];
    assert!(draw(&events, PLAIN).contains("  ab    c\n"));
}

#[test]
fn the_end_says_how_it_went() {
    for (ending, line) in [
        (Ending::Seen, "✓ SEEN: 9 proofs, 61 s"),
        (
            Ending::Interrupted { signal: "SIGINT" },
            "✗ INTERRUPTED (SIGINT): 9 proofs, 61 s",
        ),
        (
            Ending::Failed { error: "gone".into() },
            "✗ FAILED: 9 proofs, 61 s",
        ),
    ] {
        let text = draw(
            &[
                started(Language::En),
                Event::RunFinished {
                    exercise: "12.1".into(),
                    ending,
                    seen: 9,
                    took: 61.0,
                    times: Times::default(),
                },
            ],
            PLAIN,
        );
        assert!(text.ends_with(&format!("{line}\n")), "{text}");
    }
}

#[test]
fn a_run_that_never_began_says_which_it_was() {
    let mut events = a_miss(Language::En);
    events.pop();
    events.push(Event::RunFinished {
        exercise: "12.5".into(),
        ending: Ending::Interrupted { signal: "SIGHUP" },
        seen: 0,
        took: 0.0,
        times: Times::default(),
    });
    let text = draw(&events, PLAIN);
    assert!(
        text.ends_with("\n12.5\n✗ INTERRUPTED (SIGHUP): 0 proofs, 0 s\n"),
        "{text}"
    );
}

#[test]
fn all_that_is_kept_is_named() {
    let kept = ["lab-12-6-0000002a", "pi-dev"].map(str::to_owned).to_vec();
    let text = draw(
        &[started(Language::En), Event::CleanupFinished { kept, took: 0.0 }],
        PLAIN,
    );
    assert!(
        text.contains("kubectl delete namespace lab-12-6-0000002a pi-dev\n"),
        "{text}"
    );
}

fn json(events: &[Event]) -> String {
    let mut out = Vec::new();
    let mut json = Json::new(&mut out);
    for event in stamped(events) {
        json.take(&event).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_miss_in_json() {
    insta::assert_snapshot!(json(&a_miss(Language::En)));
}

fn junit(events: &[Event]) -> String {
    let mut out = Vec::new();
    let mut junit = Junit::new(&mut out);
    for event in stamped(events) {
        junit.take(&event).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_miss_in_junit() {
    insta::assert_snapshot!(junit(&a_miss(Language::En)));
}

#[test]
fn a_run_that_never_began_is_an_error_in_junit() {
    let ending = Ending::Failed {
        error: "the cluster does not answer".into(),
    };
    insta::assert_snapshot!(junit(&[
        Event::RunFinished {
            exercise: "12.1".into(),
            ending,
            seen: 0,
            took: 0.0,
            times: Times::default(),
        },
        Event::AllFinished { took: 0.0 },
    ]));
}

#[test]
fn several_runs_end_with_where_the_time_went() {
    for (language, look) in [(Language::En, PLAIN), (Language::Ko, PLAIN)] {
        let mut events = a_miss(language);
        events.pop();
        events.extend([
            started(language),
            Event::RunFinished {
                exercise: "12.2".into(),
                ending: Ending::Seen,
                seen: 31,
                took: 148.9,
                times: Times {
                    commands: 100.0,
                    waiting: 40.0,
                    cleaning_up: 4.0,
                },
            },
            Event::AllFinished { took: 149.2 },
        ]);
        let text = draw(&events, look);
        assert!(
            text.lines()
                .all(|line| console::measure_text_width(line) <= WIDTH)
        );
        let end = text.lines().rev().take(8).collect::<Vec<_>>();
        let end = end.into_iter().rev().collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(format!("all_{language:?}"), end);
        assert_eq!(junit(&events).matches("<testsuite ").count(), 2);
    }
}
