//! Updates and upgrades that end otherwise than the guide says, and what a clean-up leaves.

use guide::{Exercise, Proof};
use serde_json::json;

use super::{
    DEADLINE, SOON, container, copied, missed_after, missed_on, put_text, steps, with_proofs, with_text,
};

/// The database, its update, and those who watch the new pod.
fn updated_database() -> Exercise {
    let update = "kubectl apply -f todo-list/db/update/";
    let watch = "kubectl get pods -l app=todo-db --watch";
    steps("12.2", &["kubectl apply -f todo-list/db/ ", update, watch])
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_update_that_takes_the_old_pod_away_first_interrupts_the_app() {
    let expected = "todo-web/ get 200; all the time";
    missed_after(updated_database(), DEADLINE, expected, "503", |file, object| {
        if file.ends_with("todo-db-bad-command.yaml") {
            object["spec"]["strategy"] = json!({ "type": "Recreate" });
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_update_that_works_is_not_restarted() {
    let exercise = with_proofs(
        updated_database(),
        |check| matches!(check, Proof::Pods(pods) if pods.restarted.is_some()),
    );
    let expected = "1 ready, restarted at least 2 times";
    missed_after(exercise, DEADLINE, expected, "0 restarts", |_, object| {
        if let Some(container) = container(object) {
            container.remove("command");
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_upgrade_that_works_is_not_rolled_back() {
    let file = "helm/todo-list/values/bad-command.yaml";
    let clone = with_text(file, "  command: [sleep, 30m]\n", "");
    let upgrade = "helm upgrade todo-list ../helm/todo-list \\\n  --wait --rollback";
    // Without proofs: callers may meet the moment between two servers, and that would be missed first.
    let exercise = with_proofs(steps("12.3", &["helm install", upgrade]), |_| false);
    let expected = "bad-command.yaml` fails";
    missed_on(&clone, exercise, DEADLINE, expected, "it ended with exit code 0").await;
}

/// Installs, and upgrades with the values for another database.
fn refused_upgrade() -> Exercise {
    let upgrade = "helm upgrade todo-list ../helm/todo-list \\\n  --wait --timeout";
    steps("12.3", &["helm install", upgrade])
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_upgrade_for_the_right_database_is_not_refused() {
    let file = "helm/todo-list/values/wrong-database-version.yaml";
    let clone = with_text(file, "\"16\"", "\"15\"");
    let exercise = with_proofs(refused_upgrade(), |_| false);
    let expected = "wrong-database-version.yaml` fails";
    missed_on(&clone, exercise, DEADLINE, expected, "it ended with exit code 0").await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_upgrade_that_is_refused_too_late_has_changed_something() {
    let file = "helm/todo-list/templates/version-check.yaml";
    let clone = with_text(file, "\"pre-upgrade\"", "\"post-upgrade\"");
    // A new pod that stays beside the old one: of a good update nobody sees more than a moment.
    let values = "helm/todo-list/values/wrong-database-version.yaml";
    put_text(
        &clone,
        values,
        "database:\n",
        "database:\n  command: [sleep, 30m]\n",
    );
    let expected = "pods app.kubernetes.io/name=todo-db: 1 running, 1 ready, 0 restarts; all the time";
    missed_on(&clone, refused_upgrade(), DEADLINE, expected, "2 running").await;
}

/// `all` says less than it does.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn secrets_that_are_not_named_are_left() {
    let mut made = with_proofs(steps("12.2", &["kubectl apply -f todo-list/db/ "]), |_| false);
    made.steps
        .extend(steps("12.5", &["kubectl delete all -l kiamol=ch12"]).steps);
    let expected = "nothing with kiamol=ch12 is left";
    missed_on(&copied(), made, SOON, expected, "secret/todo-db-secret").await;
}
