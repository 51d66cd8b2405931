//! `lab pictures`.

use std::{
    fs, io,
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use cluster::Layout;
use console::Term;
use guide::{Exercise, Language};
use pictures::{
    TAKES, Take, checksum,
    recording::{Recording, Typed, milliseconds},
};
use recorder::{Began, Scene};
use report::{Event, Look, Reporter, Terminal};
use runner::{Outcome, Settings, Stop};

use crate::{Exit, target::Target, workspace};

/// How long a step's outcome is waited for, and a command may take.
const DEADLINE: Duration = Duration::from_secs(600);

/// Options of `lab pictures`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// Run this on the embedded cluster and record it first; without it, what was recorded before is drawn again.
    #[arg(value_parser = TAKES.map(|take| take.id).to_vec())]
    record: Option<String>,
}

/// Records a run, if one is named, and draws all pictures from what was recorded.
///
/// # Errors
/// It could not be run, recorded or drawn.
pub(crate) async fn run(layout: &Layout, args: Args, stop: &Stop) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    if let Some(take) = TAKES.iter().find(|take| Some(take.id) == args.record.as_deref()) {
        let recording = record(layout, &root, take, stop).await?;
        let file = pictures::recorded(&root, take.id);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, recording.to_json()?).with_context(|| format!("cannot write {}", file.display()))?;
        crate::outln!("recorded: {}", file.display());
    }
    for picture in pictures::draw(&root)? {
        let file = root.join(&picture.file);
        fs::write(&file, picture.svg).with_context(|| format!("cannot write {}", file.display()))?;
        crate::outln!("drawn: {}", picture.file.display());
    }
    Ok(Exit::Done)
}

async fn record(layout: &Layout, root: &Path, take: &Take, stop: &Stop) -> anyhow::Result<Recording> {
    let exercise = take.exercise(root)?;
    let target = Target::choose(layout, None).await?;
    let access = access::for_watches(target.kubeconfig.clone(), access::Route::Direct).await?;
    let version = access.client.apiserver_version().await?;
    let settings = Settings {
        kubeconfig: target.kubeconfig.clone(),
        embedded: target.embedded.clone(),
        namespace: runner::namespace_name(&exercise.id, rand::random()),
        clone: root.to_owned(),
        runs: layout.cache.join("runs"),
        language: Language::En,
        deadline: DEADLINE,
        keep: false,
        enter: None,
    };
    let began = Began::now();
    let recording = Mutex::new(Recording {
        take: take.id.into(),
        date: began.date(),
        lab: env!("CARGO_PKG_VERSION").into(),
        kubernetes: version.git_version,
        checksum: checksum(&exercise, &root.join("k8s"))?,
        ..Recording::default()
    });
    let scene = Scene::new(access.client, &settings.namespace, take, began, &recording);
    let outcome = {
        let running = told(&exercise, &settings, &began, stop, &recording);
        tokio::pin!(running);
        tokio::select! {
            outcome = &mut running => outcome,
            // The run removes what it made before anything is said of the recording.
            Err(error) = scene.watch() => {
                running.await?;
                return Err(error.into());
            }
        }
    };
    ensure!(
        outcome? == Outcome::Seen,
        "the run missed something, so nothing was recorded"
    );
    drop(scene);
    Ok(recording.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Runs, tells a person about it, and records the commands.
async fn told(
    exercise: &Exercise,
    settings: &Settings,
    began: &Began,
    stop: &Stop,
    recording: &Mutex<Recording>,
) -> anyhow::Result<Outcome> {
    let look = Look {
        colour: Term::stdout().features().colors_supported(),
        unicode: true,
    };
    let mut terminal = Terminal::new(io::stdout(), look);
    let mut broken = None;
    let mut tell = |event: Event| {
        let stamped = began.clock().stamp(event);
        if let Event::CommandFinished {
            command,
            output,
            took,
            ..
        } = &stamped.event
        {
            let typed = Typed {
                command: command.clone(),
                began: milliseconds(stamped.elapsed - took),
                ended: milliseconds(stamped.elapsed),
                cost: serde_json::from_str(output).ok(),
            };
            let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
            recording.commands.push(typed);
        }
        broken = broken.take().or(terminal.take(&stamped).err());
    };
    let outcome = runner::run(exercise, settings, stop, &mut tell).await?;
    if let Some(error) = broken {
        bail!("could not write what happened: {error}");
    }
    Ok(outcome)
}
