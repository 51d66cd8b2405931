//! `lab run`.

use std::{
    io,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::bail;
use cluster::Layout;
use console::Term;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use crate::{
    events::Event,
    existing,
    guide::{self, Exercise, Language},
    progress, registry,
    reports::{Json, Junit, Look, Progress, Reporter, Terminal},
    requirements::{ADDRESS_WITHIN, Needs, doubt_images, doubts, lacking},
    runner::{self, Error, Outcome, Settings, Signal},
    target::{NO_CLUSTER, Target, not_running},
};

const EXIT_CODES: &str = "Exit codes:
  0    everything was seen
  1    the run could not start or finish: the guide, a program, a right is missing
  2    bad usage, or no such exercise
  3    the cluster is not running, or stopped answering
  4    something that had to be seen was missed
  130  interrupted by SIGINT (Ctrl-C); 143: by SIGTERM; 129: by SIGHUP";

/// Names all exercises.
const ALL: &str = "all";
const USAGE: u8 = 2;
const MISSED: u8 = 4;
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;
const HUNG_UP: u8 = 129;

/// Options of `lab run`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// Which: a section of the guide, such as 12.1, or all.
    exercise: String,
    /// Run on the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// How to tell what happens.
    #[arg(long, value_enum, default_value = "plain")]
    output: Output,
    /// The guide's language.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
    /// How long to wait for what a step has to bring about, in seconds, 1 to 600.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..=600))]
    deadline: u64,
    /// When something is missed, keep the namespace to look at.
    #[arg(long)]
    keep: bool,
}

/// The form of what is told.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Output {
    /// For people.
    Plain,
    /// An event a line.
    Json,
    /// XML at the end, a test case for each step.
    Junit,
}

