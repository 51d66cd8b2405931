//! Negative controls: on manifests that are broken in one place, an exercise misses what the guide promises there.

use std::time::Duration;

use lab::{
    applied::Applied,
    checks::Check,
    events::{Event, Miss},
    guide::Exercise,
    runner::Outcome,
};
use serde_json::{Value, json};
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
fn with_proofs(mut exercise: Exercise, wanted: fn(&Check) -> bool) -> Exercise {
    for step in &mut exercise.steps {
        step.action.checks.retain(wanted);
    }
    exercise
}

/// Runs an exercise on a changed clone, and requires that something is missed which says `expected`, where there was
/// `observed`.
async fn missed_on(clone: &TempDir, exercise: Exercise, deadline: Duration, expected: &str, observed: &str) {
    let applied = Applied::by(&exercise, &root().join("k8s")).unwrap();
    let _not_beside_all = match applied.namespaces().next() {
        Some(_) => Some(EXERCISES.read().await),
        None => None,
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

#[tokio::test]
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
async fn with_readiness_from_the_start_the_broken_pod_leaves_too_early() {
    let probe = json!({
        "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 1, "failureThreshold": 1,
    });
    missed_after(
        exercise("12.1"),
        DEADLINE,
        "so it stays for 11 s",
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

/// The database, its update, and those who watch the new pod.
fn updated_database() -> Exercise {
    let update = "kubectl apply -f todo-list/db/update/";
    let watch = "kubectl get pods -l app=todo-db --watch";
    steps("12.2", &["kubectl apply -f todo-list/db/ ", update, watch])
}

#[tokio::test]
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
async fn an_update_that_works_is_not_restarted() {
    let exercise = with_proofs(
        updated_database(),
        |check| matches!(check, Check::Pods(pods) if pods.restarted.is_some()),
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
async fn an_upgrade_for_the_right_database_is_not_refused() {
    let file = "helm/todo-list/values/wrong-database-version.yaml";
    let clone = with_text(file, "\"16\"", "\"15\"");
    let exercise = with_proofs(refused_upgrade(), |_| false);
    let expected = "wrong-database-version.yaml` fails";
    missed_on(&clone, exercise, DEADLINE, expected, "it ended with exit code 0").await;
}

#[tokio::test]
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

/// A Service without an address, and what a learner's command writes then.
#[tokio::test]
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
                |check| matches!(check, Check::File(_)),
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
        |check| matches!(check, Check::Pods(_) | Check::Address(_)),
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
async fn a_database_that_is_asked_at_another_port_is_never_rolled_out() {
    let exercise = with_proofs(steps("12.2", &["kubectl apply -f todo-list/db/ "]), |check| {
        matches!(check, Check::Rollout(_))
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

#[tokio::test]
async fn a_short_computation_does_not_feel_the_limit() {
    let mut exercise = steps(
        "12.4",
        &[
            "kubectl apply -f pi/",
            "kubectl apply -f pi/update/web-with-cpu-limit.yaml",
        ],
    );
    for check in exercise.steps.iter_mut().flat_map(|step| &mut step.action.checks) {
        if let Check::Computation(computation) = check {
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

/// `all` says less than it does.
#[tokio::test]
async fn secrets_that_are_not_named_are_left() {
    let mut made = with_proofs(steps("12.2", &["kubectl apply -f todo-list/db/ "]), |_| false);
    made.steps
        .extend(steps("12.5", &["kubectl delete all -l kiamol=ch12"]).steps);
    let expected = "nothing with kiamol=ch12 is left";
    missed_on(&copied(), made, SOON, expected, "secret/todo-db-secret").await;
}

#[tokio::test]
async fn with_a_larger_share_of_the_node_no_pod_is_refused() {
    let clone = with_text(
        "k8s/lab/solution/solution.sh",
        "limits.cpu: ${quota}m",
        "limits.cpu: \"64\"",
    );
    let expected = "5 of 6 pods; more were refused: exceeded quota";
    missed_on(&clone, exercise("12.6"), DEADLINE, expected, "6 of 6 pods").await;
}
