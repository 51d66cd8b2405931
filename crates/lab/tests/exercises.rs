//! The exercises on a running cluster: all is seen as the guide has it, and missed where something is not so.
//!
//! The cluster is the embedded one of the name `LAB_NAME`, which `lab up` brought up.

#![expect(clippy::unwrap_used, reason = "what cannot go on here is a test that fails")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use cluster::{DEFAULT_NETWORK, Layout};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, api::DeleteParams, config::Kubeconfig};
use lab::{
    applied::Applied,
    events::{Event, Miss},
    guide::{self, Exercise, Language},
    reports::{Look, Reporter, Terminal},
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

fn settings(exercise: &Exercise, clone: PathBuf, deadline: Duration) -> Settings {
    let layout = layout();
    Settings {
        kubeconfig: Kubeconfig::read_from(layout.kubeconfig()).unwrap(),
        embedded: Some(Embedded::of(&layout)),
        namespace: runner::namespace_name(&exercise.id, rand::random()),
        clone,
        language: Language::En,
        deadline,
        keep: false,
    }
}

/// A run, with all that was told, after which nothing of it may be left.
async fn run(
    exercise: &Exercise,
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
    let result = runner::run(exercise, settings, &mut signals, &mut tell).await;
    nothing_left(exercise, &settings.namespace).await;
    (result, events)
}

/// Neither the run's namespace nor one that its manifests make.
async fn nothing_left(exercise: &Exercise, namespace: &str) {
    let namespaces = namespaces().await;
    let applied = Applied::by(exercise, &root().join("k8s")).unwrap();
    let made = applied.namespaces().map(|made| made.name.as_str());
    for name in made.chain([namespace]) {
        let left = namespaces.get_opt(name).await.unwrap();
        assert!(left.is_none(), "{name} is left");
    }
}

/// Held by whoever runs an exercise that makes namespaces of fixed names.
static FIXED_NAMESPACES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn exercise(id: &str) -> Exercise {
    Exercise::load(&root(), Language::En, id).unwrap()
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

/// A copy of the clone in which each object of the manifests is what `change` makes of it, given its file below `k8s/`.
fn changed(change: impl Fn(&str, &mut Value)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["k8s", "helm"] {
        let copied = std::process::Command::new("cp")
            .arg("--archive")
            .arg(root().join(name))
            .arg(folder.path())
            .status();
        assert!(copied.unwrap().success());
    }
    let mut changes = 0;
    let mut folders = vec![folder.path().join("k8s")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                let before: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
                let mut objects = before.clone();
                let file = path
                    .strip_prefix(folder.path().join("k8s"))
                    .unwrap()
                    .display()
                    .to_string();
                objects.iter_mut().for_each(|object| change(&file, object));
                changes += usize::from(objects != before);
                // JSON is YAML, as which kubectl takes it if the file does not begin with a brace.
                let documents: Vec<_> = objects.iter().map(|object| format!("---\n{object}\n")).collect();
                std::fs::write(path, documents.concat()).unwrap();
            }
        }
    }
    assert!(
        changes > 0,
        "the manifests have nothing that could be changed like this"
    );
    folder
}

/// The fields of an object's only container, if it has one.
fn container(object: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    object
        .pointer_mut("/spec/template/spec/containers/0")?
        .as_object_mut()
}

/// Runs an exercise on changed manifests, and requires that something is missed which says `expected`, where there was
/// `observed`.
async fn missed_after(id: &str, expected: &str, observed: &str, change: impl Fn(&str, &mut Value)) {
    let clone = changed(change);
    let exercise = exercise(id);
    let settings = settings(&exercise, clone.path().into(), Duration::from_secs(100));
    let (result, events) = run(&exercise, &settings, None).await;
    assert!(matches!(result, Ok(Outcome::Missed)), "{id}: {result:?}");
    let miss = missed(&events);
    assert!(
        miss.expected.contains(expected) && miss.observed.contains(observed),
        "{id}: {miss:#?}"
    );
}

