//! Negative controls: on manifests that are broken in one place, an exercise misses what the guide promises there.

mod limits;
mod probes;
mod resources;
mod starting_and_stopping;
mod updates;

use std::time::Duration;

use guide::{Exercise, Footprint, Proof};
use report::{Event, Miss};
use runner::Outcome;
use serde_json::Value;
use tempfile::TempDir;

use crate::exercises::{EXERCISES, exercise, root, run, settings};

/// How long each proof is waited for: longer than any takes that is seen, and the time that each control costs.
const DEADLINE: Duration = Duration::from_secs(40);
/// The same where all that is seen is there at once.
const SOON: Duration = Duration::from_secs(15);

fn missed(events: &[Event]) -> &Miss {
    let miss = events.iter().find_map(|event| {
        if let Event::Missed(miss) = event {
            Some(miss)
        } else {
            None
        }
    });
    miss.unwrap_or_else(|| panic!("nothing was missed: {events:#?}"))
}

/// A copy of what a run needs of the clone.
fn copied() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["k8s", "helm"] {
        let copied = std::process::Command::new("cp")
            .arg("--archive")
            .arg(root().join(name))
            .arg(folder.path())
            .status();
        assert!(copied.unwrap().success());
    }
    folder
}

/// A copy in which a file has other lines.
fn with_text(file: &str, from: &str, to: &str) -> TempDir {
    let folder = copied();
    put_text(&folder, file, from, to);
    folder
}

fn put_text(folder: &TempDir, file: &str, from: &str, to: &str) {
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// A copy in which each object of the manifests is what `change` makes of it, given its file below `k8s/`.
fn changed(change: impl Fn(&str, &mut Value)) -> TempDir {
    let folder = copied();
    let mut changes = 0;
    let mut folders = vec![folder.path().join("k8s")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                let before: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
                let mut objects = before.clone();
                let file = path
                    .strip_prefix(folder.path().join("k8s"))
                    .unwrap()
                    .display()
                    .to_string();
                objects.iter_mut().for_each(|object| change(&file, object));
                changes += usize::from(objects != before);
                // JSON is YAML, as which kubectl takes it if the file does not begin with a brace.
                let documents: Vec<_> = objects.iter().map(|object| format!("---\n{object}\n")).collect();
                std::fs::write(path, documents.concat()).unwrap();
            }
        }
    }
    assert!(
        changes > 0,
        "the manifests have nothing that could be changed like this"
    );
    folder
}

/// The fields of an object's only container, if it has one.
fn container(object: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    object
        .pointer_mut("/spec/template/spec/containers/0")?
        .as_object_mut()
}

/// The steps of an exercise from the one that begins with one command to the one that begins with another.
fn part(id: &str, from: &str, to: &str) -> Exercise {
    let mut exercise = exercise(id);
    let step = |exercise: &Exercise, command: &str| {
        let mut steps = exercise.steps.iter();
        let found = steps.position(|step| step.action.commands[0] == command);
        found.unwrap_or_else(|| panic!("{id} has no step that begins with {command:?}"))
    };
    exercise.steps.truncate(step(&exercise, to) + 1);
    exercise.steps.drain(..step(&exercise, from));
    exercise
}

/// The steps of an exercise that have these commands, which each of theirs begins with, without their other commands and
/// without what is printed.
fn steps(id: &str, commands: &[&str]) -> Exercise {
    let all = exercise(id);
    let step = |command: &&str| {
        let begins = |typed: &String| typed.starts_with(command);
        let found = all
            .steps
            .iter()
            .find(|step| step.action.commands.iter().any(begins));
        let mut step = found
            .unwrap_or_else(|| panic!("{id} has no command that begins with {command:?}"))
            .clone();
        step.action.commands.retain(begins);
        step.action.prints = None;
        step
    };
    let steps = commands.iter().map(step).collect();
    Exercise { steps, ..all }
}

/// The same with some of the proofs.
fn with_proofs(mut exercise: Exercise, wanted: fn(&Proof) -> bool) -> Exercise {
    for step in &mut exercise.steps {
        step.action.proofs.retain(wanted);
    }
    exercise
}

/// Runs an exercise on a changed clone, and requires that something is missed which says `expected`, where there was
/// `observed`.
async fn missed_on(clone: &TempDir, exercise: Exercise, deadline: Duration, expected: &str, observed: &str) {
    let applied = Footprint::of(&exercise, &root().join("k8s")).unwrap();
    let is_shared = |object: &guide::Object| matches!(object.kind.as_str(), "Namespace" | "PriorityClass");
    let _not_beside_all = match applied.objects.iter().any(is_shared) {
        true => Some(EXERCISES.read().await),
        false => None,
    };
    let settings = settings(&exercise, clone.path().into(), deadline);
    let (result, events) = run(&exercise, &settings, None).await;
    assert!(
        matches!(result, Ok(Outcome::Missed)),
        "{}: {result:?}",
        exercise.id
    );
    let miss = missed(&events);
    assert!(
        miss.expected.contains(expected) && miss.observed.contains(observed),
        "{}: {miss:#?}",
        exercise.id
    );
}

async fn missed_after(
    exercise: Exercise,
    deadline: Duration,
    expected: &str,
    observed: &str,
    change: impl Fn(&str, &mut Value),
) {
    missed_on(&changed(change), exercise, deadline, expected, observed).await;
}
