//! Commands whose cluster does not answer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take for anything.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long it may go on after a signal: less than it waits for an answer by itself.
const ENDED_WITHIN: Duration = Duration::from_secs(8);

/// Starts `lab` where the context `silent` is the server of `listener`.
fn lab(arguments: &[&str], listener: &TcpListener, folder: &tempfile::TempDir) -> Child {
    let kubeconfig = serde_json::json!({
        "clusters": [{ "name": "silent", "cluster": {
            "server": format!("http://{}", listener.local_addr().unwrap()),
        } }],
        "users": [{ "name": "me", "user": {} }],
        "contexts": [{ "name": "silent", "context": { "cluster": "silent", "user": "me" } }],
    });
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, kubeconfig.to_string()).unwrap();
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(arguments)
        .args(["--context", "silent"])
        .env("KUBECONFIG", file)
        .env("XDG_CACHE_HOME", folder.path())
        .env("XDG_STATE_HOME", folder.path())
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a program printed that ends in time; one that does not is killed.
fn ended(program: Child, within: Duration) -> Output {
    let pid = Pid::from_child(&program);
    let (send, output) = mpsc::channel();
    std::thread::spawn(move || send.send(program.wait_with_output()));
    output
        .recv_timeout(within)
        .inspect_err(|_| kill_process(pid, Signal::KILL).unwrap())
        .unwrap()
        .unwrap()
}

/// Waits until a server has been called, and answers nothing.
fn called(listener: TcpListener) -> TcpStream {
    let (send, calls) = mpsc::channel();
    std::thread::spawn(move || send.send(listener.accept()));
    calls.recv_timeout(DEADLINE).unwrap().unwrap().0
}

#[test]
fn a_signal_ends_what_waits_for_a_cluster_that_never_answers() {
    for arguments in [&["run", "12.1"][..], &["run", "all"], &["doctor"]] {
        let (listener, folder) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let program = lab(arguments, &listener, &folder);
        let _open = called(listener);
        kill_process(Pid::from_child(&program), Signal::INT).unwrap();
        let output = ended(program, ENDED_WITHIN);
        assert_eq!(output.status.code(), Some(130), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_cluster_that_never_answers_is_not_waited_for_forever() {
    let (listener, folder) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let program = lab(&["doctor"], &listener, &folder);
    let _open = called(listener);
    let output = ended(program, DEADLINE);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(3) && text.contains("does not answer"),
        "{text}"
    );
}

#[test]
fn the_list_needs_no_cluster() {
    let (listener, folder) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let program = lab(&["list"], &listener, &folder);
    drop(called(listener));
    let output = ended(program, DEADLINE);
    let text = String::from_utf8(output.stdout).unwrap();
    // The cluster did not say what it was asked.
    assert!(
        output.status.code() == Some(3) && text.contains("\n12.6 "),
        "{text}"
    );
    assert!(
        text.contains("Where you stand is not known: ") && text.contains("does not answer"),
        "{text}"
    );
}