/// Before each step the runner itself looks whether its proof holds already, and misses if so. That everything is seen
/// is therefore the negative control of each check as well.
#[tokio::test]
async fn everything_is_seen() {
    let _alone = FIXED_NAMESPACES.lock().await;
    let ids = guide::list(&root(), Language::En).unwrap();
    let exercises: Vec<_> = ids
        .iter()
        .map(|id| {
            let exercise = exercise(id);
            let settings = settings(&exercise, root(), Duration::from_secs(120));
            (exercise, settings)
        })
        .collect();
    let (_sender, mut signals) = mpsc::channel(1);
    let mut events = vec![];
    let began = Instant::now();
    let results = runner::run_all(&exercises, &mut signals, &mut |event| events.push(event)).await;
    events.push(Event::AllFinished {
        took: began.elapsed().as_secs_f64(),
    });
    // Where the time went, and what was missed, for whoever reads the test's output.
    let look = Look {
        colour: false,
        unicode: true,
    };
    let mut terminal = Terminal::new(std::io::stdout(), look);
    for event in &events {
        terminal.take(event).unwrap();
    }
    for result in results.unwrap() {
        assert!(matches!(result, Ok(Outcome::Seen)), "{result:?}");
    }
    let proofs = exercises
        .iter()
        .flat_map(|(exercise, _)| &exercise.steps)
        .map(|step| {
            let action = &step.action;
            action.checks.len() + usize::from(action.prints.is_some()) + usize::from(action.must_fail)
        });
    let seen = events
        .iter()
        .filter(|event| matches!(event, Event::Seen { .. }))
        .count();
    assert_eq!(seen, proofs.sum::<usize>());
    for (exercise, settings) in &exercises {
        nothing_left(exercise, &settings.namespace).await;
    }
}

#[tokio::test]
async fn without_readiness_the_broken_pod_stays_in_the_endpoints() {
    let expected = "numbers-api has 1 ready endpoint;";
    missed_after(
        "12.1",
        expected,
        "numbers-api has 2 ready endpoints (",
        |_, object| {
            if let Some(container) = container(object) {
                container.remove("readinessProbe");
            }
        },
    )
    .await;
}

#[tokio::test]
async fn with_readiness_from_the_start_the_broken_pod_leaves_too_early() {
    let probe = serde_json::json!({
        "httpGet": { "path": "/healthz", "port": 8080 }, "periodSeconds": 1, "failureThreshold": 1,
    });
    missed_after(
        "12.1",
        "so it stays for 11 s",
        "1 ready endpoint",
        |file, object| {
            if file.starts_with("numbers/")
                && let Some(container) = container(object)
            {
                container.insert("readinessProbe".into(), probe.clone());
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_service_that_selects_nothing_is_missed() {
    missed_after("12.1", "2 ready endpoints", "0 ready endpoints", |_, object| {
        if object["kind"] == "Service" {
            object["spec"]["selector"]["app"] = "nobody".into();
        }
    })
    .await;
}

#[tokio::test]
async fn without_liveness_nothing_is_restarted() {
    missed_after("12.2", "1 restart", "0 restarts", |_, object| {
        if let Some(container) = container(object) {
            container.remove("livenessProbe");
        }
    })
    .await;
}

/// The update of a database that has its data for itself takes the data away, and the items' table with it.
#[tokio::test]
async fn an_update_that_works_interrupts_the_app() {
    missed_after("12.2", "todo-web/ get 200; all the time", "503", |_, object| {
        if let Some(container) = container(object) {
            container.remove("command");
        }
    })
    .await;
}

#[tokio::test]
async fn below_a_high_memory_limit_nothing_is_killed() {
    let _alone = FIXED_NAMESPACES.lock().await;
    missed_after(
        "12.4",
        "\"limit\":\"50MiB\"",
        "\"limit\":\"1024MiB\"",
        |_, object| {
            if let Some(memory) =
                object.pointer_mut("/spec/template/spec/containers/0/resources/limits/memory")
            {
                *memory = "1Gi".into();
            }
        },
    )
    .await;
}

#[tokio::test]
async fn below_a_high_cpu_limit_nothing_is_held_back() {
    let _alone = FIXED_NAMESPACES.lock().await;
    missed_after(
        "12.4",
        "held back by a CPU limit of 250m",
        "limit 2000m",
        |_, object| {
            if let Some(cpu) = object.pointer_mut("/spec/template/spec/containers/0/resources/limits/cpu") {
                *cpu = "2".into();
            }
        },
    )
    .await;
}

#[tokio::test]
async fn below_a_high_quota_nothing_is_refused() {
    let _alone = FIXED_NAMESPACES.lock().await;
    let expected = "0 of 1 pods; more were refused: exceeded quota";
    missed_after("12.4", expected, "1 of 1 pods", |_, object| {
        if let Some(memory) = object.pointer_mut("/spec/hard/limits.memory") {
            *memory = "8Gi".into();
        }
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_run_cleans_up() {
    let exercise = exercise("12.1");
    let settings = settings(&exercise, root(), Duration::from_secs(60));
    let at = |event: &Event| matches!(event, Event::ProofStarted { .. });
    let (result, events) = run(&exercise, &settings, Some(at)).await;
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
    let exercise = exercise("12.1");
    let mut settings = settings(&exercise, root(), Duration::from_secs(60));
    let detour = detour(&mut settings.kubeconfig).await;
    let mut events = vec![];
    let mut tell = |event: Event| {
        if matches!(event, Event::ProofStarted { .. }) {
            detour.abort();
        }
        events.push(event);
    };
    let (_sender, mut signals) = mpsc::channel(1);
    let result = runner::run(&exercise, &settings, &mut signals, &mut tell).await;
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
