//! What `lab explain` tells of the time in which nobody could tell anything.

use std::{
    fs::File,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::{
    failures::{Chapter, kill_pod, seen_from_here},
    kill, kubectl, status, succeed, wait_for,
};

const NAMESPACE: &str = "explained-gap";
const ABOUT: [&str; 6] = [
    "explain",
    "deploy/numbers-api",
    "--namespace",
    NAMESPACE,
    "--output",
    "json",
];

/// A story that goes on, in a file.
struct Followed(Child, NamedTempFile);

impl Followed {
    fn begin() -> Self {
        let told = NamedTempFile::new().unwrap();
        let stdout: File = told.reopen().unwrap();
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(ABOUT).arg("--follow").stdout(Stdio::from(stdout));
        Self(lab.spawn().unwrap(), told)
    }

    fn told(&self) -> Vec<Value> {
        facts(&std::fs::read_to_string(self.1.path()).unwrap())
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The facts of lines; the last one may be half written.
fn facts(lines: &str) -> Vec<Value> {
    lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn recorded() -> Vec<Value> {
    facts(&succeed(&ABOUT))
}

/// The restart of a pod's container, once it is told.
fn restart<'a>(facts: &'a [Value], pod: &str) -> Option<&'a Value> {
    let restarted = |fact: &&Value| fact["what"] == "started" && fact["restart"] == 1;
    facts
        .iter()
        .filter(restarted)
        .find(|fact| fact["subject"]["uid"] == pod)
}

#[test]
#[ignore = "needs root and a cluster"]
fn what_happens_while_the_api_server_is_gone_is_told_without_causes() {
    let chapter = Chapter::with(NAMESPACE, &["numbers"]);
    chapter.until_ready(2, 0);
    let pods: Vec<_> = chapter.pods().unwrap().into_keys().collect();
    let [during, after] = &pods[..] else {
        panic!("{pods:?}")
    };
    let followed = Followed::begin();
    wait_for("what was before", || (!followed.told().is_empty()).then_some(()));

    let server = status().components["kube-apiserver"].clone();
    kill(seen_from_here(server.pid.unwrap()));
    kill_pod(during);
    wait_for("another API server", || {
        let answers = kubectl(&["get", "--raw", "/readyz"]).status.success();
        (answers && status().components["kube-apiserver"].restarts > server.restarts).then_some(())
    });
    let views: [(&str, &dyn Fn() -> Vec<Value>); 2] =
        [("follow", &|| followed.told()), ("record", &recorded)];
    for (view, told) in views {
        let facts = wait_for("the restart in between", || {
            let facts = told();
            restart(&facts, during).is_some().then_some(facts)
        });
        let restart = restart(&facts, during).unwrap();
        assert_eq!(restart["causes"], serde_json::json!([]), "{view}: {restart:#}");
        let gap = facts
            .iter()
            .find(|fact| fact["what"] == "gap" && fact["source"] == "pods");
        assert!(gap.is_some(), "{view}: {facts:#?}");
    }

    // Afterwards causes are seen as before.
    kill_pod(after);
    for (view, told) in views {
        let facts = wait_for("the restart afterwards", || {
            let facts = told();
            restart(&facts, after).is_some().then_some(facts)
        });
        let restart = restart(&facts, after).unwrap();
        let ended = facts
            .iter()
            .find(|fact| restart["causes"][0] == fact["id"])
            .unwrap_or_else(|| panic!("{view}: {restart:#}"));
        assert_eq!(ended["what"], "ended", "{view}");
    }
}
