//! Runs that wait for a person, on a cluster that has nothing but a namespace.

use guide::{Action, Pattern, Proof, Step, proof::File};
use serde_json::{Value, json};

use super::*;

/// A server on which a namespace can be made, and is there then.
async fn server() -> String {
    let named = |name: &str| json!({ "metadata": { "name": name, "uid": "1", "resourceVersion": "1" } });
    fake::server(move |request| match request {
        "GET /version" => fake::version("1", "37"),
        "GET /api/v1/namespaces" => fake::list(&[]),
        "POST /api/v1/namespaces" => (201, named("lab-12-1-0000002a")),
        request if request.ends_with("/serviceaccounts") => {
            let list: Value = json!({ "metadata": { "resourceVersion": "1" }, "items": [named("default")] });
            (200, list)
        }
        _ => (200, named("lab-12-1-0000002a")),
    })
    .await
}

fn step(command: &str, prints: &str, proof: Option<&str>) -> Step {
    let proof = proof.map(|name| {
        Proof::File(File {
            name: name.into(),
            holds: "hi".into(),
        })
    });
    Step {
        section: "Files".into(),
        line: 1,
        sample: None,
        before: format!("Before {command}"),
        after: format!("After {command}"),
        action: Action {
            commands: vec![command.into()],
            prints: Some(Pattern::parse(prints).unwrap()),
            proofs: proof.into_iter().collect(),
            ..Action::default()
        },
    }
}

/// What is told of a run at whose stops somebody does something and then presses Enter, or Ctrl-C.
async fn told(steps: Vec<Step>, mut at_a_stop: impl FnMut(&str, &[Event]) -> bool) -> Vec<Event> {
    let exercise = Exercise {
        steps,
        ..Exercise::load(&clone(), Language::En, "12.1").unwrap()
    };
    let runs = tempfile::tempdir().unwrap();
    let (finger, enter) = Enter::new();
    let settings = Settings {
        runs: runs.path().join("runs"),
        keep: true,
        enter: Some(enter),
        ..settings(at(&server().await))
    };
    let (stopper, stop) = Stop::new();
    let mut events = vec![];
    let mut tell = |event: Event| {
        if let Event::Paused { says } = &event {
            if at_a_stop(says, &events) {
                finger.send(()).unwrap();
            } else {
                // Asked twice, as nothing can be removed here.
                stopper.stop(Signal::Interrupt);
                stopper.stop(Signal::Interrupt);
            }
        }
        events.push(event);
    };
    // How it ended is told too.
    let _ = run(&exercise, &settings, &stop, &mut tell).await;
    events
}

fn ending(events: &[Event]) -> &Ending {
    match events.last() {
        Some(Event::RunFinished { ending, .. }) => ending,
        other => panic!("{other:?}"),
    }
}

/// What of a run has to do with its pace.
fn pace(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter_map(|event| match event {
        Event::Paused { says } => Some(format!("? {says}")),
        Event::CommandStarted { command, .. } => Some(format!("$ {command}")),
        Event::Seen { expected, .. } => Some(expected.clone()),
        Event::Warning { message } => Some(format!("! {message}")),
        _ => None,
    });
    told.collect()
}

#[tokio::test]
async fn a_run_stops_before_and_after_each_step_and_says_what_the_guide_says() {
    let mut quiet = step("echo b", "b", None);
    quiet.before.clear();
    let events = told(vec![step("echo a", "a", None), quiet], |_, _| true).await;
    assert_eq!(
        pace(&events),
        [
            "? Before echo a",
            "$ echo a",
            "printed what the guide shows",
            // Where the guide leads to nothing, one stop between two steps is enough.
            "? After echo a",
            "$ echo b",
            "printed what the guide shows",
            "? After echo b",
        ]
    );
    assert_eq!(ending(&events), &Ending::Seen);
    let resumed = events
        .iter()
        .filter(|event| matches!(event, Event::Resumed { .. }));
    assert_eq!(resumed.count(), 3);
    let kept = ["lab-12-1-0000002a".to_owned()];
    let says_so =
        |event: &Event| matches!(event, Event::CleanupFinished { kept: names, .. } if *names == kept);
    assert!(events.iter().any(says_so), "{events:?}");
}

#[tokio::test]
async fn what_comes_about_while_a_person_is_waited_for_is_said_and_no_miss() {
    let steps = || vec![step("pwd", "/……", None), step("echo hi | tee x", "hi", Some("x"))];
    let write = |events: &[Event]| {
        let folder = events.iter().find_map(|event| match event {
            Event::CommandFinished { output, .. } => Some(output.trim()),
            _ => None,
        });
        std::fs::write(Path::new(folder.unwrap()).join("x"), "hi").unwrap();
    };
    let events = told(steps(), |says, events| {
        if says == "After pwd" {
            write(events);
        }
        true
    })
    .await;
    let told = pace(&events);
    let warning = told.iter().position(|line| line.starts_with("! This happened"));
    assert!(
        warning < told.iter().position(|line| line.starts_with("$ echo hi")),
        "{told:?}"
    );
    assert!(warning.is_some() && ending(&events) == &Ending::Seen, "{told:?}");
    let told = pace(&told_without_help(steps()).await);
    assert!(!told.iter().any(|line| line.starts_with('!')), "{told:?}");
}

async fn told_without_help(steps: Vec<Step>) -> Vec<Event> {
    told(steps, |_, _| true).await
}

#[tokio::test]
async fn a_person_may_stop_the_run_where_it_waits() {
    let events = told(vec![step("echo a", "a", None)], |_, _| false).await;
    assert_eq!(ending(&events), &Ending::Interrupted { signal: "SIGINT" });
    assert!(
        !pace(&events).iter().any(|line| line.starts_with('$')),
        "{events:?}"
    );
}
