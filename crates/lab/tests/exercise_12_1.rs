//! Exercise 12.1 on a running cluster: it is seen as the guide has it, and missed where something is not so.
//!
//! The cluster is the embedded one of the name `LAB_NAME`, which `lab up` brought up.

#![expect(clippy::unwrap_used, reason = "what cannot go on here is a test that fails")]

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use cluster::{DEFAULT_NETWORK, Layout};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, api::DeleteParams, config::Kubeconfig};
use lab::{
    events::{Event, Miss},
    guide::{Exercise, Language},
    runner::{self, Embedded, Error, Outcome, Settings, Signal},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn layout() -> Layout {
    let name = std::env::var("LAB_NAME").unwrap_or_else(|_| "lab".into());
    let layout = Layout::new(&name, DEFAULT_NETWORK).unwrap();
    layout
        .saved()
        .unwrap_or_else(|| panic!("the cluster {name:?} is not there; `lab --name {name} up` makes it"))
}

fn settings(clone: PathBuf, deadline: Duration) -> Settings {
    let layout = layout();
    Settings {
        kubeconfig: Kubeconfig::read_from(layout.kubeconfig()).unwrap(),
        embedded: Some(Embedded::of(&layout)),
        namespace: runner::namespace_name("12.1", rand::random()),
        clone,
        language: Language::En,
        deadline,
        keep: false,
    }
}

/// A run, with all that was told, after which nothing of it may be left.
async fn run(
    settings: &Settings,
    interrupt_at: Option<fn(&Event) -> bool>,
) -> (Result<Outcome, Error>, Vec<Event>) {
    let (sender, mut signals) = mpsc::channel(1);
    let mut events = vec![];
    let mut tell = |event: Event| {
        if interrupt_at.is_some_and(|at| at(&event)) {
            // One is enough: a second one would say not to wait for the cleaning up.
            let _ = sender.try_send(Signal::Interrupt);
        }
        events.push(event);
    };
    let result = runner::run(&exercise(), settings, &mut signals, &mut tell).await;
    let left = namespaces().await.get_opt(&settings.namespace).await.unwrap();
    assert!(left.is_none(), "{} is left", settings.namespace);
    (result, events)
}

fn exercise() -> Exercise {
    Exercise::load(&root(), Language::En, "12.1").unwrap()
}

async fn namespaces() -> Api<Namespace> {
    Api::all(cluster::client(&layout().kubeconfig()).await.unwrap())
}

fn missed(events: &[Event]) -> &Miss {
    let miss = events.iter().find_map(|event| {
        if let Event::Missed(miss) = event {
            Some(miss)
        } else {
            None
        }
    });
    miss.unwrap_or_else(|| panic!("nothing was missed: {events:#?}"))
}

/// A copy of the manifests in which each container's readiness probe is what `probe` makes of it.
fn manifests(probe: impl Fn(&mut serde_json::Map<String, Value>)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        "numbers/numbers-api.yaml",
        "numbers/update/api-with-readiness.yaml",
    ] {
        let text = std::fs::read_to_string(root().join("k8s").join(file)).unwrap();
        let mut objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        for object in &mut objects {
            let containers = object
                .pointer_mut("/spec/template/spec/containers")
                .and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                probe(container.as_object_mut().unwrap());
            }
        }
        let target = folder.path().join("k8s").join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        // JSON is YAML, as which kubectl takes it if the file does not begin with a brace.
        let documents: Vec<_> = objects.iter().map(|object| format!("---\n{object}\n")).collect();
        std::fs::write(target, documents.concat()).unwrap();
    }
    folder
}

/// Before each step the runner itself looks whether its proof holds already, and misses if so. That everything is seen
/// is therefore the negative control of each check as well.
#[tokio::test]
async fn everything_is_seen() {
    let settings = settings(root(), Duration::from_secs(60));
    let (result, events) = run(&settings, None).await;
    assert!(matches!(result, Ok(Outcome::Seen)), "{result:?}: {events:#?}");
    let exercise = exercise();
    let proofs = exercise.steps.iter().map(|step| {
        let action = &step.action;
        action.checks.len() + usize::from(action.prints.is_some()) + usize::from(action.must_fail)
    });
    let seen = events
        .iter()
        .filter(|event| matches!(event, Event::Seen { .. }))
        .count();
    assert_eq!(seen, proofs.sum::<usize>());
}

