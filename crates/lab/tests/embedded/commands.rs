//! The commands with which a learner runs exercises, looks how far they are, and goes back: as programs, by what they print,
//! their exit codes, and what is in the cluster afterwards.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{kubectl, lab, layout, succeed, wait_for};

/// The exit code where something is not there yet, or was missed.
const NOT_THERE: Option<i32> = Some(4);

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn apply(folder: &str) {
    let folder = format!("{}/../../k8s/{folder}", env!("CARGO_MANIFEST_DIR"));
    let applied = kubectl(&["apply", "--filename", &folder]);
    assert!(applied.status.success(), "{applied:?}");
}

/// All that a learner's commands could have made, and a reset deletes.
fn objects() -> String {
    let kinds = "deployments,services,configmaps,secrets,persistentvolumeclaims,resourcequotas";
    let here = kubectl(&["get", kinds, "--output=name"]);
    let namespaces = kubectl(&["get", "namespaces", "--selector=kiamol", "--output=name"]);
    assert!(here.status.success() && namespaces.status.success(), "{here:?}");
    said(&here) + &said(&namespaces)
}

/// Namespaces of runs.
fn runs() -> Vec<String> {
    let label = "--selector=app.kubernetes.io/managed-by=self-healing-lab";
    let found = said(&kubectl(&["get", "namespaces", label, "--output=name"]));
    found.lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs root and a cluster"]
fn check_and_list_tell_how_far_a_learner_came_and_change_nothing() {
    succeed(&["reset", "--yes"]);
    let before = objects();
    let check = lab(&["check", "12.1"]);
    let text = said(&check);
    assert_eq!(check.status.code(), NOT_THERE, "{text}");
    assert!(
        text.contains("Nothing of this exercise is here yet.")
            && text.contains("$ kubectl apply -f numbers/"),
        "{text}"
    );
    let list = succeed(&["list"]);
    assert!(
        list.matches("not begun").count() >= 6 && !list.contains("step "),
        "{list}"
    );
    assert_eq!(objects(), before);

    apply("numbers/");
    let text = wait_for("the first step", || {
        let check = lab(&["check", "12.1"]);
        assert_eq!(check.status.code(), NOT_THERE, "{check:?}");
        Some(said(&check)).filter(|text| text.contains("you have done step 1 of"))
    });
    assert!(
        text.contains("✓ numbers-api has 2 ready endpoints")
            && text.contains("$ kubectl get svc numbers-api"),
        "{text}"
    );
    let list = succeed(&["list"]);
    assert!(list.contains("step 1 of"), "{list}");

    let report = said(&lab(&["check", "12.1", "--output", "json"]));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report[0]["id"], &report[0]["step"]),
        (&"check-at".into(), &1.into()),
        "{report}"
    );
    let hints = || {
        said(&lab(&["check", "12.1", "--hint"]))
            .matches("\nHint: ")
            .count()
    };
    assert_eq!([hints(), hints()], [1, 2]);

    // Nothing is left of 12.5 only when the last of it is gone.
    for folder in [
        "todo-list/db/",
        "todo-list/web/",
        "memory-allocator/namespace-with-quota/",
    ] {
        apply(folder);
    }
    wait_for("the first step of 12.5", || {
        let check = lab(&["check", "12.5"]);
        let text = said(&check);
        assert_eq!(check.status.code(), NOT_THERE, "{text}");
        assert!(!text.contains("✓ nothing"), "{text}");
        text.contains("kubectl delete ns -l kiamol=ch12").then_some(())
    });
    let list = succeed(&["list"]);
    assert!(list.contains("12.1") && list.contains("step 1 of"), "{list}");
    succeed(&["reset", "--yes"]);
    assert_eq!(objects(), before);
    let list = succeed(&["list"]);
    assert!(!list.contains("step "), "a reset goes back to the start: {list}");
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_reset_takes_what_is_the_exercises_own() {
    succeed(&["reset", "--yes"]);
    apply("pi/");
    let unasked = lab(&["reset", "12.4"]);
    assert_eq!(unasked.status.code(), Some(1), "{unasked:?}");
    // The Deployment of 12.6 has the same name, in another namespace.
    assert!(succeed(&["reset", "12.6", "--yes"]).contains("nothing to delete"));
    let there = || kubectl(&["get", "deployment", "pi-web"]).status.success();
    assert!(there());
    let reset = succeed(&["reset", "12.4", "--yes"]);
    assert!(reset.contains("Deployment pi-web in default"), "{reset}");
    assert!(!there());
}

/// `lab run` with a kubeconfig of a learner's own.
fn run(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command
        .arg("run")
        .args(arguments)
        .env("KUBECONFIG", layout().kubeconfig())
        .env("NO_PROXY", layout().network.to_string())
        .env("LC_ALL", "C");
    command
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_run_on_a_cluster_that_is_named_tells_each_event() {
    let name = layout().name;
    // kubectl keeps there what it has found out about a cluster that is not the lab's own.
    let home = tempfile::tempdir().unwrap();
    let output = run(&["12.5", "--context", &name, "--output", "json"])
        .env("HOME", home.path())
        .output()
        .unwrap();
    let text = said(&output);
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(output.status.success(), "{text}");
    let [.., finished, last] = &events[..] else {
        panic!("{text}");
    };
    assert_eq!(finished["ending"]["how"], "seen", "{finished}");
    assert_eq!(last["event"], "all_finished", "{last}");
    let stamped = |event: &Value| event["at"].is_string() && event["elapsed"].is_number();
    assert!(events.iter().all(stamped), "{text}");
    let typed = |event: &&Value| event["event"] == "command_finished";
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = guide::Exercise::load(&root, guide::Language::En, "12.5").unwrap();
    assert_eq!(
        events.iter().filter(typed).count(),
        page.commands().count(),
        "{text}"
    );
    assert_eq!(runs(), Vec::<String>::new());
}

/// A curl that answers what no service does.
#[test]
#[ignore = "needs root and a cluster"]
fn a_miss_is_a_failure_with_an_exit_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let curl = folder.path().join("curl");
    std::fs::write(&curl, "#!/bin/sh\necho many\n").unwrap();
    std::fs::set_permissions(&curl, std::fs::Permissions::from_mode(0o755)).unwrap();
    let own = std::env::var_os("PATH").unwrap();
    let path = std::env::split_paths(&own);
    let path = std::env::join_paths([PathBuf::from(folder.path())].into_iter().chain(path)).unwrap();
    let output = run(&["12.1", "--output", "junit"])
        .env("PATH", path)
        .output()
        .unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), NOT_THERE, "{text}");
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!((report.failures, report.errors), (1, 0), "{text}");
    assert!(
        text.contains("there was: many") && text.contains("exercise 12.1"),
        "{text}"
    );
    assert_eq!(runs(), Vec::<String>::new());
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_run_that_is_interrupted_removes_what_it_made() {
    let home = tempfile::tempdir().unwrap();
    let mut child = run(&["12.1"])
        .env("HOME", home.path())
        .env_remove("KUBECACHEDIR")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.find(|line| {
        line.as_ref()
            .unwrap()
            .contains("deployment.apps/numbers-api created")
    });
    assert_eq!(runs().len(), 1);
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:#?}");
    assert!(
        rest.iter().any(|line| line.contains("INTERRUPTED (SIGINT)")),
        "{rest:#?}"
    );
    assert_eq!(runs(), Vec::<String>::new());
    let left: Vec<_> = home.path().read_dir().unwrap().collect();
    assert!(left.is_empty(), "in the person's home: {left:?}");
}
