//! Without a limit or a quota, or with a higher one, nobody is stopped.

use guide::Proof;
use serde_json::json;

use super::{DEADLINE, SOON, container, copied, missed_after, missed_on, part, steps, with_text};
use crate::exercises::{LABS_NAMESPACES, exercise};

#[tokio::test]
#[ignore = "needs a cluster"]
async fn below_a_high_memory_limit_nothing_is_killed() {
    missed_after(
        steps(
            "12.4",
            &[
                "kubectl apply -f memory-allocator/update/memory-allocator-with-limit.yaml",
                "kubectl get pods -l app=memory-allocator --watch",
            ],
        ),
        DEADLINE,
        "OOMKilled (exit code 137)",
        "no container has ended yet",
        |_, object| {
            if let Some(memory) =
                object.pointer_mut("/spec/template/spec/containers/0/resources/limits/memory")
            {
                *memory = "1Gi".into();
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn below_a_high_cpu_limit_nothing_is_held_back() {
    missed_after(
        part(
            "12.4",
            "kubectl apply -f pi/",
            "kubectl apply -f pi/update/web-with-cpu-limit.yaml",
        ),
        SOON,
        "held back by a CPU limit of 250m",
        "limit 2000m",
        |_, object| {
            let resources = "/spec/template/spec/containers/0/resources";
            if let Some(resources) = object
                .pointer_mut(resources)
                .filter(|found| found["limits"]["cpu"].is_string())
            {
                // Without a request the limit would be one, and the node may have less to give away.
                *resources = json!({ "limits": { "cpu": "2" }, "requests": { "cpu": "1m" } });
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn below_a_high_quota_nothing_is_refused() {
    let expected = "1 of 2 pods; more were refused: exceeded quota";
    missed_after(
        steps("12.4", &["kubectl apply -f pi/namespace-with-quota/"]),
        SOON,
        expected,
        "2 of 2 pods",
        |_, object| {
            if let Some(cpu) = object.pointer_mut("/spec/hard/limits.cpu") {
                *cpu = "8".into();
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_program_that_waits_long_logs_no_growing_number() {
    let exercise = steps("12.4", &["kubectl apply -f memory-allocator/"]);
    missed_after(
        exercise,
        SOON,
        "and the number grows",
        "Allocated ~10MiB",
        |_, object| {
            if let Some(container) = container(object) {
                container.insert(
                    "env".into(),
                    json!([{ "name": "KIAMOL_INTERVAL", "value": "600" }]),
                );
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_short_computation_does_not_feel_the_limit() {
    let mut exercise = steps(
        "12.4",
        &[
            "kubectl apply -f pi/",
            "kubectl apply -f pi/update/web-with-cpu-limit.yaml",
        ],
    );
    for check in exercise.steps.iter_mut().flat_map(|step| &mut step.action.proofs) {
        if let Proof::Computation(computation) = check {
            computation.decimals = 50;
        }
    }
    missed_on(
        &copied(),
        exercise,
        SOON,
        "held back by a CPU limit of 250m",
        "limit 250m",
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn with_a_larger_share_of_the_node_no_pod_is_refused() {
    let _own = LABS_NAMESPACES.lock().await;
    let clone = with_text(
        "k8s/lab/solution/solution.sh",
        "limits.cpu: ${quota}m",
        "limits.cpu: \"64\"",
    );
    let expected = "5 of 6 pods; more were refused: exceeded quota";
    missed_on(&clone, exercise("12.6"), DEADLINE, expected, "6 of 6 pods").await;
}
