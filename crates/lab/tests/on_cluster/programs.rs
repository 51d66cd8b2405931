//! helm and kubectl, and a namespace to use them in.

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use cluster::{DEFAULT_NETWORK, Layout};
use serde_json::{Value, json};
use testkit::{Look, eventually};

/// By when a cluster has done what it was told to.
pub(crate) const WITHIN: Duration = Duration::from_secs(120);

pub(crate) fn charts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../helm")
}

pub(crate) fn layout() -> Layout {
    let name = std::env::var("LAB_NAME").unwrap_or_else(|_| "lab".into());
    Layout::new(&name, DEFAULT_NETWORK)
        .unwrap()
        .saved()
        .unwrap_or_else(|| panic!("the cluster {name:?} is not there; `lab --name {name} up` makes it"))
}

pub(crate) fn program(name: &str) -> Command {
    let layout = layout();
    let mut command = Command::new(layout.bin().join(name));
    command
        .env("KUBECONFIG", layout.kubeconfig())
        .env("NO_PROXY", layout.network.to_string())
        .current_dir(charts());
    command
}

/// Runs a command of helm's as a chart's notes show it, from the folder that they name.
pub(crate) fn as_shown(notes: &str, command: &str) -> Output {
    let lines = notes.replace("\\\n", "");
    let command = format!(" {command} ");
    let shown = |line: &&str| line.starts_with("  helm ") && line.contains(&command);
    let line = lines.lines().find(shown).unwrap();
    let layout = layout();
    let own = std::env::var("PATH").unwrap();
    Command::new("sh")
        .args(["-c", line])
        .env("KUBECONFIG", layout.kubeconfig())
        .env("NO_PROXY", layout.network.to_string())
        .env("PATH", format!("{}:{own}", layout.bin().display()))
        .current_dir(charts().join("../k8s"))
        .output()
        .unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it printed, if it succeeded.
pub(crate) fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:#?}");
    text(&output.stdout)
}

/// What it complained of, if it failed.
pub(crate) fn complained(output: &Output) -> String {
    assert!(!output.status.success(), "{output:#?}");
    text(&output.stdout) + &text(&output.stderr)
}

pub(crate) fn helm(arguments: &[&str]) -> Output {
    program("helm").args(arguments).output().unwrap()
}

/// A namespace of a test's own, deleted when the test is over.
pub(crate) struct Namespace(pub(crate) String);

impl Namespace {
    pub(crate) fn new() -> Self {
        let name = format!("charts-{:08x}", rand::random::<u32>());
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": name,
            "labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
        }});
        printed(&fed(&["create", "--filename=-"], &namespace.to_string()));
        let namespace = Self(name);
        namespace.until("its default account", || {
            namespace
                .objects()
                .contains("serviceaccount/default")
                .then_some(())
        });
        namespace
    }

    /// Applies a manifest of `k8s`.
    pub(crate) fn apply(&self, file: &str) {
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s");
        let file = manifests.join(file).display().to_string();
        printed(&self.kubectl(&["apply", "--filename", &file]));
    }

    pub(crate) fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = program(name);
        command.args(["--namespace", &self.0]).args(arguments);
        command
    }

    pub(crate) fn helm(&self, arguments: &[&str]) -> Output {
        self.command("helm", arguments).output().unwrap()
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Output {
        self.command("kubectl", arguments).output().unwrap()
    }

    /// The names of all objects in it but events, which say what was.
    pub(crate) fn objects(&self) -> BTreeSet<String> {
        let kinds =
            printed(&self.kubectl(&["api-resources", "--namespaced", "--verbs=list", "--output=name"]));
        let kinds: Vec<_> = kinds.lines().filter(|kind| !kind.starts_with("events")).collect();
        let found = printed(&self.kubectl(&["get", &kinds.join(","), "--output=name"]));
        found.lines().map(str::to_owned).collect()
    }

    #[track_caller]
    pub(crate) fn until<L: Look>(&self, what: &str, condition: impl FnMut() -> L) -> L::Value {
        eventually(&format!("{what} in {}", self.0), WITHIN, condition)
    }

    /// Waits until nothing is there that was not there `before`.
    pub(crate) fn until_nothing_is_left(&self, before: &BTreeSet<String>) {
        self.until("nothing is left", || {
            let objects = self.objects();
            (&objects == before).then_some(()).ok_or(format!("{objects:#?}"))
        });
    }

    pub(crate) fn release(&self, name: &str) -> Value {
        serde_json::from_str(&printed(&self.helm(&["status", name, "--output=json"]))).unwrap()
    }

    /// The number and the state of a release's newest revision.
    pub(crate) fn revision(&self, name: &str) -> (u64, String) {
        let release = self.release(name);
        (
            release["version"].as_u64().unwrap(),
            release["info"]["status"].as_str().unwrap().to_owned(),
        )
    }

    /// The one pod with this label, once no other is there.
    pub(crate) fn pod(&self, label: &str) -> Value {
        self.until("one pod", || {
            let shown = printed(&self.kubectl(&["get", "pods", "--selector", label, "--output=json"]));
            let mut pods: Value = serde_json::from_str(&shown).unwrap();
            let pods = pods["items"].as_array_mut().unwrap();
            if pods.len() == 1 { pods.pop() } else { None }
        })
    }

    /// How often the specification of each Deployment was changed.
    pub(crate) fn generations(&self) -> String {
        printed(&self.kubectl(&[
            "get",
            "deployments",
            "--output=jsonpath={range .items[*]}{.metadata.name}={.metadata.generation} {end}",
        ]))
    }

    /// Where a Service of type LoadBalancer is reached.
    pub(crate) fn address(&self, service: &str) -> String {
        let template = "{.status.loadBalancer.ingress[1].ip}:{.spec.ports[0].port}";
        self.until("an address", || {
            let output = self.kubectl(&[
                "get",
                "service",
                service,
                "--output",
                &format!("jsonpath={template}"),
            ]);
            let address = printed(&output);
            (!address.starts_with(':')).then(|| format!("http://{address}"))
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if thread::panicking() {
            let shown = self.kubectl(&["get", "all,events"]);
            eprintln!("{}", String::from_utf8_lossy(&shown.stdout));
        }
        let _ = program("kubectl")
            .args(["delete", "namespace", &self.0, "--wait=false"])
            .output();
    }
}

/// kubectl with something on its standard input.
pub(crate) fn fed(arguments: &[&str], input: &str) -> Output {
    let mut child = program("kubectl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
