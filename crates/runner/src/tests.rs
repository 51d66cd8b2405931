use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use access::fake;
use guide::{Exercise, Language};
use jiff::Timestamp;
use kube::config::Kubeconfig;
use report::{Clock, Ending, Event};
use tokio::sync::mpsc;

use super::*;

mod stepping;

/// A kubeconfig whose cluster is a port of this machine where nobody listens.
fn nobody() -> Kubeconfig {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    at(&format!("http://{}", listener.local_addr().unwrap()))
}

fn at(server: &str) -> Kubeconfig {
    serde_json::from_value(serde_json::json!({
        "clusters": [{ "name": "gone", "cluster": { "server": server } }],
        "users": [{ "name": "me", "user": {} }],
        "contexts": [{ "name": "gone", "context": { "cluster": "gone", "user": "me" } }],
        "current-context": "gone",
    }))
    .unwrap()
}

fn clone() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Settings of a run on a cluster that nobody prepared.
pub(super) fn settings(kubeconfig: Kubeconfig) -> Settings {
    Settings {
        kubeconfig,
        embedded: None,
        namespace: namespace_name("12.1", 42),
        clone: clone(),
        runs: PathBuf::new(),
        language: Language::En,
        deadline: Duration::from_secs(1),
        keep: false,
        enter: None,
    }
}

async fn run_on(kubeconfig: Kubeconfig) -> (Error, Vec<Event>) {
    let exercise = Exercise::load(&clone(), Language::En, "12.1").unwrap();
    let runs = tempfile::tempdir().unwrap();
    let settings = Settings {
        runs: runs.path().join("runs"),
        ..settings(kubeconfig)
    };
    let mut events = vec![];
    let (_stopper, stop) = Stop::new();
    let error = run(&exercise, &settings, &stop, &mut |event| {
        events.push(event);
    })
    .await
    .unwrap_err();
    (error, events)
}

#[test]
fn a_namespace_is_named_after_the_exercise() {
    assert_eq!(namespace_name("12.1", 42), "lab-12-1-0000002a");
}

#[tokio::test]
async fn a_cluster_that_is_gone_is_said_to_be() {
    let (error, events) = run_on(nobody()).await;
    let text = error.to_string();
    assert!(
        text.starts_with("the cluster of context \"gone\" does not answer: "),
        "{text}"
    );
    assert!(matches!(error, Error::Access(access::Error::Unreachable { .. })));
    assert!(
        matches!(
            &events[..],
            [Event::RunFinished {
                ending: Ending::Failed { .. },
                seen: 0,
                ..
            }]
        ),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_context_that_is_not_there_is_said_not_to_be() {
    let (error, _) = run_on(Kubeconfig {
        current_context: Some("other".into()),
        ..nobody()
    })
    .await;
    assert!(matches!(error, Error::Access(access::Error::NoContext { context, .. }) if context == "other"));
}

#[tokio::test]
async fn the_cluster_is_asked_once_whether_it_is_there() {
    let (asked, mut versions) = mpsc::unbounded_channel();
    let server = fake::server(move |request| {
        if request == "GET /version" {
            asked.send(()).unwrap();
        }
        match request {
            "GET /version" => fake::version("1", "37"),
            "GET /api/v1/namespaces" => fake::list(&[]),
            _ => fake::refusal(403, "you may not"),
        }
    })
    .await;
    let exercise = Exercise::load(&clone(), Language::En, "12.1").unwrap();
    let runs = tempfile::tempdir().unwrap();
    let settings = Settings {
        runs: runs.path().join("runs"),
        ..settings(at(&server))
    };
    let (_stopper, stop) = Stop::new();
    let results = run_all(
        &[(exercise, settings)],
        &stop,
        &Clock::start(Timestamp::now),
        &mut |_| {},
    )
    .await
    .unwrap();
    assert!(matches!(results[..], [Err(Error::Refused { .. })]), "{results:?}");
    assert_eq!(
        (versions.recv().await, versions.try_recv().ok()),
        (Some(()), None)
    );
}
