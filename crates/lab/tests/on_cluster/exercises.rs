//! The exercises: all is seen as the guide has it, whatever interrupts them leaves nothing, and a cluster that goes away is
//! said to be gone.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Duration,
};

use futures::future::join;
use guide::{Action, Exercise, Footprint, Language, Step};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt, api::DeleteParams, config::Kubeconfig};
use report::{Clock, Ending, Event, Look, Reporter, Stamped, Terminal};
use runner::{Enter, Error, Outcome, Settings, Signal, Stop};
use testkit::eventually_async;
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::programs::{WITHIN, layout, printed, program};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn settings(exercise: &Exercise, clone: PathBuf, deadline: Duration) -> Settings {
    let layout = layout();
    Settings {
        kubeconfig: Kubeconfig::read_from(layout.kubeconfig()).unwrap(),
        embedded: Some(lab::target::embedded(&layout)),
        namespace: runner::namespace_name(&exercise.id, rand::random()),
        clone,
        runs: Path::new(env!("CARGO_TARGET_TMPDIR")).join("runs"),
        language: Language::En,
        deadline,
        keep: false,
        enter: None,
    }
}

/// A run, with all that was told, after which nothing of it may be left.
pub(crate) async fn run(
    exercise: &Exercise,
    settings: &Settings,
    interrupt_at: Option<fn(&Event) -> bool>,
) -> (Result<Outcome, Error>, Vec<Event>) {
    let (stopper, stop) = Stop::new();
    let mut events = vec![];
    let mut stopped = false;
    let mut tell = |event: Event| {
        // Once is enough: asking again would say not to wait for the cleaning up.
        if !stopped && interrupt_at.is_some_and(|at| at(&event)) {
            stopped = true;
            stopper.stop(Signal::Interrupt);
        }
        events.push(event);
    };
    let result = runner::run(exercise, settings, &stop, &mut tell).await;
    nothing_left(exercise, &settings.namespace).await;
    (result, events)
}

/// Neither the run's namespace nor one that its manifests make.
async fn nothing_left(exercise: &Exercise, namespace: &str) {
    let namespaces = namespaces().await;
    let applied = Footprint::of(exercise, &root().join("k8s")).unwrap();
    let made = applied.namespaces().map(|made| made.name.as_str());
    for name in made.chain([namespace]) {
        let left = namespaces.get_opt(name).await.unwrap();
        assert!(left.is_none(), "{name} is left");
    }
}

/// Held for reading by whoever makes namespaces that an exercise makes too, or so much load that one would miss something
/// for its sake, and for writing where all exercises run.
pub(crate) static EXERCISES: tokio::sync::RwLock<()> = tokio::sync::RwLock::const_new(());

/// Held by whoever is in the namespaces that 12.6 makes; taken before the other.
pub(crate) static LABS_NAMESPACES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

pub(crate) fn exercise(id: &str) -> Exercise {
    Exercise::load(&root(), Language::En, id).unwrap()
}

async fn namespaces() -> Api<Namespace> {
    Api::all(cluster::client(&layout().kubeconfig()).await.unwrap())
}

/// What a run tells is in order; and of runs at the same time, a later one began before an earlier one had told all.
fn stamped_when_they_happened(events: &[Stamped]) {
    let begins = |event: &Stamped| matches!(event.event, Event::RunStarted { .. });
    let runs: Vec<_> = events
        .chunk_by(|_, next| !begins(next))
        .map(|run| run.iter().map(|event| event.elapsed).collect::<Vec<_>>())
        .collect();
    assert!(runs.iter().all(|run| run.is_sorted()), "{runs:?}");
    let at_once = |two: &[Vec<f64>]| two[1].first() < two[0].last();
    assert!(runs.windows(2).any(at_once), "{runs:?}");
}

/// Before each step the runner itself looks whether its proof holds already, and misses if so. That everything is seen
/// is therefore the negative control of each check as well.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn everything_is_seen() {
    let _alone = EXERCISES.write().await;
    let ids = guide::list(&root(), Language::En).unwrap();
    let exercises: Vec<_> = ids
        .iter()
        .map(|id| {
            let exercise = exercise(id);
            let settings = settings(&exercise, root(), Duration::from_secs(120));
            (exercise, settings)
        })
        .collect();
    let (_stopper, stop) = Stop::new();
    let mut events = vec![];
    let clock = Clock::start(Timestamp::now);
    let results = runner::run_all(&exercises, &stop, &clock, &mut |event| events.push(event)).await;
    let took = clock.elapsed();
    events.push(clock.stamp(Event::AllFinished { took }));
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
            action.proofs.len() + usize::from(action.prints.is_some()) + usize::from(action.must_fail)
        });
    let seen = events
        .iter()
        .filter(|event| matches!(event.event, Event::Seen { .. }))
        .count();
    assert_eq!(seen, proofs.sum::<usize>());
    stamped_when_they_happened(&events);
    for (exercise, settings) in &exercises {
        nothing_left(exercise, &settings.namespace).await;
    }
}

#[tokio::test]
#[ignore = "needs a cluster"]
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

