//! Runs an exercise as the guide has it, and proves each step by looking at the cluster.

mod all;
mod diagnosis;
mod error;
mod folder;
mod neighbours;
mod prove;
mod removal;
mod sandbox;
mod shell;
mod typing;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use kube::config::Kubeconfig;
use tokio::sync::mpsc;

use crate::{
    checks::Check,
    events::{Ending, Event, Times},
    guide::{Action, Exercise, Language, Pattern, Step},
};
pub use all::run_all;
pub use error::Error;
pub(crate) use sandbox::ANSWER;
pub use sandbox::Sandbox;

/// How long a command that is watched may take to print what is already so.
const PRINTED_WITHIN: Duration = Duration::from_secs(10);
const PERIOD: Duration = Duration::from_millis(100);

/// Where and how to run.
#[derive(Clone)]
pub struct Settings {
    /// How to reach the cluster; its current context counts.
    pub kubeconfig: Kubeconfig,
    /// What differs when the cluster is the embedded one.
    pub embedded: Option<Embedded>,
    /// The namespace that is made for the run, as from [`namespace_name`].
    pub namespace: String,
    /// The clone. The commands run in copies of its folder `k8s/`, and of `helm/` beside it, which may be changed.
    pub clone: PathBuf,
    /// The language of what is told.
    pub language: Language,
    /// How long a step's outcome is waited for.
    pub deadline: Duration,
    /// Whether to keep the namespace when something was missed.
    pub keep: bool,
}

/// What commands need to know of the embedded cluster.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The folder with `kubectl`, for those who have none of their own.
    pub programs: PathBuf,
    /// The cluster's addresses. No proxy stands before them.
    pub network: String,
}

impl Embedded {
    /// As the cluster was laid out.
    #[must_use]
    pub fn of(layout: &cluster::Layout) -> Self {
        Self {
            programs: layout.bin(),
            network: layout.network.to_string(),
        }
    }
}

/// A namespace's name, which `random` keeps apart from those of other runs.
#[must_use]
pub fn namespace_name(exercise: &str, random: u32) -> String {
    format!("lab-{}-{random:08x}", exercise.replace('.', "-"))
}

/// A signal that ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed.
    Hangup,
}

impl Signal {
    /// As `kill -l` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }
}

/// Whether everything was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Seen,
    /// Something was missed, and the run ended there.
    Missed,
}

/// Runs `exercise` in a namespace of its own and removes everything again, also when `signals` says to stop. A second
/// signal stops the waiting for that; the cluster finishes it by itself.
///
/// # Errors
/// The run could not go on, or could not remove what it had made.
pub async fn run(
    exercise: &Exercise,
    settings: &Settings,
    signals: &mut mpsc::Receiver<Signal>,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let begin = Instant::now();
    let (mut seen, mut times) = (0, Times::default());
    let mut count = |event: Event| {
        match &event {
            Event::Seen { took, .. } => {
                seen += 1;
                times.waiting += took;
            }
            Event::CommandFinished { took, .. } => times.commands += took,
            Event::CleanupFinished { took, .. } => times.cleaning_up += took,
            _ => {}
        }
        tell(event);
    };
    let result = sandboxed(exercise, settings, signals, &mut count).await;
    let ending = match &result {
        Ok(Outcome::Seen) => Ending::Seen,
        Ok(Outcome::Missed) => Ending::Missed,
        Err(Error::Interrupted(signal)) => Ending::Interrupted {
            signal: signal.name(),
        },
        Err(error) => Ending::Failed {
            error: error.to_string(),
        },
    };
    tell(Event::RunFinished {
        exercise: exercise.id.clone(),
        ending,
        seen,
        took: begin.elapsed().as_secs_f64(),
        times,
    });
    result
}

