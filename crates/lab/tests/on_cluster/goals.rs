//! The task of 12.6 is judged by what it asks: whatever way is right is accepted, and whatever is wrong is refused, each with
//! a reason of its own.

mod cases;
mod manifests;

use std::{
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use access::wait::{patiently, until};
use guide::{Goal, Language, Message};
use proofs::{
    Place,
    goals::{GoalVerdict, Outcome, judge},
};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use self::{
    cases::{Case, RIGHT, WRONG},
    manifests::Team,
};
use crate::{
    exercises::{EXERCISES, LABS_NAMESPACES, exercise, root},
    programs::{fed, layout, printed, program},
};

/// By when it is known what is wrong: pods get 15 s to become ready, and a container that ends is started again first.
const KNOWN: Duration = Duration::from_secs(60);

/// All that somebody may have made, and that goes before the next comes.
const MADE: &str = "deployments,statefulsets,daemonsets,jobs,replicasets,replicationcontrollers,pods,resourcequotas,limitranges";

/// Somebody who looks from outside, as `lab check` does.
struct Judge {
    runtime: Runtime,
    place: Place,
}

impl Judge {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(cluster::client(&layout().kubeconfig())).unwrap();
        let place = Place::new(client, "default".into(), root().join("k8s"));
        Self { runtime, place }
    }

    /// Beside tests that fill the disk the cluster may not answer in time.
    async fn verdicts(&self, goals: &[Goal]) -> Result<Vec<GoalVerdict>, kube::Error> {
        patiently(async || judge(goals, &self.place).await).await
    }

    fn look(&self, goals: &[Goal]) -> Vec<GoalVerdict> {
        self.runtime.block_on(self.verdicts(goals)).unwrap()
    }

    /// Looks until all is as expected; what was seen last if that does not come.
    fn until(&self, goals: &[Goal], as_expected: impl Fn(&[GoalVerdict]) -> bool) -> Result<(), String> {
        let mut last = vec![];
        let looking = until(KNOWN, async || {
            last = self.verdicts(goals).await?;
            Ok::<_, kube::Error>(as_expected(&last).then_some(()))
        });
        match self.runtime.block_on(looking).unwrap() {
            Some(()) => Ok(()),
            None => Err(told(goals, &last)),
        }
    }
}

fn kind(goal: &Goal) -> &'static str {
    match goal {
        Goal::Quota(_) => "quota",
        Goal::Workload(_) => "workload",
        Goal::Answers(_) => "answers",
        Goal::Refused(_) => "refused",
        Goal::Pending(_) => "pending",
        Goal::Shown(_) => "shown",
        Goal::Object(_) => "object",
        Goal::Event(_) => "event",
    }
}

/// `met`, or why not.
fn said(verdict: &GoalVerdict) -> &'static str {
    let reason = verdict.reason.as_ref().and_then(Message::id);
    reason.unwrap_or("met")
}

/// Verdicts as a person reads them.
fn told(goals: &[Goal], verdicts: &[GoalVerdict]) -> String {
    let tell = |message: &Message| Language::En.tell(message);
    let line = |(goal, verdict): (&Goal, &GoalVerdict)| {
        let (asked, observed) = (tell(&goal.claim().describe()), tell(&verdict.observed));
        let reason = verdict.reason.as_ref().map(tell).unwrap_or_default();
        format!("\n{:?}: {asked}\n    {observed}. {reason}", verdict.outcome)
    };
    goals.iter().zip(verdicts).map(line).collect()
}

