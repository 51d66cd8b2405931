use std::{cell::RefCell, collections::BTreeMap, path::Path};

use access::{Access, fake};
use guide::Footprint;
use kube::{Client, config::Kubeconfig};
use proofs::Place;
use tokio::sync::mpsc;

use super::{folder::Folder, shell::Shell, *};

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
    }
}

/// The place of a run on the cluster of `client`, with its folder in `runs`.
fn sandbox(client: Client, runs: &Path) -> Sandbox {
    Sandbox {
        access: Access {
            client: client.clone(),
            context: "fake".into(),
            namespace: "default".into(),
        },
        place: Place {
            client,
            namespace: namespace_name("12.1", 42),
            folder: runs.into(),
        },
        kubectl: "kubectl".into(),
        shell: Shell {
            folder: runs.into(),
            environment: BTreeMap::new(),
        },
        footprint: Footprint::default(),
        made: RefCell::default(),
        helm_3: false,
        embedded: false,
        _folder: Folder::claim(runs).unwrap(),
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
    let results = run_all(&[(exercise, settings)], &stop, &mut |_| {})
        .await
        .unwrap();
    assert!(matches!(results[..], [Err(Error::Refused { .. })]), "{results:?}");
    assert_eq!(
        (versions.recv().await, versions.try_recv().ok()),
        (Some(()), None)
    );
}

#[tokio::test]
async fn a_namespace_whose_making_was_not_answered_is_removed_or_named() {
    let runs = tempfile::tempdir().unwrap();
    let make = async |made: u16, deleted: u16| {
        let (asked, mut requests) = mpsc::unbounded_channel();
        let client = fake::api(move |request, _| {
            asked.send(request.to_owned()).unwrap();
            let code = if request.starts_with("POST") {
                made
            } else {
                deleted
            };
            match code {
                200 => (200, serde_json::json!({ "metadata": {} })),
                code => fake::refusal(code, "why"),
            }
        });
        let error = sandbox(client, runs.path()).create_namespace().await.unwrap_err();
        let _made = requests.recv().await;
        (error.to_string(), requests.recv().await)
    };
    let name = namespace_name("12.1", 42);
    let delete = Some(format!("DELETE /api/v1/namespaces/{name}"));
    let (error, asked) = make(504, 200).await;
    assert!(asked == delete && !error.contains(&name), "{asked:?} {error}");
    let (error, asked) = make(504, 404).await;
    assert!(asked == delete && error.contains(&name), "{asked:?} {error}");
    // One of that name that was there before is somebody else's.
    let (error, asked) = make(409, 200).await;
    assert!(asked.is_none() && !error.contains(&name), "{asked:?} {error}");
}

#[tokio::test]
async fn a_cleanup_that_fails_has_an_end_and_names_what_is_left() {
    let name = namespace_name("12.1", 42);
    let own = serde_json::json!({ "metadata": { "name": name, "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z" } });
    let (one, list) = (
        format!("/api/v1/namespaces/{name}"),
        "GET /api/v1/namespaces".to_owned(),
    );
    let client = fake::api(move |request, _| match request {
        "POST /api/v1/namespaces" => (201, own.clone()),
        _ if request == list => fake::list(&[]),
        _ if request.ends_with(&one) && request.starts_with("GET") => (200, own.clone()),
        _ => fake::refusal(403, "you may not"),
    });
    let exercise = Exercise::load(&clone(), Language::En, "12.1").unwrap();
    let runs = tempfile::tempdir().unwrap();
    let mut events = vec![];
    let (stopper, stop) = Stop::new();
    let mut tell = |event: Event| {
        // A cluster that goes on failing is given up when the person is.
        if matches!(event, Event::CleanupStarted { .. }) {
            stopper.stop(Signal::Interrupt);
            stopper.stop(Signal::Interrupt);
        }
        events.push(event);
    };
    let sandbox = sandbox(client, runs.path());
    let result = sandboxed(&sandbox, &exercise, &settings(nobody()), &stop, &mut tell).await;
    assert!(matches!(result, Err(Error::LeftBehind { .. })), "{result:?}");
    assert!(
        matches!(&events[..], [.., Event::CleanupStarted { .. }, Event::CleanupFinished { kept, .. }] if *kept == [name]),
        "{events:?}"
    );
}
