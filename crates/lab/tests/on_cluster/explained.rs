//! What happens on a cluster, as `lab explain --follow` tells it.

use std::process::Command;

use serde_json::Value;

use crate::{
    exercises::EXERCISES,
    programs::{Namespace, layout, printed},
    stories::{Story, numbers},
};

/// Ends a container without asking the kubelet, as nobody in Kubernetes would.
fn kill_by_hand(container: &str) {
    let mut ctr = Command::new("ctr");
    ctr.arg("--address").arg(layout().state.join("containerd.sock"));
    ctr.args([
        "--namespace",
        "k8s.io",
        "tasks",
        "kill",
        "--signal",
        "SIGKILL",
        container,
    ]);
    printed(&ctr.output().unwrap());
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_broken_pod_and_one_that_is_killed_are_told_with_their_causes() {
    let _not_beside_all = EXERCISES.read().await;
    tokio::task::spawn_blocking(told).await.unwrap();
}

fn told() {
    let namespace = Namespace::new();
    numbers::apply(&namespace, "numbers-api.yaml");
    numbers::apply(&namespace, "update/api-with-readiness-and-liveness.yaml");
    numbers::replaced(&namespace);
    let mut story = Story::follow(&namespace, "deploy/numbers-api");
    let is = |fact: &Value, what: &str, value: bool| fact["what"] == what && fact["value"] == value;

    // What was before is told, too; once a probe is counted, whatever happens is seen as it happens.
    story.until("a probe", |fact| fact["source"] == "probes");
    let broken = numbers::break_one(&namespace);
    let probed = |fact: &Value| fact["what"] == "probed" && fact["ok"] == false && fact["source"] == "probes";
    story.until("a failed probe", probed);
    let left = story.until("that a pod leaves the traffic", |fact| {
        is(fact, "serving", false)
            && fact["subject"]["name"] == *broken
            && fact["write"].is_object()
            && fact["causes"] != serde_json::json!([])
            && fact["who"] == "endpointslice-controller"
    });
    let unready = story.cause(&left);
    assert!(is(unready, "ready", false), "{unready:#}");
    assert_eq!(unready["write"]["kind"], "Pod");
    // Of a busy kubelet several probes may be counted at one look, among which the first is not told apart.
    let probes = story.causes(unready);
    let readiness = |probe: &&Value| probed(probe) && probe["probe"] == "readiness" && probe["run"] == 1;
    assert!(!probes.is_empty() && probes.iter().all(readiness), "{probes:#?}");
    let is_counted = probes.iter().all(|probe| probe["at_least"] == Value::Null);
    assert!(is_counted || probes.len() > 1, "{probes:#?}");
    let most = left["delay"][1].as_f64().unwrap();
    assert!(most <= 2.0, "{left:#}");

    // The other pod is well. Its program ends, and no probe had to do with it.
    let pods = printed(&namespace.kubectl(&["get", "pods", "--selector=version=v3", "--output=json"]));
    let pods: Value = serde_json::from_str(&pods).unwrap();
    let well = pods["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|pod| pod["metadata"]["name"] != broken)
        .unwrap();
    let id = well["status"]["containerStatuses"][0]["containerID"]
        .as_str()
        .unwrap();
    kill_by_hand(id.strip_prefix("containerd://").unwrap());
    let of_it = |fact: &Value| fact["subject"]["uid"] == well["metadata"]["uid"];
    let ended = story.until("the end of a container", |fact| {
        fact["what"] == "ended" && of_it(fact)
    });
    assert_eq!(
        (&ended["code"], &ended["causes"]),
        (&137.into(), &serde_json::json!([]))
    );
    let started = story.until("its restart", |fact| {
        fact["what"] == "started" && fact["restart"] == 1 && of_it(fact)
    });
    assert_eq!(story.cause(&started)["id"], ended["id"]);
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn what_has_gone_still_has_a_story_where_it_was_recorded() {
    let _not_beside_all = EXERCISES.read().await;
    tokio::task::spawn_blocking(recorded).await.unwrap();
}

fn recorded() {
    let namespace = Namespace::new();
    numbers::apply(&namespace, "numbers-api.yaml");
    numbers::rolled_out(&namespace);
    let explain = || {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(["--name", &layout().name, "explain", "deploy/numbers-api"]);
        let told = lab
            .args(["--namespace", &namespace.0, "--output", "json"])
            .output()
            .unwrap();
        let lines = String::from_utf8(told.stdout.clone()).unwrap();
        let facts: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (told, facts)
    };
    // The recorder alone looks at kube-proxy's rules.
    let (facts, rules) = namespace.until("that new connections reach a pod", || {
        let (told, facts) = explain();
        let reach = |fact: &&Value| fact["what"] == "rules" && fact["value"] == true;
        let rules = facts.iter().find(reach).cloned().ok_or(format!("{told:?}"))?;
        Ok::<_, String>((facts, rules))
    });
    let cause = facts
        .iter()
        .find(|fact| fact["id"] == rules["causes"][0])
        .unwrap();
    assert_eq!(
        (&cause["what"], &cause["value"], &cause["subject"]["uid"]),
        (&"serving".into(), &true.into(), &rules["subject"]["uid"]),
        "{rules:#}"
    );
    printed(&namespace.kubectl(&["delete", "deployment/numbers-api", "--wait"]));
    let (facts, last) = namespace.until("that the pods are gone", || {
        let (told, facts) = explain();
        let gone = facts.iter().filter(|fact| {
            fact["what"] == "gone" && fact["asked"] == false && fact["subject"]["kind"] == "Pod"
        });
        let both = gone.count() == 2;
        // For as long as they were well and no other pod was ready, the Service's connections still reached one of them at least.
        let last = |fact: &&Value| fact["what"] == "rules" && fact["last_resort"] == true;
        let last = facts.iter().rfind(last).cloned().filter(|_| both);
        last.map(|last| (facts, last)).ok_or(format!("{told:?}"))
    });
    let cause = facts.iter().find(|fact| fact["id"] == last["causes"][0]);
    let cause = cause.unwrap_or_else(|| panic!("{last:#}"));
    assert_eq!(
        (&last["value"], &cause["what"], &cause["value"]),
        (&false.into(), &"ready".into(), &false.into()),
        "{last:#}"
    );
    let created = facts
        .iter()
        .find(|fact| fact["what"] == "created" && fact["subject"]["kind"] == "Pod")
        .unwrap();
    assert_ne!(created["causes"], serde_json::json!([]), "{created:#}");
}
