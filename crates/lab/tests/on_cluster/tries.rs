//! What sections leave to try, done in several ways: each that is right is accepted, and nothing that only looks like it.

mod cases;

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use access::wait::{patiently, until};
use guide::{Goal, Language, Message, Try};
use proofs::{
    Place,
    goals::{GoalVerdict, judge},
};
use tokio::runtime::{Builder, Runtime};

use self::cases::{CASES, Case, Then};
use crate::{
    exercises::{EXERCISES, exercise, root},
    programs::{Namespace, layout, printed},
};

/// By when it is seen: a container is restarted after half a minute, and has to run for three quarters of one.
const SEEN: Duration = Duration::from_secs(90);

/// How often somebody breaks a program until the kubelet lets it wait.
const ROUNDS: usize = 8;
/// How many learners there are at a time: more of them, and the API server is what is waited for.
const LEARNERS: usize = 12;

/// A learner in a namespace of their own, who asks again and again.
struct Learner {
    runtime: Runtime,
    place: Place,
    namespace: Namespace,
    /// kubectl's, with the namespace.
    folder: tempfile::TempDir,
    tried: Try,
    /// Which goals were met at some time, as `lab check` remembers.
    met: Vec<bool>,
}

impl Learner {
    fn new(case: &Case) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let namespace = Namespace::new();
        let client = runtime.block_on(cluster::client(&layout().kubeconfig())).unwrap();
        let place = Place::new(client, namespace.0.clone(), root().join("k8s"));
        let place = place.for_learner(std::collections::BTreeMap::new());
        let folder = tempfile::tempdir().unwrap();
        let config = fs::read_to_string(layout().kubeconfig()).unwrap();
        let mut config: serde_json::Value = serde_saphyr::from_str(&config).unwrap();
        config["contexts"][0]["context"]["namespace"] = namespace.0.clone().into();
        fs::write(folder.path().join("config"), config.to_string()).unwrap();
        let mut tried = exercise(case.exercise).tries.swap_remove(case.item - 1);
        // The namespaces that pages name belong to one learner alone.
        for goal in &mut tried.goals {
            match goal {
                Goal::Object(goal) => goal.namespace = None,
                Goal::Refused(goal) => goal.namespaces = vec![],
                _ => {}
            }
        }
        let met = vec![false; tried.goals.len()];
        Self {
            runtime,
            place,
            namespace,
            folder,
            tried,
            met,
        }
    }

    fn types(&self, commands: &str) {
        let (layout, own) = (layout(), std::env::var("PATH").unwrap());
        let typed = Command::new("sh")
            .args(["-ec", commands])
            .env("KUBECONFIG", self.folder.path().join("config"))
            .env("NS", &self.namespace.0)
            .env("NO_PROXY", layout.network.to_string())
            .env("PATH", format!("{}:{own}", layout.bin().display()))
            .current_dir(root().join("k8s"))
            .output();
        printed(&typed.unwrap());
    }

    fn is_done(&self) -> bool {
        let judging = patiently(async || judge(&self.tried.goals, &self.place).await);
        self.runtime
            .block_on(judging)
            .unwrap()
            .iter()
            .all(GoalVerdict::is_met)
    }

    /// Looks until all has been seen, or until it is this that lacks first.
    fn sees(&mut self, lacking: Option<&str>) -> Result<(), String> {
        let (mut last, goals, met) = (vec![], &self.tried.goals, &mut self.met);
        let looking = until(SEEN, async || {
            last = patiently(async || judge(goals, &self.place).await).await?;
            for (met, verdict) in met.iter_mut().zip(&last) {
                *met |= verdict.is_met();
            }
            let lacks = last.iter().zip(met.iter()).find(|(_, met)| !**met);
            let said =
                lacks.map(|(verdict, _)| verdict.reason.as_ref().and_then(Message::id).unwrap_or("met"));
            // What is done stays so: to look on would make no difference.
            Ok::<_, kube::Error>((said == lacking || said.is_none()).then_some(said.is_none()))
        });
        let done = self.runtime.block_on(looking).unwrap();
        match (done, lacking) {
            (Some(true), None) | (Some(false), Some(_)) => Ok(()),
            _ => Err(format!("wanted {lacking:?}: {}", told(goals, &last))),
        }
    }
}

fn told(goals: &[Goal], verdicts: &[GoalVerdict]) -> String {
    let tell = |message: &Message| Language::En.tell(message);
    let line = |(goal, verdict): (&Goal, &GoalVerdict)| {
        let (asked, observed) = (tell(&goal.claim().describe()), tell(&verdict.observed));
        let id = verdict.reason.as_ref().and_then(Message::id);
        format!("\n{:?} {id:?}: {asked}\n    {observed}", verdict.outcome)
    };
    goals.iter().zip(verdicts).map(line).collect()
}

fn tried(case: &Case) -> Result<(), String> {
    let mut learner = Learner::new(case);
    for then in case.then {
        match then {
            Then::Types(commands) => learner.types(commands),
            Then::Lacks(id) => learner.sees(Some(id))?,
            Then::Again(commands) => {
                for _ in 0..ROUNDS {
                    learner.types(commands);
                    if learner.is_done() {
                        break;
                    }
                }
            }
            Then::Done => learner.sees(None)?,
        }
    }
    Ok(())
}

#[test]
fn each_item_has_two_right_ways_and_two_that_are_not() {
    for id in guide::list(&root(), Language::En).unwrap() {
        for item in 1..=exercise(&id).tries.len() {
            let cases = || {
                CASES
                    .iter()
                    .filter(|case| case.exercise == id && case.item == item)
            };
            let right = |case: &&Case| matches!(case.then.last(), Some(Then::Done));
            assert!(
                cases().filter(right).count() >= 2,
                "{id} --try {item}: right ways"
            );
            let lacks = cases()
                .flat_map(|case| case.then)
                .filter(|then| matches!(then, Then::Lacks(_)));
            assert!(lacks.count() >= 2, "{id} --try {item}: wrong ones");
        }
    }
}

/// Many at once: what takes long is the kubelet's own patience.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn whatever_way_is_right_is_accepted_and_nothing_else() {
    let _not_beside_all = EXERCISES.read().await;
    let next = AtomicUsize::new(0);
    let failed: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut failed = vec![];
            while let Some(case) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(seen) = tried(case) {
                    failed.push(format!(
                        "{} --try {}, {}: {seen}",
                        case.exercise, case.item, case.name
                    ));
                }
            }
            failed
        };
        let learners: Vec<_> = (0..LEARNERS).map(|_| scope.spawn(work)).collect();
        learners
            .into_iter()
            .flat_map(|learner| learner.join().unwrap())
            .collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