/// A namespace that an exercise makes, and its part that does. Tests that use it take turns.
const MADE: &str = "kiamol-ch12-memory";
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn makes_a_namespace() -> Exercise {
    let mut exercise = exercise("12.4");
    let applies = |command: &String| command == "kubectl apply -f memory-allocator/namespace-with-quota/";
    exercise
        .steps
        .retain(|step| step.action.commands.iter().any(applies));
    let action = &mut exercise.steps[0].action;
    action.commands.retain(applies);
    action.prints = None;
    exercise
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn of_two_runs_that_would_meet_one_gives_up() {
    let (_with_others, _turn) = (EXERCISES.read().await, TURN.lock().await);
    let exercise = makes_a_namespace();
    // Whoever goes on waits before its step for the other to give up: it might be over before the other looks.
    let (finger, enter) = Enter::new();
    let finger = Cell::new(Some(finger));
    let run = async || {
        let mut settings = settings(&exercise, root(), Duration::from_secs(60));
        settings.enter = Some(enter.clone());
        let (_stopper, stop) = Stop::new();
        let result = runner::run(&exercise, &settings, &stop, &mut |_| {}).await;
        drop(finger.take());
        (result, settings.namespace)
    };
    let results = timeout(WITHIN, join(run(), run())).await.unwrap();
    let (((Ok(Outcome::Seen), seen), (Err(Error::AnotherRun { namespace }), _))
    | ((Err(Error::AnotherRun { namespace }), _), (Ok(Outcome::Seen), seen))) = &results
    else {
        panic!("{results:?}");
    };
    assert_eq!(namespace, seen);
    for namespace in [&results.0.1, &results.1.1] {
        nothing_left(&exercise, namespace).await;
    }
}

/// Made while the run is under way, it is met before the step that would change it; made before, the run does not begin.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_learners_own_namespace_is_left_as_it_is() {
    let (_with_others, _turn) = (EXERCISES.read().await, TURN.lock().await);
    let mut exercise = makes_a_namespace();
    let action = Action {
        commands: vec!["true".into()],
        ..Action::default()
    };
    let first = Step {
        action,
        ..exercise.steps[0].clone()
    };
    exercise.steps.insert(0, first);
    let mut begun = vec![];
    for _ in 0..2 {
        let settings = settings(&exercise, root(), Duration::from_secs(60));
        let (_stopper, stop) = Stop::new();
        let mut steps = 0;
        let mut tell = |event: Event| {
            if matches!(event, Event::StepStarted { step: 1, .. }) {
                let made = program("kubectl").args(["create", "namespace", MADE]).output();
                printed(&made.unwrap());
                steps += 1;
            }
        };
        let result = runner::run(&exercise, &settings, &stop, &mut tell).await;
        begun.push(steps);
        assert!(
            matches!(&result, Err(Error::InTheWay { namespaces }) if namespaces == MADE),
            "{result:?}"
        );
    }
    let namespaces = namespaces().await;
    let there = namespaces.get(MADE).await.unwrap();
    namespaces.delete(MADE, &DeleteParams::default()).await.unwrap();
    assert!(there.metadata.deletion_timestamp.is_none() && !there.labels().contains_key("kiamol"));
    assert_eq!(begun, [1, 0]);
    eventually_async("the end of the namespace", WITHIN, || async {
        namespaces.get_opt(MADE).await.unwrap().is_none()
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn an_exercise_that_waited_for_its_turn_is_interrupted_with_the_others() {
    let (_with_others, _turn) = (EXERCISES.read().await, TURN.lock().await);
    let exercises = [(); 2].map(|()| {
        let exercise = makes_a_namespace();
        let settings = settings(&exercise, root(), Duration::from_secs(60));
        (exercise, settings)
    });
    let (stopper, stop) = Stop::new();
    let mut endings = vec![];
    let mut tell = |event: Stamped| match event.event {
        Event::ProofStarted { .. } => stopper.stop(Signal::Hangup),
        Event::RunFinished { ending, .. } => endings.push(ending),
        _ => {}
    };
    let clock = Clock::start(Timestamp::now);
    let results = runner::run_all(&exercises, &stop, &clock, &mut tell)
        .await
        .unwrap();
    let interrupted = |result: &_| matches!(result, Err(Error::Interrupted(Signal::Hangup)));
    assert!(results.iter().all(interrupted), "{results:?}");
    assert_eq!(endings, [const { Ending::Interrupted { signal: "SIGHUP" } }; 2]);
    for (exercise, settings) in &exercises {
        nothing_left(exercise, &settings.namespace).await;
    }
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
#[ignore = "needs a cluster"]
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
    let (_stopper, stop) = Stop::new();
    let result = runner::run(&exercise, &settings, &stop, &mut tell).await;
    // Deleted by the direct way before anything is asserted.
    namespaces()
        .await
        .delete(&settings.namespace, &DeleteParams::default())
        .await
        .unwrap();
    assert!(
        matches!(result, Err(Error::Access(access::Error::Unreachable { .. }))),
        "{result:?}: {events:#?}"
    );
    let left = |event: &Event| matches!(event, Event::Warning { message } if message.contains(&format!("delete namespace {}", settings.namespace)));
    assert!(
        events.iter().any(left),
        "nobody is told what is left: {events:#?}"
    );
}
