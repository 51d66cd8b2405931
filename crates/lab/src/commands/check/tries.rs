//! `lab check 12.1 --try 1`: looks at what a learner tried, in whatever way.

use std::path::Path;

use cluster::Layout;
use console::Style;
use guide::{Exercise, Language, Message, Try};
use jiff::Timestamp;
use proofs::{Place, goals};
use report::paragraph;
use serde::Serialize;

use super::{
    advice,
    args::{Args, Output},
    look::USUAL,
    report::GoalLine,
    text,
};
use crate::{Exit, memory::Memory, progress::StepProgress, surroundings, target::Target};

/// What there is to say of an item. The ids are those of the locale files.
#[derive(Debug, Serialize)]
struct TryReport {
    exercise: String,
    /// Its number on the page, from 1.
    item: usize,
    context: String,
    namespace: String,
    /// The id of the verdict.
    id: &'static str,
    /// The verdict as a sentence.
    verdict: String,
    goals: Vec<GoalLine>,
    hints: Vec<String>,
    #[serde(skip)]
    heading: String,
    #[serde(skip)]
    place: String,
}

/// Says whether an item, or each, was done.
///
/// # Errors
/// The cluster does not answer.
pub(super) async fn run(
    layout: &Layout,
    args: &Args,
    root: &Path,
    exercise: &Exercise,
    item: Option<usize>,
) -> anyhow::Result<Exit> {
    let count = exercise.tries.len();
    let first = item.unwrap_or(1);
    if !(1..=count).contains(&first) {
        let message = Message::new("try-none")
            .with("exercise", &exercise.id)
            .with("item", first)
            .with("count", count);
        eprintln!("{}", args.lang.tell(&message));
        return Ok(Exit::Usage);
    }
    let progress = StepProgress::default();
    progress.start(&args.lang.tell(&Message::new("check-looking")), USUAL);
    let looked = look(layout, args, root, exercise, first..=item.unwrap_or(count)).await;
    progress.finish_quietly();
    let (reports, warnings) = looked?;
    for warning in warnings {
        eprintln!("{}", args.lang.tell(&warning));
    }
    match args.output {
        Output::Json => crate::outln!("{}", serde_json::to_string_pretty(&reports)?),
        Output::Text => {
            let texts: Vec<_> = reports.iter().map(|report| told(report, args.lang)).collect();
            crate::print::out(format_args!("{}", texts.join("\n")));
        }
    }
    let done = reports.iter().all(TryReport::is_done);
    Ok(if done { Exit::Done } else { Exit::Missed })
}

async fn look(
    layout: &Layout,
    args: &Args,
    root: &Path,
    exercise: &Exercise,
    items: std::ops::RangeInclusive<usize>,
) -> anyhow::Result<(Vec<TryReport>, Vec<Message>)> {
    let target = Target::choose(layout, args.context.clone()).await?;
    let place = target.learners_place(root).await?;
    let mut warnings = surroundings::notices(&target, &place.client).await;
    let now = Timestamp::now();
    let (mut memory, warning) = target.memory(&place, now).await?;
    warnings.extend(warning);
    let mut reports = vec![];
    for (number, tried) in (1..)
        .zip(&exercise.tries)
        .filter(|(number, _)| items.contains(number))
    {
        reports.push(
            report(
                args,
                exercise,
                number,
                tried,
                &place,
                &mut memory,
                target.context(),
            )
            .await?,
        );
    }
    warnings.extend(memory.save(now));
    Ok((reports, warnings))
}

async fn report(
    args: &Args,
    exercise: &Exercise,
    number: usize,
    tried: &Try,
    place: &Place,
    memory: &mut Memory,
    context: &str,
) -> anyhow::Result<TryReport> {
    let verdicts = goals::judge(&tried.goals, &place.for_learner(Default::default())).await?;
    let place_of_hints = format!("try {number}");
    let mut lines = vec![];
    for (goal, verdict) in tried.goals.iter().zip(&verdicts) {
        // Items of a section may ask for the same.
        let key = format!("{place_of_hints} {}", goal.key());
        if verdict.is_met() {
            memory.goal(&exercise.id, &key);
        }
        let met = memory.goals(&exercise.id).any(|known| known == key);
        lines.push(GoalLine::new(goal, verdict, met, args.lang));
    }
    let met = lines.iter().filter(|line| line.is_met()).count();
    let verdict = match met == lines.len() {
        true => Message::new("try-done"),
        false => Message::new("try-not-yet")
            .with("met", met)
            .with("all", lines.len()),
    };
    let verdict = verdict.with("item", number);
    let mut hints = vec![];
    if args.hint && met < lines.len() {
        memory.next_hint(&exercise.id, &place_of_hints);
        hints = advice::of_try(exercise, tried, &verdicts, args.lang);
        hints.truncate(memory.hints(&exercise.id, &place_of_hints));
    }
    let heading = Message::new("try-heading")
        .with("exercise", &exercise.id)
        .with("title", &exercise.title)
        .with("item", number);
    let where_it_is = Message::new("place")
        .with("context", context)
        .with("namespace", &place.namespace);
    Ok(TryReport {
        exercise: exercise.id.clone(),
        item: number,
        context: context.to_owned(),
        namespace: place.namespace.clone(),
        id: verdict.id().unwrap_or_default(),
        verdict: args.lang.tell(&verdict),
        goals: lines,
        hints,
        heading: args.lang.tell(&heading),
        place: args.lang.tell(&where_it_is),
    })
}

impl TryReport {
    fn is_done(&self) -> bool {
        self.goals.iter().all(GoalLine::is_met)
    }
}

/// The same for people.
fn told(report: &TryReport, language: Language) -> String {
    let tell = |message| language.tell(&message);
    let mut said = format!(
        "{}\n{}\n\n",
        Style::new().bold().apply_to(&report.heading),
        report.place
    );
    let verdict = match report.is_done() {
        true => Style::new().green().bold(),
        false => Style::new().yellow().bold(),
    };
    for line in paragraph("", &report.verdict).lines() {
        text::add(&mut said, &verdict.apply_to(line).to_string());
    }
    text::goals(&mut said, &report.goals);
    for hint in &report.hints {
        let caption = tell(Message::new("check-hint"));
        text::add(&mut said, &paragraph(&format!("{caption}: "), hint));
    }
    if !report.is_done() && report.hints.is_empty() {
        text::add(&mut said, &paragraph("", &tell(Message::new("check-hint-how"))));
    }
    said
}
