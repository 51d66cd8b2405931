//! Bringing it up, twice, half-way and after a kill: it comes back as it was.

use std::process::Command;

use jiff::Timestamp;

use super::{fail, kill, kubectl, lab, layout, processes, status, succeed, wait_for};

#[test]
#[ignore = "needs root and a cluster"]
fn up_on_a_running_cluster_says_where_everything_is() {
    let greeting = succeed(&["up"]);
    assert!(greeting.contains("kubectl apply -f numbers/"), "{greeting}");
    assert!(
        greeting.contains(layout().kubeconfig().to_str().unwrap()),
        "{greeting}"
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_terminal_that_cannot_move_its_cursor_gets_lines() {
    // As Emacs' shell is one.
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command"])
        .arg(format!("{} up", env!("CARGO_BIN_EXE_lab")))
        .arg("/dev/null")
        .env("TERM", "dumb")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("... Waiting for the node, about 5 seconds"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[test]
#[ignore = "needs root and a cluster"]
fn the_second_of_two_at_once_says_so() {
    let lock = cluster::lock(&layout()).unwrap();
    for command in ["up", "down"] {
        let message = fail(&[command]);
        assert!(
            message.contains("another `lab up` or `lab down` is at work"),
            "{message}"
        );
    }
    drop(lock);
    succeed(&["up"]);
}

#[test]
#[ignore = "needs root and a cluster"]
fn another_network_for_a_cluster_that_runs_is_refused() {
    let message = fail(&["--network", "198.18.0.0/16", "status"]);
    assert!(
        message.contains("has the network 198.19.0.0/16, not 198.18.0.0/16"),
        "{message}"
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_component_that_dies_comes_back() {
    let before = status().components["kube-scheduler"].restarts;
    let [pid] = processes(&["kube-scheduler --kubeconfig"])[..] else {
        panic!("there is not one scheduler")
    };
    kill(pid);
    wait_for("another scheduler", || {
        let scheduler = &status().components["kube-scheduler"];
        (scheduler.restarts == before + 1 && scheduler.pid.is_some()).then_some(())
    });
    let after = status().components["kube-scheduler"].clone();
    assert_eq!(after.last_end.as_deref(), Some("signal: 9 (SIGKILL)"));
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_cluster_that_was_killed_comes_back_with_its_state() {
    let made = kubectl(&["create", "configmap", "kept", "--from-literal=a=b"]);
    assert!(made.status.success(), "{made:?}");
    let supervisors = processes(&["tini", "supervise"]);
    assert!(!supervisors.is_empty());
    supervisors.into_iter().for_each(kill);
    wait_for("the end of all its processes", || {
        processes(&["self-healing-lab"]).is_empty().then_some(())
    });
    let output = lab(&["status"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let refusal = String::from_utf8_lossy(&output.stderr);
    assert!(
        refusal.starts_with("error: ")
            && refusal.contains("is not running; `lab ")
            && refusal.contains("up` starts it"),
        "{refusal}"
    );
    assert!(fail(&["env"]).contains("is not running"));

    succeed(&["up"]);
    // The API server alone would be enough to tell that the node is ready, as it was before.
    let running = status().components;
    for component in cluster::COMPONENTS {
        let runs = running.get(component).is_some_and(|it| it.pid.is_some());
        assert!(runs, "{component} does not run: {running:?}");
    }
    let ready = "--output=jsonpath={.status.conditions[?(@.type=='Ready')].lastHeartbeatTime}";
    let said = kubectl(&["get", "node", &layout().name, ready]);
    let said: Timestamp = String::from_utf8_lossy(&said.stdout).parse().unwrap();
    assert!(
        said.as_second() >= running["kubelet"].since.as_second(),
        "the node is ready by what an earlier kubelet said: {said}, {running:?}"
    );
    let kept = kubectl(&["get", "configmap", "kept", "--output=jsonpath={.data.a}"]);
    assert_eq!(String::from_utf8_lossy(&kept.stdout), "b", "{kept:?}");
    kubectl(&["delete", "configmap", "kept"]);
}

#[test]
#[ignore = "needs root and a cluster"]
fn an_up_that_is_killed_half_way_can_be_run_again() {
    succeed(&["down"]);
    let kill_when = |what: &str, moment: &dyn Fn() -> bool| {
        // With the audit log, that the tests after this one need.
        let mut half = Command::new(env!("CARGO_BIN_EXE_lab"));
        let mut half = half.args(["up", "--audit"]).spawn().unwrap();
        wait_for(what, || moment().then_some(()));
        half.kill().unwrap();
        half.wait().unwrap();
    };
    let certificates = layout().state.join("pki");
    kill_when("the certificates", &|| certificates.exists());
    // The cluster runs on then, without what `up` puts into it at the end.
    kill_when("an answer", &|| {
        kubectl(&["get", "--raw", "/readyz"]).status.success()
    });
    succeed(&["up"]);
    assert!(kubectl(&["get", "nodes"]).status.success());
    let classes = kubectl(&["get", "storageclass", "--output=name"]);
    assert!(!classes.stdout.is_empty(), "{classes:?}");
}