#[tokio::test]
async fn without_the_probe_the_broken_pod_stays_and_that_is_missed() {
    let manifests = manifests(|container| drop(container.remove("readinessProbe")));
    let (result, events) = run(&settings(manifests.path().into(), Duration::from_secs(20)), None).await;
    assert!(matches!(result, Ok(Outcome::Missed)), "{result:?}");
    let miss = missed(&events);
    assert!(
        miss.expected.starts_with("numbers-api has 1 ready endpoint;"),
        "{miss:#?}"
    );
    assert!(
        miss.observed.starts_with("numbers-api has 2 ready endpoints ("),
        "{miss:#?}"
    );
    assert!(
        miss.observed.contains("200 (") && miss.observed.contains("500 ("),
        "{miss:#?}"
    );
}

#[tokio::test]
async fn with_a_probe_from_the_start_the_broken_pod_leaves_and_that_is_missed() {
    let probe = serde_json::json!({
        "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 1, "failureThreshold": 1,
    });
    let manifests = manifests(|container| drop(container.insert("readinessProbe".into(), probe.clone())));
    let (result, events) = run(&settings(manifests.path().into(), Duration::from_secs(20)), None).await;
    assert!(matches!(result, Ok(Outcome::Missed)), "{result:?}");
    let miss = missed(&events);
    assert!(
        miss.expected.contains("2 ready endpoints") && miss.expected.contains("stays for 11 s"),
        "{miss:#?}"
    );
}

#[tokio::test]
async fn an_interrupted_run_cleans_up() {
    let settings = settings(root(), Duration::from_secs(60));
    let at = |event: &Event| matches!(event, Event::ProofStarted { .. });
    let (result, events) = run(&settings, Some(at)).await;
    assert!(
        matches!(result, Err(Error::Interrupted(Signal::Interrupt))),
        "{result:?}: {events:#?}"
    );
}

/// The way to the API server of `kubeconfig`, by a detour through this process that ends when the task does.
async fn detour(kubeconfig: &mut Kubeconfig) -> tokio::task::JoinHandle<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cluster = kubeconfig.clusters[0].cluster.as_mut().unwrap();
    let detour = format!("https://{}", listener.local_addr().unwrap());
    let server = cluster.server.replace(detour).unwrap();
    let server = server.strip_prefix("https://").unwrap().to_owned();
    cluster.tls_server_name = Some(server.split(':').next().unwrap().to_owned());
    tokio::spawn(async move {
        let mut open = tokio::task::JoinSet::new();
        loop {
            let (mut here, _) = listener.accept().await.unwrap();
            let server = server.clone();
            open.spawn(async move {
                let mut there = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
            });
        }
    })
}

#[tokio::test]
async fn a_cluster_that_goes_away_is_said_to_be_gone() {
    let mut settings = settings(root(), Duration::from_secs(60));
    let detour = detour(&mut settings.kubeconfig).await;
    let mut events = vec![];
    let mut tell = |event: Event| {
        if matches!(event, Event::ProofStarted { .. }) {
            detour.abort();
        }
        events.push(event);
    };
    let (_sender, mut signals) = mpsc::channel(1);
    let result = runner::run(&exercise(), &settings, &mut signals, &mut tell).await;
    // Deleted by the direct way before anything is asserted.
    namespaces()
        .await
        .delete(&settings.namespace, &DeleteParams::default())
        .await
        .unwrap();
    assert!(
        matches!(result, Err(Error::Unreachable { .. })),
        "{result:?}: {events:#?}"
    );
    let left = |event: &Event| matches!(event, Event::Warning { message } if message.contains(&format!("delete namespace {}", settings.namespace)));
    assert!(
        events.iter().any(left),
        "nobody is told what is left: {events:#?}"
    );
}