/// The goals of the page, as they are about one namespace; the shares of the others too, without which nobody could see that
/// two are swapped.
fn goals_of(team: &Team) -> Vec<Goal> {
    let own = |namespace: &Option<String>| namespace.as_deref() == Some(team.namespace);
    let here = vec![team.namespace.to_owned()];
    let about = |goal: Goal| match goal {
        Goal::Workload(goal) => own(&goal.namespace).then_some(Goal::Workload(goal)),
        Goal::Answers(goal) => own(&goal.namespace).then_some(Goal::Answers(goal)),
        Goal::Refused(mut goal) => {
            goal.namespaces.clone_from(&here);
            Some(Goal::Refused(goal))
        }
        Goal::Pending(mut goal) => {
            goal.namespaces.clone_from(&here);
            Some(Goal::Pending(goal))
        }
        other => Some(other),
    };
    let mut goals: Vec<_> = exercise("12.6").goals.into_iter().filter_map(about).collect();
    // Its own share is the first, which is how it is found.
    goals.sort_by_key(|goal| !matches!(goal, Goal::Quota(quota) if own(&quota.namespace)));
    goals
}

/// Whether the first goal of each kind has the verdict that is expected.
fn is_expected(goals: &[Goal], verdicts: &[GoalVerdict], expected: &[(&str, &str)]) -> bool {
    expected.iter().all(|(wanted, said_of_it)| {
        let index = goals.iter().position(|goal| kind(goal) == *wanted).unwrap();
        said(&verdicts[index]) == *said_of_it
    })
}

fn apply(team: &Team, objects: &[serde_json::Value]) {
    if !objects.is_empty() {
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
        let arguments = ["apply", "--namespace", team.namespace, "--filename=-"];
        printed(&fed(&arguments, &list.to_string()));
    }
}