/// Runs an exercise, or all of them.
///
/// # Errors
/// It could not be run, for a reason that has no exit code of its own.
pub async fn run(layout: &Layout, args: Args) -> anyhow::Result<ExitCode> {
    let root = crate::cli::checkout()?;
    let ids = if args.exercise == ALL {
        guide::list(&root, args.lang)?
    } else {
        vec![args.exercise]
    };
    let mut exercises = vec![];
    for id in &ids {
        match Exercise::load(&root, args.lang, id) {
            Err(error @ guide::Error::Unknown { .. }) => return Ok(failed(USAGE, &error)),
            exercise => exercises.push(exercise?),
        }
    }
    let Some(target) = Target::choose(layout, args.context).await? else {
        return Ok(not_running(layout));
    };
    let settings = |exercise: &Exercise| Settings {
        kubeconfig: target.kubeconfig.clone(),
        embedded: target.embedded.clone(),
        namespace: runner::namespace_name(&exercise.id, rand::random()),
        clone: root.clone(),
        runs: layout.cache.join("runs"),
        language: args.lang,
        deadline: Duration::from_secs(args.deadline),
        keep: args.keep,
    };
    let exercises: Vec<_> = exercises
        .into_iter()
        .map(|exercise| {
            let settings = settings(&exercise);
            (exercise, settings)
        })
        .collect();
    let mut reporters = reporters(args.output, args.lang);
    let mut broken = None;
    let mut tell = |event: Event| {
        for reporter in &mut reporters {
            // Where nobody can read it, the run still goes on and cleans up.
            broken = broken.take().or(reporter.take(&event).err());
        }
    };
    let mut signals = signals()?;
    if target.embedded.is_none() {
        let needs = exercises.iter().map(|(exercise, _)| Needs::of(exercise));
        let needs = needs.reduce(Needs::and).unwrap_or(Needs::ALL);
        if let Some(signal) = look_ahead(&target, &root, needs, args.lang, &mut signals, &mut tell).await? {
            return Ok(interrupted(signal));
        }
    }
    let began = Instant::now();
    let results = runner::run_all(&exercises, &mut signals, &mut tell).await;
    tell(Event::AllFinished {
        took: began.elapsed().as_secs_f64(),
    });
    if let Some(error) = broken {
        anyhow::bail!("could not write what happened: {error}");
    }
    let mut missed = false;
    for result in results.unwrap_or_else(|error| vec![Err(error)]) {
        match result {
            Ok(Outcome::Seen) => {}
            Ok(Outcome::Missed) => missed = true,
            Err(Error::Interrupted(signal)) => return Ok(interrupted(signal)),
            Err(error @ Error::Unreachable { .. }) => return Ok(failed(NO_CLUSTER, &error)),
            Err(error @ Error::NoContext(_)) => return Ok(failed(USAGE, &error)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(if missed {
        ExitCode::from(MISSED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Looks whether a cluster that we did not set up does what the exercises need. The signal that ended it, if one did.
///
/// # Errors
/// It lacks what nobody can go on without.
async fn look_ahead(
    target: &Target,
    clone: &Path,
    needs: Needs,
    language: Language,
    signals: &mut mpsc::Receiver<Signal>,
    tell: &mut dyn FnMut(Event),
) -> anyhow::Result<Option<Signal>> {
    // Why it can't be reached the run itself says, with an exit code for each reason.
    let Ok(client) = existing::connect(target.context()).await else {
        return Ok(None);
    };
    let lacking = lacking(&client).await?;
    if !lacking.is_empty() {
        bail!(
            "the cluster of context {:?} lacks something for the chapter:\n  - {}",
            target.context(),
            lacking.join("\n  - ")
        );
    }
    let progress = progress::Progress::default();
    progress.start(
        match language {
            Language::En => "Looking at what the cluster can do",
            Language::Ko => "클러스터가 할 수 있는 것을 살펴보는 중",
        },
        ADDRESS_WITHIN,
    );
    let mut signal = None;
    let interrupted = async { signal = Some(runner::next(signals).await) };
    let mut doubts = doubts(&client, needs, language, interrupted).await?;
    doubts.extend(doubt_images(&client, &registry::current(clone)?, language).await?);
    progress.finish();
    if signal.is_none() {
        doubts
            .into_iter()
            .for_each(|message| tell(Event::Warning { message }));
    }
    Ok(signal)
}

fn interrupted(signal: Signal) -> ExitCode {
    ExitCode::from(match signal {
        Signal::Interrupt => INTERRUPTED,
        Signal::Terminate => TERMINATED,
        Signal::Hangup => HUNG_UP,
    })
}

fn failed(code: u8, error: &dyn std::error::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(code)
}

fn reporters(output: Output, language: Language) -> Vec<Box<dyn Reporter>> {
    // The moving line comes first: it makes room before the others write.
    let mut reporters: Vec<Box<dyn Reporter>> = vec![];
    if Term::stderr().is_term() {
        reporters.push(Box::new(Progress::default()));
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let unicode = language == Language::Ko
        || locale.is_some_and(|locale| locale.to_ascii_uppercase().replace('-', "").contains("UTF8"));
    let look = Look {
        colour: console::colors_enabled(),
        unicode,
    };
    reporters.push(match output {
        Output::Plain => Box::new(Terminal::new(io::stdout(), look)),
        Output::Json => Box::new(Json::new(io::stdout())),
        Output::Junit => Box::new(Junit::new(io::stdout())),
    });
    reporters
}

/// The signals that end a run, from now on.
fn signals() -> io::Result<mpsc::Receiver<Signal>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = if hangup_is_ignored() {
        None
    } else {
        Some(signal(SignalKind::hangup())?)
    };
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        loop {
            let hung_up = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            let signal = tokio::select! {
                _ = interrupt.recv() => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
                _ = hung_up => Signal::Hangup,
            };
            if sender.send(signal).await.is_err() {
                break;
            }
        }
    });
    Ok(receiver)
}

/// Whether `nohup` started this, which a handler would undo.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // A bit for each signal, from 1 on; SIGHUP is 1.
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    async fn code(arguments: &[&str]) -> String {
        let args = Cli::parse_from([&["run"], arguments].concat()).args;
        // Names end at 11 letters, so that nobody has this cluster by chance.
        let layout = Layout::new("never-there", cluster::DEFAULT_NETWORK).unwrap();
        format!("{:?}", run(&layout, args).await.unwrap())
    }

    #[tokio::test]
    async fn each_kind_of_failure_has_its_exit_code() {
        assert_eq!(code(&["9.9"]).await, format!("{:?}", ExitCode::from(USAGE)));
        assert_eq!(code(&["12.1"]).await, format!("{:?}", ExitCode::from(NO_CLUSTER)));
    }

    #[tokio::test]
    async fn each_signal_that_ends_a_run_is_told_from_the_others() {
        let mut signals = signals().unwrap();
        let (own, ignored) = (rustix::process::getpid(), hangup_is_ignored());
        for (sent, told) in [
            (rustix::process::Signal::INT, Signal::Interrupt),
            (rustix::process::Signal::TERM, Signal::Terminate),
            (rustix::process::Signal::HUP, Signal::Hangup),
        ] {
            if told == Signal::Hangup && ignored {
                continue;
            }
            rustix::process::kill_process(own, sent).unwrap();
            assert_eq!(signals.recv().await, Some(told));
        }
    }

    #[test]
    fn a_deadline_has_bounds() {
        for deadline in ["0", "601", "-1", "1.5", "x", ""] {
            assert!(
                Cli::try_parse_from(["run", "12.1", "--deadline", deadline]).is_err(),
                "{deadline}"
            );
        }
    }
}
