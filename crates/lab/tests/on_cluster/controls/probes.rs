//! Without a probe, or with another one, an app heals itself otherwise, or not at all; and nobody calls it without an address.

use guide::Proof;
use serde_json::json;

use super::{DEADLINE, SOON, container, missed_after, steps, with_proofs};
use crate::exercises::exercise;

#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_readiness_the_broken_pod_stays_in_the_endpoints() {
    let expected = "numbers-api has 1 ready endpoint;";
    missed_after(
        exercise("12.1"),
        DEADLINE,
        expected,
        "numbers-api has 2 ready endpoints (",
        |_, object| {
            if let Some(container) = container(object) {
                container.remove("readinessProbe");
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn with_readiness_from_the_start_the_broken_pod_leaves_too_early() {
    let probe = json!({
        "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 1, "failureThreshold": 1,
    });
    missed_after(
        exercise("12.1"),
        DEADLINE,
        "and stays so for 11 s",
        "1 ready endpoint",
        |file, object| {
            if file.starts_with("numbers/")
                && let Some(container) = container(object)
            {
                container.insert("readinessProbe".into(), probe.clone());
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_service_that_selects_nothing_is_missed() {
    missed_after(
        exercise("12.1"),
        SOON,
        "2 ready endpoints",
        "0 ready endpoints",
        |_, object| {
            if object["kind"] == "Service" {
                object["spec"]["selector"]["app"] = "nobody".into();
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn without_liveness_nothing_is_restarted() {
    missed_after(
        exercise("12.2"),
        DEADLINE,
        "1 restart",
        "0 restarts",
        |_, object| {
            if let Some(container) = container(object) {
                container.remove("livenessProbe");
            }
        },
    )
    .await;
}

/// A Service without an address, and what a learner's command writes then.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_service_of_the_usual_type_has_no_address() {
    for (exercise, expected, observed) in [
        (
            steps("12.1", &["kubectl apply -f numbers/"]),
            "numbers-api has an address outside the cluster",
            "the Service is there, without an address",
        ),
        (
            with_proofs(
                steps("12.1", &["kubectl apply -f numbers/", "kubectl get svc"]),
                |check| matches!(check, Proof::File(_)),
            ),
            "api-url.txt holds http://…:8013",
            "api-url.txt holds \"http://:8013\"",
        ),
    ] {
        missed_after(exercise, SOON / 3, expected, observed, |_, object| {
            if object["kind"] == "Service" {
                object["spec"]["type"] = "ClusterIP".into();
            }
        })
        .await;
    }
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_program_that_does_not_fail_answers_well_in_each_pod() {
    let exercise = with_proofs(
        steps(
            "12.1",
            &[
                "kubectl apply -f numbers/",
                "kubectl wait",
                "kubectl get svc",
                "curl",
            ],
        ),
        |check| matches!(check, Proof::Pods(_) | Proof::Address(_)),
    );
    let expected = "each asked for /healthz: 200, 500";
    missed_after(
        exercise,
        SOON,
        expected,
        "each asked for /healthz: 200 (",
        |_, object| {
            if let Some(container) = container(object) {
                container.remove("env");
            }
        },
    )
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_database_that_is_asked_at_another_port_is_never_rolled_out() {
    let exercise = with_proofs(steps("12.2", &["kubectl apply -f todo-list/db/ "]), |check| {
        matches!(check, Proof::Rollout(_))
    });
    let expected = "the rollout of todo-db is done: 1 updated, 1 available";
    missed_after(
        exercise,
        SOON,
        expected,
        "is not done: 1 updated, 0 available",
        |_, object| {
            if let Some(port) =
                object.pointer_mut("/spec/template/spec/containers/0/readinessProbe/tcpSocket/port")
            {
                *port = 5433.into();
            }
        },
    )
    .await;
}
