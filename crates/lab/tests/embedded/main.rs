//! The lab's own commands, on an embedded cluster that is running: the one that `LAB_NAME` and `LAB_NETWORK` say. The
//! tests kill parts of it, so they run one after the other (`--test-threads=1`), on a cluster that nobody else uses.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test can't go on without has to be there"
)]

mod access;
mod commands;
mod explained;
mod failures;
mod life;
mod refusals;

use std::{
    fs,
    process::{Command, Output},
    time::Duration,
};

use cluster::{Layout, Status};
use testkit::eventually;

const WITHIN: Duration = Duration::from_secs(60);

fn layout() -> Layout {
    let name = std::env::var("LAB_NAME").expect("LAB_NAME names a cluster for tests; `./test` brings one up");
    let network = std::env::var("LAB_NETWORK").expect("LAB_NETWORK is its network");
    Layout::new(&name, &network).unwrap()
}

fn lab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(arguments)
        // What the person who runs the tests has done is remembered elsewhere, perhaps in another language.
        .env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("LC_ALL", "C")
        .output()
        .unwrap()
}

/// Runs it, requires success and gives what it printed.
fn succeed(arguments: &[&str]) -> String {
    let output = lab(arguments);
    assert!(
        output.status.success(),
        "lab {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it, requires failure and gives what it said.
fn fail(arguments: &[&str]) -> String {
    let output = lab(arguments);
    assert!(!output.status.success(), "lab {arguments:?} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

fn kubectl(arguments: &[&str]) -> Output {
    let layout = layout();
    Command::new(layout.bin().join("kubectl"))
        .env("KUBECONFIG", layout.kubeconfig())
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn wait_for<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    eventually(what, WITHIN, condition)
}

fn status() -> Status {
    serde_json::from_str(&succeed(&["status", "--json"])).unwrap()
}

/// Processes of this cluster, by what stands in their command line.
fn processes(words: &[&str]) -> Vec<i32> {
    let name = layout().name;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let Ok(pid) = entry.unwrap().file_name().to_string_lossy().parse() else {
            continue;
        };
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        // By the whole name: others' clusters have names that begin with it, and a short one is in every path.
        let ours = [
            format!("--name {name} "),
            format!("self-healing-lab/{name}/"),
            format!("self-healing-lab-{name}/"),
        ];
        let is_ours = ours.iter().any(|part| command.contains(part));
        if words.iter().all(|word| command.contains(word)) && is_ours {
            found.push(pid);
        }
    }
    found
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}
