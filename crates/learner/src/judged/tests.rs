use std::path::{Path, PathBuf};

use guide::Language;

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn exercise(id: &str) -> Exercise {
    Exercise::load(&root(), Language::En, id).unwrap()
}

/// The number of the step that begins with a command.
fn step(id: &str, command: &str) -> usize {
    let exercise = exercise(id);
    let mut steps = exercise.steps.iter();
    1 + steps
        .position(|step| step.action.commands[0].starts_with(command))
        .unwrap()
}

/// What came of each proof, by whether it holds.
fn verdicts(exercise: &Exercise, holds: impl Fn(&Proof) -> bool) -> HashMap<String, Verdict> {
    let proofs = exercise.steps.iter().flat_map(|step| &step.action.proofs);
    let verdict = |proof: &Proof| {
        let holds = holds(proof);
        let hint = (!holds).then(|| Message::new("hint-replicas"));
        Verdict {
            holds,
            observed: Message::Verbatim(String::new()),
            hint,
        }
    };
    proofs.map(|proof| (proof.key(), verdict(proof))).collect()
}

#[test]
fn where_all_is_gone_nothing_else_is_asked_for() {
    let ids = guide::list(&root(), Language::En).unwrap();
    let exercises = ids.iter().map(|id| exercise(id));
    for exercise in exercises.filter(tidies_up) {
        let verdicts = verdicts(&exercise, |proof| proof.claim().is_absence());
        let judged = Judged {
            exercise: &exercise,
            verdicts: &verdicts,
        };
        assert!(judged.is_tidy(), "{}", exercise.id);
        assert!(judged.of_the_end().is_empty(), "{}", exercise.id);
    }
}

/// Where somebody stands of whose proofs those of the steps `there` hold, within the stage of the first of them.
fn at(id: &str, there: &[usize]) -> Standing {
    let exercise = exercise(id);
    let all: Vec<_> = exercise.steps.iter().map(|step| &step.action.proofs).collect();
    let verdicts = verdicts(&exercise, |proof| {
        there.iter().any(|step| all[step - 1].contains(proof))
    });
    let judged = Judged {
        exercise: &exercise,
        verdicts: &verdicts,
    };
    let stages = guide::stages(&exercise, &root().join("k8s")).unwrap();
    let stage = stages
        .iter()
        .find(|stage| (stage.first..=stage.last).contains(&there[0]))
        .unwrap();
    judged.at(judged.last_proven(stage).unwrap())
}

#[test]
fn what_is_next_is_everything_up_to_what_is_missing() {
    let (apply, file) = (1, step("12.1", "kubectl get svc"));
    let there = at("12.1", &[apply]);
    assert_eq!(there.step, Some(apply));
    assert_eq!(there.next, (apply + 1..=file).collect::<Vec<_>>());
    let with_file = at("12.1", &[apply, file]);
    assert_eq!(with_file.next.last(), Some(&step("12.1", "curl")));
    // In 12.4, what comes before the next result changes something.
    let memory = at("12.4", &[step("12.4", "kubectl apply -f memory-allocator/")]);
    let update = step("12.4", "kubectl apply -f memory-allocator/update");
    assert!(memory.next.contains(&update), "{memory:?}");
}

#[test]
fn a_file_that_was_lost_is_written_again_first() {
    let (apply, call) = (1, step("12.1", "curl"));
    let there = at("12.1", &[apply, call]);
    assert_eq!(there.position, Position::At);
    assert_eq!(
        (there.step, there.next[0]),
        (Some(call), step("12.1", "kubectl get svc"))
    );
}

#[test]
fn the_end_is_the_last_step() {
    let exercise = exercise("12.1");
    let mut there = vec![last_telling(&exercise)];
    there.extend(1..=exercise.steps.len());
    let there = at("12.1", &there);
    assert_eq!(
        (there.position, there.step),
        (Position::Done, Some(exercise.steps.len()))
    );
}

#[test]
fn exercises_that_tidy_up_end_as_they_begin() {
    let tidies = |id| tidies_up(&exercise(id));
    assert_eq!(
        ["12.1", "12.2", "12.3", "12.4", "12.5", "12.6", "12.7", "12.8"].map(tidies),
        [false, true, true, false, true, true, true, true]
    );
}

#[test]
fn only_who_came_to_the_end_has_tidied_up() {
    let todo = exercise("12.2");
    let last = last_telling(&todo);
    assert!(!tidied(&todo, None) && !tidied(&todo, Some(last - 1)) && tidied(&todo, Some(last)));
    assert!(!tidied(&exercise("12.1"), Some(99)));
}
