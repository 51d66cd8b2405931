//! Pods that start without a startup probe or in another order, and that stop without what keeps the rest of them.

use guide::{Exercise, Proof};
use serde_json::json;

use super::{DEADLINE, SOON, container, copied, missed_after, missed_on, part, steps, with_proofs};

#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_a_startup_probe_it_never_starts() {
    missed_after(
        steps("12.7", &["kubectl apply -f starting/update/"]),
        DEADLINE,
        "app=slow-start: 1 running, 1 ready, 0 restarts",
        "0 ready",
        |_, object| {
            if let Some(container) = container(object) {
                container.remove("startupProbe");
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_app_does_not_wait_for_a_helper_that_is_an_ordinary_container() {
    missed_after(
        part(
            "12.7",
            "kubectl apply -f starting/order/",
            "kubectl get pods -l app=diary",
        ),
        DEADLINE,
        "helper",
        "app",
        |_, object| {
            let pod = object.pointer_mut("/spec/template/spec");
            let Some(pod) = pod.and_then(serde_json::Value::as_object_mut) else {
                return;
            };
            let helper = pod
                .get_mut("initContainers")
                .and_then(|own| own.as_array_mut()?.pop());
            if let (Some(mut helper), Some(containers)) = (helper, pod["containers"].as_array_mut()) {
                helper["restartPolicy"].take();
                containers.push(helper);
            }
        },
    )
    .await;
}

/// From the first version to the one that breaks, without what is only looked at in between.
fn breaking_update() -> Exercise {
    let update = "kubectl apply -f stopping/update/steady-api-that-breaks.yaml";
    let mut exercise = part("12.7", "kubectl apply -f stopping/", update);
    let begins = ["kubectl rollout restart", "kubectl patch"];
    exercise.steps.retain(|step| {
        let first = &step.action.commands[0];
        !begins.iter().any(|begins| first.starts_with(begins))
    });
    exercise
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_min_ready_seconds_a_version_that_breaks_takes_over() {
    let expected = "app=steady-api,version=v2: 2 running, 2 ready; all the time";
    missed_after(breaking_update(), DEADLINE, expected, "1 running", |_, object| {
        if let Some(spec) = object["spec"].as_object_mut() {
            spec.remove("minReadySeconds");
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_update_without_hook_that_takes_all_old_pods_away_loses_requests() {
    let restart = "kubectl rollout restart deployment/steady-api";
    let exercise = with_proofs(part("12.7", "kubectl apply -f stopping/", restart), |check| {
        !check.claim().throughout()
    });
    missed_after(
        exercise,
        DEADLINE,
        "printed what the guide shows: # 200",
        " 000",
        |_, object| {
            if object["kind"] == "Deployment" && object["metadata"]["name"] == "steady-api" {
                object["spec"]["strategy"]["rollingUpdate"] = json!({ "maxSurge": 0, "maxUnavailable": 2 });
                if let Some(container) = container(object) {
                    container.remove("lifecycle");
                }
            }
        },
    )
    .await;
}

/// The budget is not applied.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_a_budget_every_pod_is_evicted() {
    let exercise = with_proofs(
        steps("12.7", &["kubectl apply -f stopping/", "sh stopping/evict.sh"]),
        |check| matches!(check, Proof::Service(service) if !service.throughout),
    );
    let expected = "evict.sh app=steady-api` fails";
    missed_on(&copied(), exercise, SOON, expected, "it ended with exit code 0").await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_budget_that_allows_all_is_another_one() {
    let exercise = steps(
        "12.7",
        &["kubectl apply -f stopping/", "kubectl apply -f stopping/budget/"],
    );
    let expected = "the budget steady-api allows 1 eviction";
    missed_after(exercise, SOON, expected, "allows 2 evictions", |_, object| {
        if object["kind"] == "PodDisruptionBudget" {
            object["spec"]["maxUnavailable"] = 2.into();
        }
    })
    .await;
}
