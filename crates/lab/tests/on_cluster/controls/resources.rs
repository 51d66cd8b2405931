//! With another default, another rule or another class, 12.8 shows something else.

use guide::Exercise;
use serde_json::json;
use tokio::sync::Mutex;

use super::{DEADLINE, SOON, missed_after};
use crate::exercises::exercise;

/// Held by whoever is in the namespace that 12.8 makes; taken before the lock for all exercises.
static NAMESPACE: Mutex<()> = Mutex::const_new(());

/// The steps of 12.8 that begin with these commands, whole.
fn steps(commands: &[&str]) -> Exercise {
    let mut exercise = exercise("12.8");
    exercise.steps.retain(|step| {
        let first = &step.action.commands[0];
        commands.iter().any(|command| first.starts_with(command))
    });
    assert_eq!(exercise.steps.len(), commands.len(), "{commands:?}");
    exercise
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_higher_default_holds_nothing_back() {
    let _own = NAMESPACE.lock().await;
    let mut exercise = steps(&["kubectl apply -f resources/defaults/"]);
    exercise.steps[0].action.prints = None;
    let expected = "held back by a CPU limit of 250m";
    missed_after(exercise, SOON, expected, "limit 2000m", |_, object| {
        if object["kind"] == "LimitRange" {
            let limits = &mut object["spec"]["limits"][0];
            (limits["default"]["cpu"], limits["max"]["cpu"]) = (json!("2"), json!("2"));
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn where_the_policy_says_so_a_resize_restarts() {
    let _own = NAMESPACE.lock().await;
    let mut exercise = steps(&[
        "kubectl apply -f resources/defaults/",
        "kubectl apply -f resources/memory/",
    ]);
    exercise.steps[0].action.proofs.clear();
    missed_after(exercise, DEADLINE, "0 restarts", "1 restart", |_, object| {
        if let Some(policy) = object.pointer_mut("/spec/containers/0/resizePolicy/1/restartPolicy") {
            *policy = json!("RestartContainer");
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_a_rule_for_its_exit_code_a_container_is_not_restarted() {
    let exercise = steps(&["kubectl apply -f resources/restarts/"]);
    let expected = "1 restart, Completed (exit code 0)";
    let observed = "0 restarts, Error (exit code 42)";
    missed_after(exercise, SOON, expected, observed, |_, object| {
        let values = "/spec/containers/0/restartPolicyRules/0/exitCodes/values";
        if let Some(values) = object.pointer_mut(values) {
            *values = json!([43]);
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_a_rule_for_its_exit_code_a_job_tries_again() {
    let exercise = steps(&[
        "kubectl apply -f resources/restarts/",
        "kubectl get pods asks-again",
    ]);
    let expected = "PodFailurePolicy";
    missed_after(exercise, SOON, expected, "BackoffLimitExceeded", |_, object| {
        let values = "/spec/podFailurePolicy/rules/0/onExitCodes/values";
        if let Some(values) = object.pointer_mut(values) {
            *values = json!([3]);
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn whoever_is_not_polite_does_not_wait() {
    let exercise = steps(&["kubectl apply -f resources/priority/"]);
    let expected = "1 pending, without a node: preemptionPolicy=Never";
    missed_after(exercise, SOON, expected, "0 pending", |_, object| {
        if let Some(object) = object.as_object_mut() {
            object.remove("preemptionPolicy");
        }
    })
    .await;
}
