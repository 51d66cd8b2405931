//! `lab check`: looks at what a learner did by hand.

mod advice;
mod lasting;
mod report;
mod text;

use std::path::Path;

use cluster::Layout;
use guide::{Exercise, Language, Message};
use jiff::ZonedDateTime;
use learner::{Learner, Position, Standing};
use proofs::Place;

use crate::{Exit, memory::Memory, progress::StepProgress, stands, surroundings, target::Target, workspace};
use report::CheckReport;

/// How long a look usually takes: longer than this, it shows that it works.
const USUAL: std::time::Duration = std::time::Duration::from_secs(2);

/// Options of `lab check`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// A section of the guide, such as 12.2, or all; without it, the one that you are at.
    exercise: Option<String>,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The guide's language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
    /// Show one more hint, the smallest first.
    #[arg(long)]
    hint: bool,
    /// Show the commands of a task's solution.
    #[arg(long)]
    solution: bool,
    /// Watch what has to last for as long as it has to.
    #[arg(long)]
    lasting: bool,
    /// What to print: text, or JSON (a list of one object for each exercise).
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    #[default]
    Text,
    Json,
}

/// Says what is there, how that differs from what the exercise wants, and what comes next. Changes nothing on the cluster.
///
/// # Errors
/// The guide cannot be read, or the cluster does not answer.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
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
                let hints = advice::hints(standing, args.lang).into_iter();
                hints.take(shown).collect()
            }
            false => vec![],
        };
        reports.push(CheckReport::new(exercise, standing, &look, &args, hints, lasting));
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

/// All that was looked at.
struct Look {
    context: String,
    place: Place,
    memory: Memory,
    now: ZonedDateTime,
    warnings: Vec<Message>,
    standings: Vec<(Exercise, Standing)>,
}

impl Look {
    async fn at(layout: &Layout, args: &Args, root: &Path, exercises: Vec<Exercise>) -> anyhow::Result<Self> {
        let target = Target::choose(layout, args.context.clone()).await?;
        let place = target.learners_place(root).await?;
        let notices = surroundings::notices(&target, &place.client).await;
        let now = ZonedDateTime::now();
        let (memory, warning) = target.memory(&place, now.timestamp()).await?;
        let seconds = now.timestamp().as_second();
        let learner = Learner::look(&place, &exercises, &root.join("k8s"), seconds).await?;
        let mut standings = vec![];
        for exercise in exercises {
            let reached = memory.reached(&exercise.id).map(|reached| reached.step);
            let standing = learner.standing(&exercise, reached).await?;
            standings.push((exercise, standing));
        }
        Ok(Self {
            context: target.context().to_owned(),
            place,
            memory,
            now,
            warnings: notices.into_iter().chain(warning).collect(),
            standings,
        })
    }

    /// What is told: all that was asked for, or the one exercise that the learner is at.
    fn chosen(&self, only_one: bool) -> Vec<usize> {
        let all = 0..self.standings.len();
        if !only_one {
            return all.collect();
        }
        let rank = |index: &usize| {
            let (exercise, standing) = &self.standings[*index];
            let reached = self.memory.reached(&exercise.id);
            let finished = reached.is_some_and(|reached| reached.finished.is_some());
            match standing.position {
                Position::At | Position::UnderWay | Position::Task => 0,
                Position::Near => 1,
                Position::Done => 2,
                Position::Nothing if !finished => 3,
                Position::Nothing => 4,
            }
        };
        all.min_by_key(rank).into_iter().collect()
    }

    fn remember(&mut self) {
        for (exercise, standing) in &self.standings {
            stands::remember(exercise, standing, &mut self.memory, self.now.timestamp());
        }
    }
}
