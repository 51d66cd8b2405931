#![doc = include_str!("../README.md")]

mod all;
mod diagnosis;
mod environment;
mod error;
mod folder;
mod neighbours;
pub mod preflight;
mod prove;
mod removal;
mod sandbox;
mod shell;
mod steps;
mod stop;
mod typing;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use guide::{Exercise, Language, Message};
use kube::config::Kubeconfig;
use report::{Ending, Event, Times};

pub use all::run_all;
pub use error::Error;
pub use sandbox::Sandbox;
pub use stop::{Signal, Stop, Stopper};

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
    /// The folder in which each run makes one of its own.
    pub runs: PathBuf,
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
    /// Where kubectl and helm keep what they find out about the cluster.
    pub discovery: PathBuf,
}

/// A namespace's name, which `random` keeps apart from those of other runs.
#[must_use]
pub fn namespace_name(exercise: &str, random: u32) -> String {
    format!("lab-{}-{random:08x}", exercise.replace('.', "-"))
}

/// Whether everything was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Seen,
    /// Something was missed, and the run ended there.
    Missed,
}

/// Runs `exercise` in a namespace of its own and removes everything again, also when somebody asks to
/// stop. Asked a second time, it stops waiting for that; the cluster finishes it by itself.
///
/// # Errors
/// The run could not go on, or could not remove what it had made.
pub async fn run(
    exercise: &Exercise,
    settings: &Settings,
    stop: &Stop,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let sandbox = Sandbox::prepare(exercise, settings).await;
    run_in(sandbox, exercise, settings, stop, tell).await
}

/// Runs `exercise` where it was prepared to.
async fn run_in(
    sandbox: Result<Sandbox, Error>,
    exercise: &Exercise,
    settings: &Settings,
    stop: &Stop,
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
    let result = match sandbox {
        Ok(sandbox) => sandboxed(&sandbox, exercise, settings, stop, &mut count).await,
        Err(error) => Err(error),
    };
    tell(Event::RunFinished {
        exercise: exercise.id.clone(),
        ending: ending(&result, settings.language),
        seen,
        took: begin.elapsed().as_secs_f64(),
        times,
    });
    result
}

fn ending(result: &Result<Outcome, Error>, language: Language) -> Ending {
    match result {
        Ok(Outcome::Seen) => Ending::Seen,
        Ok(Outcome::Missed) => Ending::Missed,
        Err(Error::Interrupted(signal)) => Ending::Interrupted {
            signal: signal.name(),
        },
        Err(error) => Ending::Failed {
            error: language.tell(&error.message()),
        },
    }
}

async fn sandboxed(
    sandbox: &Sandbox,
    exercise: &Exercise,
    settings: &Settings,
    stop: &Stop,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    tell(Event::RunStarted {
        exercise: exercise.id.clone(),
        title: exercise.title.clone(),
        language: settings.language,
        steps: exercise.steps.len(),
        context: sandbox.access.context.clone(),
        namespace: sandbox.place.namespace.clone(),
    });
    for message in sandbox.others().await? {
        let message = settings.language.tell(&message);
        tell(Event::Warning { message });
    }
    sandbox.nothing_in_the_way().await?;
    // Not to be interrupted: what was asked for half-way could not be removed for certain.
    sandbox.create_namespace().await?;
    let working = async {
        sandbox.wait_for_others_to_give_up().await?;
        sandbox.wait_for_account().await?;
        steps::take_all(exercise, sandbox, settings, tell).await
    };
    let result = stop
        .or(working)
        .await
        .unwrap_or_else(|signal| Err(Error::Interrupted(signal)));
    if let Err(Error::Interrupted(signal)) = &result {
        let message = Message::new("cleaning-up").with("signal", signal.name());
        tell(Event::Warning {
            message: settings.language.tell(&message),
        });
    }
    if settings.keep && matches!(result, Ok(Outcome::Missed)) {
        tell(Event::CleanupFinished {
            kept: sandbox.kept().await,
            took: 0.0,
        });
        return result;
    }
    clean_up(sandbox, result, settings.language, stop, tell).await
}

/// Removes what the run has made, and gives how it went: a cleanup that failed counts for more than what was seen.
async fn clean_up(
    sandbox: &Sandbox,
    result: Result<Outcome, Error>,
    language: Language,
    stop: &Stop,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let began = Instant::now();
    tell(Event::CleanupStarted {
        limit: removal::CLEANUP.as_secs_f64(),
    });
    let unreachable = matches!(result, Err(Error::Access(access::Error::Unreachable { .. })));
    let removing = async {
        if unreachable {
            // It had its time to come back already.
            sandbox.ask_to_remove().await
        } else {
            sandbox.remove().await
        }
    };
    let removed = tokio::select! {
        biased;
        removed = removing => removed,
        signal = stop.insisted() => sandbox.ask_to_remove().await.and(Err(Error::Interrupted(signal))),
    };
    tell(Event::CleanupFinished {
        kept: if removed.is_ok() { vec![] } else { sandbox.names() },
        took: began.elapsed().as_secs_f64(),
    });
    match removed {
        Ok(()) => result,
        // What ended the run says more than that it could not be cleaned up after either.
        Err(error) if unreachable => {
            tell(Event::Warning {
                message: language.tell(&error.message()),
            });
            result
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
pub(crate) mod tests;
