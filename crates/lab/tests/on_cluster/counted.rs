//! Probes that fail for long: each of them is told by who may ask kubelets, and others are told what they miss.

use std::{collections::BTreeSet, fs, io::Write, process::Command};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::{
    exercises::EXERCISES,
    programs::{Namespace, fed, layout, printed, program},
    stories::{Story, numbers},
};

/// How many failures are waited for.
const FAILURES: u64 = 40;
/// How many warnings about one pod a kubelet writes at once; then it is one in 5 minutes (client-go, `defaultSpamBurst`).
const WRITTEN: u64 = 25;

/// Somebody who may list and watch what is told of, and ask no kubelet.
struct Reader(NamedTempFile);

impl Reader {
    fn in_namespace(namespace: &Namespace) -> Self {
        let role = |api: &str, resources: &[&str]| json!({"apiGroups": [api], "resources": resources, "verbs": ["list", "watch"]});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}},
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader"}, "rules": [
                role("", &["pods", "services", "events"]),
                role("apps", &["deployments", "replicasets"]),
                role("discovery.k8s.io", &["endpointslices"]),
            ]},
            {
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "reader"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
                "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": namespace.0}],
            },
        ]});
        let create = ["--namespace", &namespace.0, "create", "--filename=-"];
        printed(&fed(&create, &list.to_string()));
        let token = printed(&namespace.kubectl(&["create", "token", "reader"]));
        let mut view = program("kubectl");
        view.args(["config", "view", "--raw", "--flatten", "--output=json"]);
        let mut kubeconfig: Value = serde_json::from_str(&printed(&view.output().unwrap())).unwrap();
        kubeconfig["users"][0]["user"] = json!({"token": token});
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(kubeconfig.to_string().as_bytes()).unwrap();
        Self(file)
    }

    fn explain(&self, namespace: &Namespace) -> Command {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(["explain", "deploy/numbers-api", "--namespace", &namespace.0])
            .args(["--context", &layout().name])
            .env("KUBECONFIG", self.0.path())
            .env("NO_PROXY", layout().network.to_string())
            .env("LC_ALL", "C");
        lab
    }
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn each_probe_that_fails_is_counted_or_it_is_said_that_it_is_not() {
    let _not_beside_all = EXERCISES.read().await;
    tokio::task::spawn_blocking(counted).await.unwrap();
}

fn counted() {
    let namespace = Namespace::new();
    numbers::apply(&namespace, "numbers-api.yaml");
    numbers::rolled_out(&namespace);
    let reader = Reader::in_namespace(&namespace);
    let mut all = Story::follow(&namespace, "deploy/numbers-api");
    let said = NamedTempFile::new().unwrap();
    let mut lab = reader.explain(&namespace);
    lab.args(["--follow", "--output", "json"])
        .stderr(said.reopen().unwrap());
    let mut some = Story::of(lab);
    // Kubelets are asked from now on, so that the probes of the next pod are counted from the first.
    for story in [&mut all, &mut some] {
        story.until("what was before", |fact| fact["what"] == "asked");
    }

    // All say the same: one that came before the program listens would be another of the warnings that a kubelet writes.
    let probe = json!({"httpGet": {"path": "/nowhere", "port": 8080}, "periodSeconds": 1, "failureThreshold": 3,
        "initialDelaySeconds": 5});
    let container = json!({"name": "api", "readinessProbe": probe});
    let patch = json!({"spec": {"template": {"spec": {"containers": [container]}}}}).to_string();
    printed(&namespace.kubectl(&["patch", "deployment", "numbers-api", "--patch", &patch]));

    all.until("all failures", |fact| failed(fact) && fact["run"] == FAILURES);
    let told: Vec<_> = all.facts.values().filter(|fact| failed(fact)).collect();
    let runs: Vec<_> = told.iter().map(|fact| fact["run"].as_u64().unwrap()).collect();
    assert_eq!(runs, (1..=FAILURES).collect::<Vec<_>>(), "{told:#?}");
    let counted = |fact: &&Value| fact["source"] == "probes" && fact["at_least"] == Value::Null;
    assert!(told.iter().all(counted), "{told:#?}");

    some.until("what events tell", |fact| failed(fact) && fact["run"] == WRITTEN);
    let told: Vec<_> = some.facts.values().filter(|fact| failed(fact)).collect();
    let uncounted = |fact: &&Value| fact["source"] == "events" && fact["at_least"] == true;
    assert!(told.iter().all(uncounted), "{told:#?}");
    let head = fs::read_to_string(said.path()).unwrap();
    let first = head.lines().next().unwrap();
    assert!(
        first.contains("do not say here how often they probe (forbidden), so that probes are told by events"),
        "{head}"
    );
    let text = printed(&reader.explain(&namespace).output().unwrap());
    let lines: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split_once("(at least "))
        .filter_map(|(_, rest)| rest.split(';').next())
        .collect();
    assert_eq!(lines.last(), Some(&"25"), "{text}");
}

fn failed(fact: &Value) -> bool {
    fact["what"] == "probed" && fact["ok"] == false
}
