//! `lab check`: looks at what a learner did by hand.

pub(super) mod advice;
mod args;
mod lasting;
pub(super) mod look;
pub(super) mod report;
pub(super) mod text;
mod tries;

use std::path::Path;

use cluster::Layout;
use guide::{Exercise, Message};

pub(crate) use self::args::Args;
use self::{
    args::Output,
    look::{Look, USUAL},
    report::CheckReport,
};
use crate::{Exit, progress::StepProgress, workspace};

/// Says what is there, how that differs from what the exercise wants, and what comes next. Changes nothing on the cluster.
///
/// # Errors
/// The guide cannot be read, or the cluster does not answer.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    if let (Some(tried), Some(id)) = (args.tried, &args.exercise) {
        let exercise = Exercise::load(&root, args.lang, id)?;
        return tries::run(layout, &args, &root, &exercise, tried).await;
    }
    let exercises = exercises(&root, &args)?;
    let progress = StepProgress::default();
    progress.start(&args.lang.tell(&Message::new("check-looking")), USUAL);
    let looked = Look::at(layout, &args, &root, exercises).await;
    progress.finish_quietly();
    let mut look = looked?;
    look.remember();
    let mut reports = vec![];
    for index in look.chosen(args.exercise.is_none()) {
        let (exercise, standing) = &look.standings[index];
        let lasting = match args.lasting {
            true => Some(lasting::watch(exercise, standing, &look.place, args.lang, &progress).await?),
            false => None,
        };
        let hints = match args.hint {
            true => {
                let place = format!("{:?} {:?}", standing.position, standing.step);
                look.memory.next_hint(&exercise.id, &place);
                let shown = look.memory.hints(&exercise.id, &place);
                let hints = advice::hints(exercise, standing, args.lang).into_iter();
                hints.take(shown).collect()
            }
            false => vec![],
        };
        let mut report = CheckReport::new(exercise, standing, &look, &args, hints, lasting);
        report.go_on_with(&guide::list(&root, args.lang)?, args.lang);
        reports.push(report);
    }
    look.warnings.extend(look.memory.save(look.now.timestamp()));
    for warning in look.warnings.drain(..) {
        eprintln!("{}", args.lang.tell(&warning));
    }
    match args.output {
        Output::Json => crate::outln!("{}", serde_json::to_string_pretty(&reports)?),
        Output::Text => crate::print::out(format_args!("{}", text::all(&reports, args.lang))),
    }
    let done = reports.iter().all(CheckReport::is_done);
    Ok(if done { Exit::Done } else { Exit::Missed })
}

fn exercises(root: &Path, args: &Args) -> Result<Vec<Exercise>, guide::Error> {
    let ids = match args.exercise.as_deref() {
        Some("all") | None => guide::list(root, args.lang)?,
        Some(id) => vec![id.to_owned()],
    };
    ids.iter().map(|id| Exercise::load(root, args.lang, id)).collect()
}
