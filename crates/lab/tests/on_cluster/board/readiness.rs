//! 12.1: a pod that is broken leaves the traffic.

use serde_json::Value;

use super::{Board, items, lettered, letters, tells, with_readiness};
use crate::exercises::EXERCISES;

#[test]
#[ignore = "needs a cluster"]
fn the_board_shows_the_pod_that_leaves_the_traffic_and_why() {
    let _not_beside_all = EXERCISES.blocking_read();
    let namespace = with_readiness();
    let board = Board::open("12.1", &namespace);
    board.until_served("numbers-api", (2, 2));
    let both = board.until("both answer", |state| {
        let named = |answer: &Value| answer["ok"] == true && answer["by"].is_string();
        let answered = items(&state["requests"][0]["last"]).take(2);
        answered.filter(|answer| named(answer)).count() == 2
    });
    assert_eq!(both["requests"][0]["path"], "/healthz");
    board.press("numbers-api");
    let one = board.until_served("numbers-api", (1, 2));
    let [out] = &letters(board.service(&one, "numbers-api"), false)[..] else {
        panic!("{one:#}");
    };
    let left = format!("{out} gets no more traffic of numbers-api: 1 of 2 do");
    // The page has four sentences, and a busy machine may soon have more to tell.
    let mut told = false;
    board.until("why it is out, and who answers", |state| {
        let service = board.service(state, "numbers-api");
        let pod = lettered(service, out);
        let last = &state["requests"][0]["last"][0];
        told |= tells(state, &left);
        pod["why"] == "readiness probe failed: 500"
            && pod["restarts"] == 0
            && told
            && last["ok"] == true
            && letters(service, true)[..] == [last["by"].as_str().unwrap_or_default()]
    });
    // Whether a request met it before it was out is chance; if one did, that is told.
    if items(&one["requests"][0]["failures"]).any(|answer| answer["by"] == **out) {
        let cost = format!("reached {out} and failed");
        let says = |told: &Value| told["says"].as_str().is_some_and(|says| says.contains(&cost));
        board.until("whom it cost", |state| items(&state["story"]).any(says));
    }
}