/// Applies a solution and has it judged, at once and later.
fn tried(judge: &Judge, team: &Team, case: &Case) -> Result<(), String> {
    let goals = goals_of(team);
    if let Some(before) = case.before {
        apply(team, &before(team));
        let ready = |verdicts: &[GoalVerdict]| is_expected(&goals, verdicts, &[("workload", "met")]);
        judge.until(&goals, ready)?;
    }
    apply(team, &(case.applied)(team));
    // Whoever asks too soon is never told that something is right which is not.
    let wrong = |(kind, said): &&(&'static str, &str)| (*said != "met").then_some(*kind);
    let wrong: Vec<_> = case
        .expected
        .iter()
        .filter_map(|expected| wrong(&expected))
        .collect();
    let at_once = judge.look(&goals);
    for (goal, verdict) in goals.iter().zip(&at_once) {
        let own = !matches!(goal, Goal::Quota(quota) if quota.namespace.as_deref() != Some(team.namespace));
        if own && wrong.contains(&kind(goal)) && verdict.outcome == Outcome::Met {
            return Err(format!("right at first: {}", told(&goals, &at_once)));
        }
    }
    judge.until(&goals, |verdicts| is_expected(&goals, verdicts, case.expected))
}

/// The namespace as the exercise begins.
fn begun_again(team: &Team, case: &Case) {
    let mut kinds = MADE.to_owned();
    let made_a_service = (case.applied)(team)
        .iter()
        .any(|object| object["kind"] == "Service");
    if made_a_service {
        kinds += ",services";
    }
    let mut delete = program("kubectl");
    delete.args(["--namespace", team.namespace, "delete", &kinds, "--all"]);
    printed(&delete.args(["--force", "--grace-period=0"]).output().unwrap());
    if made_a_service {
        let services = std::fs::read_to_string(root().join("k8s/lab/02-services.yaml")).unwrap();
        let named = format!("namespace: {}\n", team.namespace);
        let own = services.split("---\n").find(|text| text.contains(&named));
        printed(&fed(&["apply", "--filename=-"], own.unwrap()));
    }
}

/// The namespaces of the exercise, for as long as a test needs them.
struct Namespaces;

impl Namespaces {
    fn new() -> Self {
        let lab = root().join("k8s/lab/");
        let made = program("kubectl")
            .arg("apply")
            .arg("--filename")
            .arg(lab)
            .output();
        printed(&made.unwrap());
        Self
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        let label = ["delete", "namespaces", "--selector=kiamol=ch12-lab"];
        let _ = program("kubectl").args(label).output();
    }
}

/// What the node has, in thousandths of a processor.
fn node() -> u64 {
    let path = "jsonpath={.items[0].status.allocatable.cpu}";
    let cpu = printed(
        &program("kubectl")
            .args(["get", "nodes", "--output", path])
            .output()
            .unwrap(),
    );
    match cpu.strip_suffix('m') {
        Some(thousandths) => thousandths.parse().unwrap(),
        None => cpu.parse::<u64>().unwrap() * 1000,
    }
}

fn teams() -> [Team; 3] {
    let node = node();
    [("pi-dev", 4, 2), ("pi-test", 4, 2), ("pi-uat", 2, 4)].map(|(namespace, part, other)| Team {
        namespace,
        share: node / part,
        other_share: node / other,
        node,
    })
}

/// Three at a time, one in each namespace.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn whatever_is_right_is_accepted_and_whatever_is_wrong_has_its_reason() {
    let (_own, _not_beside_all) = (LABS_NAMESPACES.lock().await, EXERCISES.read().await);
    let _namespaces = Namespaces::new();
    // The slowest are the last of their table, and begin first.
    let cases: Vec<_> = RIGHT.iter().chain(WRONG).rev().collect();
    let next = AtomicUsize::new(0);
    let failed: Vec<String> = thread::scope(|scope| {
        let workers = teams().map(|team| {
            let (cases, next) = (&cases, &next);
            scope.spawn(move || {
                let judge = Judge::new();
                let mut failed = vec![];
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(seen) = tried(&judge, &team, case) {
                        failed.push(format!("{} in {}: {seen}", case.name, team.namespace));
                    }
                    begun_again(&team, case);
                }
                failed
            })
        });
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The guide's own solution, command by command, judged by the goals of its page.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn the_guides_own_solution_reaches_all_goals() {
    let (_own, _not_beside_all) = (LABS_NAMESPACES.lock().await, EXERCISES.read().await);
    let _namespaces = Namespaces::new();
    let type_in = |commands: &str| {
        let (layout, own) = (layout(), std::env::var("PATH").unwrap());
        let typed = Command::new("sh")
            .args(["-ec", commands])
            .env("KUBECONFIG", layout.kubeconfig())
            .env("NO_PROXY", layout.network.to_string())
            .env("PATH", format!("{}:{own}", layout.bin().display()))
            .current_dir(root().join("k8s"))
            .output();
        printed(&typed.unwrap());
    };
    thread::scope(|scope| {
        let solving = scope.spawn(|| {
            let (judge, goals) = (Judge::new(), exercise("12.6").goals);
            let reached = |kinds: &'static [&'static str]| {
                judge.until(&goals, |verdicts| {
                    let mut asked = goals
                        .iter()
                        .zip(verdicts)
                        .filter(|(goal, _)| kinds.contains(&kind(goal)));
                    asked.all(|(_, verdict)| verdict.is_met())
                })
            };
            let cpu = node();
            let solution = format!("sh lab/solution/solution.sh {cpu}m | kubectl apply -f -");
            type_in(&solution);
            reached(&["quota", "workload", "answers"])?;
            type_in("kubectl scale deployment pi-web -n pi-dev --replicas=6");
            reached(&["quota", "workload", "answers", "refused"])?;
            type_in(&format!(
                "kubectl delete quota cpu-quota -n pi-uat; kubectl set resources deployment pi-web -n pi-uat \
                 --requests=cpu={cpu}m --limits=cpu={cpu}m"
            ));
            // Pods of the version before serve on, three at least; the quota is gone.
            reached(&["answers", "refused", "pending"])?;
            type_in(&solution);
            reached(&["quota", "workload", "answers"])
        });
        solving
            .join()
            .unwrap()
            .unwrap_or_else(|seen: String| panic!("{seen}"));
    });
}