async fn sandboxed(
    exercise: &Exercise,
    settings: &Settings,
    signals: &mut mpsc::Receiver<Signal>,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let sandbox = Sandbox::prepare(exercise, settings).await?;
    tell(Event::RunStarted {
        exercise: exercise.id.clone(),
        title: exercise.title.clone(),
        language: settings.language,
        steps: exercise.steps.len(),
        context: sandbox.context.clone(),
        namespace: sandbox.view.namespace.clone(),
    });
    for message in sandbox.others().await? {
        tell(Event::Warning { message });
    }
    sandbox.nothing_in_the_way().await?;
    // Not to be interrupted: what was asked for half-way could not be removed for certain.
    sandbox.create_namespace().await?;
    let working = async {
        sandbox.wait_for_others_to_give_up().await?;
        sandbox.wait_for_account().await?;
        steps(exercise, &sandbox, settings, tell).await
    };
    let result = tokio::select! {
        biased;
        signal = next(signals) => Err(Error::Interrupted(signal)),
        result = working => result,
    };
    if let Err(Error::Interrupted(signal)) = &result {
        let message = match settings.language {
            Language::En => format!(
                "{}: cleaning up; once more, and nobody waits for it",
                signal.name()
            ),
            Language::Ko => format!(
                "{}: 정리하는 중; 한 번 더 보내면 기다리지 않고 끝냄",
                signal.name()
            ),
        };
        tell(Event::Warning { message });
    }
    let keep = settings.keep && matches!(result, Ok(Outcome::Missed));
    let began = Instant::now();
    if !keep {
        tell(Event::CleanupStarted {
            limit: removal::CLEANUP.as_secs_f64(),
        });
        let removing = async {
            match &result {
                // It had its time to come back already.
                Err(Error::Unreachable { .. }) => sandbox.ask_to_remove().await,
                _ => sandbox.remove().await,
            }
        };
        let removed = tokio::select! {
            biased;
            removed = removing => removed,
            signal = next(signals) => {
                sandbox.ask_to_remove().await?;
                Err(Error::Interrupted(signal))
            }
        };
        match (&result, removed) {
            (_, Ok(())) => {}
            // What ended the run says more than that it could not be cleaned up after either.
            (Err(Error::Unreachable { .. }), Err(error)) => {
                tell(Event::Warning {
                    message: error.to_string(),
                });
                return result;
            }
            (_, Err(error)) => return Err(error),
        }
    }
    tell(Event::CleanupFinished {
        kept: if keep { sandbox.kept().await } else { vec![] },
        took: began.elapsed().as_secs_f64(),
    });
    result
}

/// The next signal; never, once there can be none.
pub(crate) async fn next(signals: &mut mpsc::Receiver<Signal>) -> Signal {
    match signals.recv().await {
        Some(signal) => signal,
        None => std::future::pending().await,
    }
}

async fn steps(
    exercise: &Exercise,
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    for (index, step) in exercise.steps.iter().enumerate() {
        tell(Event::StepStarted {
            step: index + 1,
            section: step.section.clone(),
        });
        let guide = format!("{}/{}.md:{}", settings.language.folder(), exercise.id, step.line);
        sandbox.before(&step.action).await?;
        let taken = take(step, sandbox, settings, tell).await?;
        sandbox.after(&step.action).await?;
        if let Err(missed) = taken {
            let miss = diagnosis::miss(missed, guide, sandbox).await?;
            tell(Event::Missed(miss));
            return Ok(Outcome::Missed);
        }
        tell(Event::StepFinished { step: index + 1 });
    }
    Ok(Outcome::Seen)
}

