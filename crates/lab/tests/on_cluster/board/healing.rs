//! 12.2: pods that stay broken, the update that has them restarted, and a container that never gets well.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Board, items, lettered, letters, tells, with_readiness};
use crate::{
    exercises::EXERCISES,
    programs::{Namespace, printed},
};

#[test]
#[ignore = "needs a cluster"]
fn the_board_shows_pods_that_are_stuck_their_update_and_the_restart_that_heals() {
    let _not_beside_all = EXERCISES.blocking_read();
    let namespace = with_readiness();
    let board = Board::open("12.2", &namespace);
    // As 12.1 leaves them.
    for left in [2, 1] {
        board.until_served("numbers-api", (left, 2));
        board.press("numbers-api");
    }
    let stuck = board.until_served("numbers-api", (0, 2));
    let stuck = letters(board.service(&stuck, "numbers-api"), false);
    assert_eq!(stuck.len(), 2);
    board.until("both are out by their probes, and nobody answers", |state| {
        let service = board.service(state, "numbers-api");
        let last = &state["requests"][0]["last"][0];
        let why = |letter: &String| lettered(service, letter)["why"] == "readiness probe failed: 500";
        stuck.iter().all(why) && last["ok"] == false && last["by"] == Value::Null
    });

    namespace.apply("numbers/update/api-with-readiness-and-liveness.yaml");
    board.until("old and new pods beside each other", |state| {
        let pods = items(&board.service(state, "numbers-api")["pods"]);
        let made_by = pods.filter_map(|pod| pod["owner"].as_str());
        made_by.collect::<BTreeSet<_>>().len() == 2
    });
    let healed = board.until("two new ones get traffic, and the old ones are gone", |state| {
        let letters = letters(board.service(state, "numbers-api"), true);
        letters.len() == 2 && !letters.iter().any(|letter| stuck.contains(letter))
    });
    assert_eq!(healed["requests"][0]["path"], "/healthz");

    board.press("numbers-api");
    let one = board.until_served("numbers-api", (1, 2));
    let out = letters(board.service(&one, "numbers-api"), false).remove(0);
    // One second is asked for, and the kubelet gives two at the least.
    let killed = format!("{out} has to end: its liveness probe failed (2 s of grace)");
    board.until("why it is to end", |state| tells(state, &killed));
    board.until("it was started again, and gets traffic", |state| {
        let service = board.service(state, "numbers-api");
        let pod = lettered(service, &out);
        pod["restarts"] == 1 && letters(service, true).len() == 2
    });
}

#[test]
#[ignore = "needs a cluster"]
fn the_board_shows_that_a_container_waits_and_the_old_pod_serves_on() {
    let _not_beside_all = EXERCISES.blocking_read();
    let namespace = Namespace::new();
    namespace.apply("todo-list/db/todo-db.yaml");
    let board = Board::open("12.2", &namespace);
    let old = board.until_served("todo-db", (1, 1));
    let old = letters(board.service(&old, "todo-db"), true);

    namespace.apply("todo-list/db/update/todo-db-bad-command.yaml");
    board.until_served("todo-db", (1, 2));
    board.until("restarts do not help", |state| {
        let service = board.service(state, "todo-db");
        letters(service, true) == old && items(&service["pods"]).any(|pod| pod["restarts"] == 1)
    });
    // The kubelet's order may be told after the end.
    let why = "ended: liveness probe failed, exit code 137";
    let waits = board.until("it waits longer and longer", |state| {
        let mut pods = items(&board.service(state, "todo-db")["pods"]);
        pods.any(|pod| pod["again_in_seconds"].is_number() && pod["why"] == why)
    });
    let service = board.service(&waits, "todo-db");
    let [new] = &letters(service, false)[..] else {
        panic!("{waits:#}");
    };
    let pod = lettered(service, new);
    assert_eq!(pod["why"], why, "{pod:#}");
    assert_eq!(letters(service, true), old);

    printed(&namespace.kubectl(&["rollout", "undo", "deployment/todo-db"]));
    let back = board.until_served("todo-db", (1, 1));
    assert_eq!(letters(board.service(&back, "todo-db"), true), old);
}
