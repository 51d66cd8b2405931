//! `lab run`.

use std::{
    io::{self, IsTerminal},
    path::Path,
    time::Duration,
};

use access::Access;
use anyhow::bail;
use cluster::Layout;
use console::Term;
use guide::{Exercise, Language, Message};
use jiff::Timestamp;
use kube::Client;
use report::{Clock, Event, Json, Junit, Look, Progress, Reporter, Stamped, Terminal};
use runner::{
    Enter, Error, Outcome, Settings, Stop,
    preflight::{ADDRESS_WITHIN, Needs, doubt_images, doubts, lacking, lacking_for, refusal, unseen},
};

use crate::{Exit, image_source, progress::StepProgress, target::Target, workspace};

mod refused;
mod story;

use self::story::Chronicle;

/// Names all exercises.
const ALL: &str = "all";

/// Options of `lab run`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// A section of the guide, such as 12.1, or all.
    exercise: String,
    /// Run on the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// How to tell what happens.
    #[arg(long, value_enum, default_value = "plain")]
    output: Output,
    /// The guide's language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
    /// How long to wait for what a step has to bring about, in seconds, 1 to 600.
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..=600))]
    deadline: u64,
    /// Keep the namespace at the end, to look around in.
    #[arg(long)]
    keep: bool,
    /// Wait for Enter before and after each step, and say what the guide says there.
    #[arg(long)]
    step: bool,
}

impl Args {
    /// What cannot be done together, or not here.
    fn misuse(&self, at_a_terminal: bool) -> Option<&'static str> {
        let (all, plain) = (self.exercise == ALL, matches!(self.output, Output::Plain));
        match (self.step, self.keep) {
            (true, _) if all => {
                Some("--step goes through one exercise; name it, such as 12.1, in place of all")
            }
            (true, _) if !plain => Some("--step is for people; leave out --output"),
            (true, _) if !at_a_terminal => Some(
                "--step waits for Enter, and standard input is not a terminal; run it in one, or leave out --step",
            ),
            (_, true) if all => Some(
                "--keep would leave namespaces in each other's way; name one exercise, such as 12.1, in place of all",
            ),
            _ => None,
        }
    }
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
/// It could not be run.
pub(crate) async fn run(layout: &Layout, args: Args, stop: &Stop) -> anyhow::Result<Exit> {
    if let Some(misuse) = args.misuse(io::stdin().is_terminal()) {
        eprintln!("error: {misuse}");
        return Ok(Exit::Usage);
    }
    let (exercises, doubts) = match prepare(layout, &args, stop).await {
        Ok(prepared) => prepared,
        Err(error) => {
            if !matches!(args.output, Output::Plain) {
                let clock = Clock::start(Timestamp::now);
                let mut reporter = reporter(args.output, args.lang, clock);
                // Where nobody can read it, the error itself is still told.
                let _ = refused::tell(&args.exercise, &error, args.lang, clock, &mut *reporter);
            }
            return Err(error);
        }
    };
    let clock = Clock::start(Timestamp::now);
    let mut reporter = reporter(args.output, args.lang, clock);
    let mut broken = None;
    let is_embedded = exercises.iter().any(|(_, settings)| settings.embedded.is_some());
    let mut chronicle = Chronicle::new(layout, is_embedded, args.lang);
    let mut tell = |mut event: Stamped| {
        chronicle.add_to(&mut event);
        // Where nobody can read it, the run still goes on and cleans up.
        broken = broken.take().or(reporter.take(&event).err());
    };
    for doubt in doubts {
        let message = args.lang.tell(&doubt);
        tell(clock.stamp(Event::Warning { message }));
    }
    let results = runner::run_all(&exercises, stop, &clock, &mut tell).await;
    let took = clock.elapsed();
    tell(clock.stamp(Event::AllFinished { took }));
    drop(reporter);
    if let Some(error) = broken {
        bail!("could not write what happened: {error}");
    }
    match results.and_then(|results| results.into_iter().collect::<Result<Vec<_>, _>>()) {
        Ok(outcomes) if outcomes.contains(&Outcome::Missed) => Ok(Exit::Missed),
        Ok(_) => Ok(Exit::Done),
        Err(error) => Err(error.into()),
    }
}

/// The exercises with their settings, and what the cluster seems to lack for them.
///
/// # Errors
/// They cannot be run, or somebody asked to stop.
async fn prepare(
    layout: &Layout,
    args: &Args,
    stop: &Stop,
) -> anyhow::Result<(Vec<(Exercise, Settings)>, Vec<Message>)> {
    let root = workspace::find()?;
    let ids = if args.exercise == ALL {
        guide::list(&root, args.lang)?
    } else {
        vec![args.exercise.clone()]
    };
    let exercises = ids.iter().map(|id| Exercise::load(&root, args.lang, id));
    let exercises = exercises.collect::<Result<Vec<_>, _>>()?;
    let target = Target::choose(layout, args.context.clone()).await?;
    let enter = if args.step { Some(Enter::listen()?) } else { None };
    let mut exercises: Vec<_> = exercises
        .into_iter()
        .map(|exercise| {
            let settings = Settings {
                kubeconfig: target.kubeconfig.clone(),
                embedded: target.embedded.clone(),
                namespace: runner::namespace_name(&exercise.id, rand::random()),
                clone: root.clone(),
                runs: layout.cache.join("runs"),
                language: args.lang,
                deadline: Duration::from_secs(args.deadline),
                keep: args.keep,
                enter: enter.clone(),
            };
            (exercise, settings)
        })
        .collect();
    let mut doubts = vec![];
    if target.embedded.is_none()
        // Why it can't be reached the run itself says.
        && let Ok(Access { client, .. }) = stop.or(target.open()).await.map_err(Error::Interrupted)?
    {
        let needs = exercises.iter().map(|(exercise, _)| Needs::of(exercise));
        let needs = needs.fold(Needs::NOTHING, Needs::and);
        doubts = look_ahead(&client, &target, &root, needs, args.lang, stop).await?;
        let unfit = leave_out(&client, &mut exercises, stop).await?;
        if exercises.is_empty() {
            let lacking = unfit.into_iter().map(|(_, lacking)| lacking).collect();
            bail!(args.lang.tell(&refusal(target.context(), lacking)));
        }
        doubts.extend(unfit.into_iter().map(|(id, lacking)| {
            Message::new("left-out")
                .with("exercise", id)
                .with("lacking", lacking)
        }));
    }
    Ok((exercises, doubts))
}