/// Takes one step: nothing of its proof may hold before, all of it has to hold after; and what has to hold throughout does
/// so before, all the time and after.
async fn take(
    step: &Step,
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    let action = &step.action;
    let (lasting, new): (Vec<_>, Vec<_>) = action.checks.iter().partition(|check| check.throughout());
    for check in &lasting {
        if let Err(missed) = prove::holds(check, sandbox, settings).await? {
            return Ok(Err(missed));
        }
    }
    for check in &new {
        if let Err(missed) = prove::not_yet(check, sandbox, settings.language).await? {
            return Ok(Err(missed));
        }
    }
    let acting = async {
        if action.watch {
            watch(action, &new, sandbox, settings, tell).await
        } else {
            act(action, &new, sandbox, settings, tell).await
        }
    };
    if lasting.is_empty() {
        return acting.await;
    }
    let done = tokio::select! {
        biased;
        missed = prove::stays(&lasting, sandbox, settings.language) => Err(missed?),
        done = acting => done?,
    };
    if done.is_ok() {
        return proofs(&lasting, sandbox, settings, tell).await;
    }
    Ok(done)
}

/// Runs the commands one by one, and proves what came of them.
async fn act(
    action: &Action,
    checks: &[&Check],
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    let limit = shell::limit(settings.deadline);
    let mut printed = vec![];
    for command in sandbox.commands(action) {
        let command = sandbox.typed(command).await?;
        tell(Event::CommandStarted {
            command: command.clone(),
            limit: limit.as_secs_f64(),
        });
        let run = sandbox.shell.run(&command, limit).await?;
        tell(finished(&command, &run));
        match prove::ended(&command, &run, action.must_fail, settings.language) {
            Ok(seen) => seen.into_iter().for_each(&mut *tell),
            Err(missed) => return Ok(Err(missed)),
        }
        printed.push(run.output);
    }
    if let Some(pattern) = &action.prints {
        match prove::printed(pattern, &printed, settings.language) {
            Ok(seen) => tell(seen),
            Err(missed) => return Ok(Err(missed)),
        }
    }
    proofs(checks, sandbox, settings, tell).await
}

/// Runs the one command until its proof is seen, and then does what the learner does: Ctrl-C.
async fn watch(
    action: &Action,
    checks: &[&Check],
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    for command in sandbox.commands(action) {
        tell(Event::CommandStarted {
            command: command.clone(),
            limit: settings.deadline.as_secs_f64(),
        });
        let running = sandbox.shell.start(command)?;
        // What is printed is told first, though it is complete only after what was seen.
        let mut told = vec![];
        let began = Instant::now();
        let proved = proofs(checks, sandbox, settings, &mut |event| told.push(event)).await?;
        // What was seen of the cluster may not be printed yet.
        let printed = |pattern: &Pattern| pattern.compare(running.printed().lines()).is_ok();
        let pattern = action.prints.as_ref().map(Pattern::among_others);
        if let (Ok(()), Some(pattern)) = (&proved, &pattern) {
            let deadline = Instant::now() + PRINTED_WITHIN;
            while !printed(pattern) && Instant::now() < deadline {
                tokio::time::sleep(PERIOD).await;
            }
        }
        let proving = began.elapsed();
        let mut run = running.interrupt().await?;
        // The time for both counts once.
        run.took = run.took.saturating_sub(proving);
        tell(finished(command, &run));
        told.into_iter().for_each(&mut *tell);
        if let Err(missed) = proved {
            return Ok(Err(missed));
        }
        if let Some(pattern) = &pattern {
            match prove::printed(pattern, &[run.output], settings.language) {
                Ok(seen) => tell(seen),
                Err(missed) => return Ok(Err(missed)),
            }
        }
    }
    Ok(Ok(()))
}

fn finished(command: &str, run: &shell::Run) -> Event {
    Event::CommandFinished {
        command: command.to_owned(),
        output: run.output.clone(),
        exit_code: run.exit_code,
        took: run.took.as_secs_f64(),
    }
}

async fn proofs(
    checks: &[&Check],
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    for check in checks {
        tell(Event::ProofStarted {
            expected: check.describe(settings.language),
            limit: (settings.deadline + check.stays().unwrap_or_default()).as_secs_f64(),
        });
        match prove::holds(check, sandbox, settings).await? {
            Ok(seen) => tell(seen),
            Err(missed) => return Ok(Err(missed)),
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests;
