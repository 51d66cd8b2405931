use std::fs;

use jiff::SignedDuration;
use kube::{Client, config::Kubeconfig};
use rustix::process::test_kill_process;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};

use super::*;
use crate::{Route, fake, unasked, wait};

const VERSION: &str = "client.authentication.k8s.io/v1";

/// A plugin that is a shell's script.
fn script(script: &str) -> ExecConfig {
    exec(json!({ "command": "sh", "args": ["-c", script] }))
}

fn exec(mut config: serde_json::Value) -> ExecConfig {
    config["apiVersion"] = json!(VERSION);
    config["interactiveMode"] = json!("Never");
    serde_json::from_value(config).unwrap()
}

fn printed(status: &serde_json::Value) -> String {
    json!({ "kind": "ExecCredential", "apiVersion": VERSION, "status": status }).to_string()
}

async fn failure(exec: &ExecConfig) -> String {
    ask(exec).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_plugin_that_fails_is_named_with_how_it_ended_and_what_it_said_last() {
    let said = failure(&script(
        "printf 'one\\ntwo\\n\\033[1mthree\\n\\nfour\\n' >&2; exit 3",
    ))
    .await;
    assert_eq!(
        said,
        "the plugin \"sh\", which the kubeconfig names, gave no credentials: it failed (exit status: 3): two; [1mthree; \
         four"
    );
    let killed = failure(&script("kill -9 $$")).await;
    assert!(killed.ends_with("it failed (signal: 9 (SIGKILL))"), "{killed}");
}

#[tokio::test]
async fn a_plugin_that_is_not_there_is_named_with_what_installs_it() {
    let absent = exec(json!({ "command": "no-such-plugin", "installHint": "brew install\nno-such-plugin" }));
    let said = failure(&absent).await;
    assert!(
        said.ends_with(": it is not on the PATH; brew install no-such-plugin"),
        "{said}"
    );
    let said = failure(&exec(json!({ "command": "/nowhere/plugin" }))).await;
    assert!(
        said.contains("\"/nowhere/plugin\"") && said.ends_with("there is no such program; install it"),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    let said = failure(&exec(json!({ "command": folder.path() }))).await;
    assert!(said.contains("it cannot be started: Permission denied"), "{said}");
}

#[tokio::test]
async fn what_is_no_credentials_is_refused_without_being_shown() {
    let alpha = printed(&json!({ "token": "hidden" })).replace("/v1", "/v1alpha1");
    for (output, expected) in [
        (String::new(), "no ExecCredential in JSON"),
        ("hidden".into(), "no ExecCredential in JSON"),
        ("{}".into(), "no ExecCredential in JSON"),
        (
            "kind: Pod".into(),
            "it printed the kind \"Pod\" of apiVersion \"\"; the kubeconfig asks for",
        ),
        (
            alpha,
            "of apiVersion \"client.authentication.k8s.io/v1alpha1\"; the kubeconfig asks for",
        ),
        (printed(&json!(null)), "neither a status.token nor a certificate"),
        (
            printed(&json!({ "clientKeyData": "hidden" })),
            "neither a status.token nor a certificate",
        ),
        (
            printed(&json!({ "token": "hidden too" })),
            "its token has characters",
        ),
        (
            printed(&json!({ "token": "hidden", "expirationTimestamp": "soon" })),
            "its expirationTimestamp is \"soon\"; allowed: such as 2030-",
        ),
        (
            printed(&json!({ "token": "hidden", "expirationTimestamp": "2020-01-01T00:00:00Z" })),
            "its credentials expired at 2020-01-01T00:00:00Z, and this machine's clock says 2",
        ),
    ] {
        let said = failure(&script(&format!("echo '{output}'"))).await;
        assert!(said.contains(expected) && !said.contains("hidden"), "{said}");
    }
}

#[tokio::test]
async fn a_plugin_that_prints_without_end_is_stopped() {
    let said = failure(&script("exec yes")).await;
    assert!(
        said.contains("it printed more than 1024 KiB and was stopped"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plugin_that_hangs_is_given_up_with_a_way_out() {
    let said = failure(&script("sleep 1000")).await;
    assert!(
        said.contains("it did not end within 60 s and was stopped")
            && said.contains("kubectl get namespaces"),
        "{said}"
    );
}

#[tokio::test]
async fn a_plugin_ends_with_all_that_it_started_when_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let plugin = script(&format!("sleep 1000 & echo $! >{}; wait", file.display()));
    let started = wait::until(PLUGIN, async || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        Ok::<_, ()>(text.strip_suffix('\n').map(|pid| pid.parse().unwrap()))
    });
    let pid = tokio::select! {
        _ = ask(&plugin) => panic!("it ended"),
        pid = started => Pid::from_raw(pid.unwrap().unwrap()).unwrap(),
    };
    // An end that nobody has waited for yet counts as one.
    let is_gone = || {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        test_kill_process(pid).is_err() || status.contains(") Z ")
    };
    let gone = wait::until(PLUGIN, async || Ok::<_, ()>(is_gone().then_some(())));
    assert_eq!(gone.await, Ok(Some(())));
}

/// A server that says its version, and which Authorization it was sent.
async fn server() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, sent) = mpsc::unbounded_channel();
    let body = fake::version("1", "37").1.to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut lines = BufReader::new(stream);
            let mut line = String::new();
            while lines.read_line(&mut line).await.unwrap() > 0 && line != "\r\n" {
                if let Some(value) = line.strip_prefix("authorization: ") {
                    send.send(value.trim_end().to_owned()).unwrap();
                }
                line.clear();
            }
            let answer = format!(
                "HTTP/1.1 200 -\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            lines.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, sent)
}

async fn client(server: &str, user: &serde_json::Value) -> Client {
    let kubeconfig: Kubeconfig = serde_json::from_value(json!({
        "current-context": "a",
        "contexts": [{ "name": "a", "context": { "cluster": "a", "user": "a" } }],
        "clusters": [{ "name": "a", "cluster": { "server": server } }],
        "users": [{ "name": "a", "user": user }],
    }))
    .unwrap();
    unasked(kubeconfig, Route::Direct).await.unwrap().client
}

#[tokio::test]
async fn a_token_reaches_the_server_and_one_that_ends_soon_is_got_anew() {
    let folder = tempfile::tempdir().unwrap();
    let soon = Timestamp::now() + SignedDuration::from_secs(30);
    let lasting = printed(&json!({ "token": "$(wc -c <calls | tr -d ' ')" })).replace('"', "\\\"");
    let ending = printed(&json!({ "token": "$(wc -c <calls | tr -d ' ')", "expirationTimestamp": soon }));
    for (output, expected) in [
        (lasting, ["Bearer 1", "Bearer 1"]),
        (ending.replace('"', "\\\""), ["Bearer 2", "Bearer 3"]),
    ] {
        let calls = folder.path().join("calls");
        let _ = fs::remove_file(&calls);
        let script = format!(
            "cd {}; printf x >>calls; echo \"{output}\"",
            folder.path().display()
        );
        let user = json!({ "exec": script_of(&script) });
        let (url, mut sent) = server().await;
        let client = client(&url, &user).await;
        for expected in expected {
            client.apiserver_version().await.unwrap();
            assert_eq!(sent.recv().await.unwrap(), expected);
        }
    }
}

fn script_of(text: &str) -> serde_json::Value {
    serde_json::to_value(script(text)).unwrap()
}

#[tokio::test]
async fn a_plugin_that_fails_later_is_not_said_to_be_the_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let soon = Timestamp::now() + SignedDuration::from_secs(30);
    let output = printed(&json!({ "token": "a", "expirationTimestamp": soon }));
    let text = format!(
        "mkdir {}/once || exit 7; echo '{output}'",
        folder.path().display()
    );
    let (url, _sent) = server().await;
    let client = client(&url, &json!({ "exec": script_of(&text) })).await;
    let error = client.apiserver_version().await.unwrap_err();
    let error = Error::unanswered("a".into(), &error);
    assert!(
        matches!(&error, Error::Plugin { plugin, .. } if plugin == "sh")
            && error.to_string().contains("exit status: 7"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_with_a_token_goes_before_the_token_and_may_end_with_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "of-the-file\n").unwrap();
    let (url, mut sent) = server().await;
    let client = client(&url, &json!({ "token": "of-the-kubeconfig", "tokenFile": file })).await;
    client.apiserver_version().await.unwrap();
    assert_eq!(sent.recv().await.unwrap(), "Bearer of-the-file");
}