/// Looks whether a cluster that the lab did not set up does what the exercises need, and gives what seems to be missing.
///
/// # Errors
/// It lacks what nobody can go on without, or somebody asked to stop.
async fn look_ahead(
    client: &Client,
    target: &Target,
    clone: &Path,
    needs: Needs,
    language: Language,
    stop: &Stop,
) -> anyhow::Result<Vec<Message>> {
    let mut all = match stop.or(lacking(client)).await.map_err(Error::Interrupted)? {
        Ok(lacking) if lacking.is_empty() => vec![],
        Ok(lacking) => bail!(language.tell(&refusal(target.context(), lacking))),
        Err(error) => vec![unseen(Message::new("look-lacking"), &error)],
    };
    let registry = image_source::current(clone)?;
    let progress = StepProgress::default();
    progress.start(&language.tell(&Message::new("looking-ahead")), ADDRESS_WITHIN);
    let mut found = doubts(client, needs, stop).await;
    let looked = stop.or(async {
        if image_source::is_local(&registry) {
            found.extend(doubt_images(client, &registry).await);
        }
    });
    let looked = looked.await.map_err(Error::Interrupted);
    progress.finish_looking(&found);
    all.extend(found);
    looked?;
    Ok(all)
}

/// Leaves out exercises for which the cluster lacks something that others do not need, and gives them with what that is.
///
/// # Errors
/// Somebody asked to stop.
async fn leave_out(
    client: &Client,
    exercises: &mut Vec<(Exercise, Settings)>,
    stop: &Stop,
) -> anyhow::Result<Vec<(String, Message)>> {
    let looking = async {
        let mut unfit = vec![];
        for (exercise, _) in &*exercises {
            // Why it does not answer the run itself says.
            let lacking = lacking_for(client, exercise).await.unwrap_or_default();
            if !lacking.is_empty() {
                unfit.push((exercise.id.clone(), Message::joined("; ", lacking)));
            }
        }
        unfit
    };
    let unfit = stop.or(looking).await.map_err(Error::Interrupted)?;
    exercises.retain(|(exercise, _)| unfit.iter().all(|(id, _)| *id != exercise.id));
    Ok(unfit)
}

fn reporter(output: Output, language: Language, clock: Clock) -> Box<dyn Reporter> {
    let unicode = language == Language::Ko || supports_unicode::on(supports_unicode::Stream::Stdout);
    let look = Look {
        colour: console::colors_enabled(),
        unicode,
    };
    let reporter: Box<dyn Reporter> = match output {
        Output::Plain => Box::new(Terminal::new(io::stdout(), look)),
        Output::Json => Box::new(Json::new(io::stdout())),
        Output::Junit => Box::new(Junit::new(io::stdout())),
    };
    if Term::stderr().is_term() {
        return Box::new(Progress::around(reporter, language, clock));
    }
    reporter
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

    async fn exit(arguments: &[&str]) -> Exit {
        let args = Cli::parse_from([&["run"], arguments].concat()).args;
        // Names end at 11 letters, so that nobody has this cluster by chance.
        let layout = Layout::new("never-there", cluster::DEFAULT_NETWORK).unwrap();
        let (_stopper, stop) = Stop::new();
        Exit::of(&run(&layout, args, &stop).await.unwrap_err())
    }

    #[tokio::test]
    async fn each_kind_of_failure_has_its_exit_code() {
        assert_eq!(exit(&["9.9"]).await, Exit::Usage);
        assert_eq!(exit(&["12.1"]).await, Exit::NoCluster);
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

    #[test]
    fn stepping_needs_a_person_and_one_exercise() {
        let misuse = |arguments: &[&str], at_a_terminal| {
            let args = Cli::parse_from([&["run"], arguments].concat()).args;
            args.misuse(at_a_terminal)
        };
        for (arguments, part) in [
            (&["all", "--step"][..], "one exercise"),
            (&["all", "--keep"], "one exercise"),
            (&["12.1", "--step", "--output", "json"], "--output"),
            (&["12.1", "--step", "--output", "junit"], "--output"),
        ] {
            let told = misuse(arguments, true).unwrap_or_default();
            assert!(told.contains(part), "{arguments:?}: {told}");
        }
        let told = misuse(&["12.1", "--step"], false).unwrap_or_default();
        assert!(told.contains("terminal"), "{told}");
        for arguments in [
            &["12.1", "--step", "--keep"][..],
            &["all"],
            &["all", "--output", "json"],
        ] {
            assert_eq!(misuse(arguments, true), None, "{arguments:?}");
        }
    }
}
