//! What `lab check` has to say of an exercise, as data.

use guide::{Exercise, Goal, Language, Message};
use learner::{Position, Standing};
use proofs::goals::{GoalVerdict, Outcome};
use serde::Serialize;

use super::{args::Args, look::Look};
use crate::{commands::list::entry::when, stands};

/// All of it. The ids are those of the locale files.
#[derive(Debug, Serialize)]
pub(crate) struct CheckReport {
    exercise: String,
    pub(crate) title: String,
    context: String,
    namespace: String,
    /// The id of the verdict.
    pub(crate) id: &'static str,
    /// The verdict as a sentence.
    pub(crate) verdict: String,
    step: Option<usize>,
    steps: usize,
    pub(crate) seen: Vec<String>,
    pub(crate) missing: Vec<Line>,
    pub(crate) findings: Vec<Line>,
    pub(crate) goals: Vec<GoalLine>,
    /// Whether something differs from what the step wants.
    pub(crate) wrong: bool,
    /// Whether an object does, from which the rest follows.
    #[serde(skip)]
    pub(crate) wrong_object: bool,
    pub(crate) look_again_seconds: Option<u32>,
    pub(crate) lasting: Option<String>,
    pub(crate) next: Vec<Next>,
    /// What comes after an exercise that is done.
    pub(crate) go_on: Option<String>,
    pub(crate) hints: Vec<String>,
    #[serde(skip)]
    pub(crate) place: String,
}

/// Something that is not so, or that explains it.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) id: Option<&'static str>,
    pub(crate) text: String,
    /// What is there instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) observed: Option<String>,
}

/// A part of a task.
#[derive(Debug, Serialize)]
pub(crate) struct GoalLine {
    /// Such as `met`.
    pub(crate) outcome: &'static str,
    pub(crate) goal: String,
    pub(crate) observed: String,
    /// The id of the reason why it is not met.
    pub(crate) id: Option<&'static str>,
    pub(crate) reason: Option<String>,
}

impl GoalLine {
    /// What came of a goal; `met` if it is so, or was seen before and need not last.
    pub(super) fn new(goal: &Goal, verdict: &GoalVerdict, met: bool, language: Language) -> Self {
        let reason = verdict.reason.as_ref().filter(|_| !met);
        Self {
            outcome: match verdict.outcome {
                Outcome::Met => "met",
                _ if met => "seen-before",
                Outcome::Missed => "missed",
                Outcome::UnderWay => "under-way",
                Outcome::Unseen => "unseen",
            },
            goal: language.tell(&goal.claim().describe()),
            observed: language.tell(&verdict.observed),
            id: reason.and_then(Message::id),
            reason: reason.map(|reason| language.tell(reason)),
        }
    }

    pub(super) fn is_met(&self) -> bool {
        matches!(self.outcome, "met" | "seen-before")
    }
}

/// Commands to type.
#[derive(Debug, Serialize)]
pub(crate) struct Next {
    /// Where they stand in the guide.
    pub(crate) guide: String,
    pub(crate) commands: Vec<String>,
}

impl CheckReport {
    pub(crate) fn new(
        exercise: &Exercise,
        standing: &Standing,
        look: &Look,
        args: &Args,
        hints: Vec<String>,
        lasting: Option<Message>,
    ) -> Self {
        let tell = |message: &Message| args.lang.tell(message);
        let ended = lasting
            .as_ref()
            .is_some_and(|lasting| lasting.id() == Some("lasting-not"));
        let verdict = match ended {
            true => Message::new("check-not-lasting"),
            false => verdict(exercise, standing, look),
        };
        let line = |message: &Message| Line {
            id: message.id(),
            text: tell(message),
            observed: None,
        };
        let place = Message::new("place")
            .with("context", &look.context)
            .with("namespace", &look.place.namespace);
        let stays = standing
            .step
            .filter(|_| matches!(standing.position, Position::At))
            .and_then(|step| exercise.steps.get(step.checked_sub(1)?))
            .and_then(|step| step.action.proofs.iter().find_map(|proof| proof.claim().stays()));
        let unseen = stays.map(|stays| Message::new("lasting-unseen").with("seconds", stays.as_secs()));
        let missing = standing.missing.iter().map(|missing| Line {
            id: missing.hint.id(),
            text: tell(&missing.claim),
            observed: Some(tell(&missing.observed)),
        });
        Self {
            exercise: exercise.id.clone(),
            title: exercise.title.clone(),
            context: look.context.clone(),
            namespace: look.place.namespace.clone(),
            id: verdict.id().unwrap_or_default(),
            verdict: tell(&verdict),
            step: standing.step,
            steps: exercise.steps.len(),
            // What was seen before the watch has not lasted.
            seen: standing.seen.iter().filter(|_| !ended).map(tell).collect(),
            missing: match standing.position {
                Position::At | Position::Done => vec![],
                _ => missing.collect(),
            },
            findings: standing
                .findings
                .iter()
                .map(|finding| line(&finding.message))
                .collect(),
            goals: goals(exercise, standing, look, args),
            wrong: standing.position == Position::Near || ended,
            wrong_object: standing.findings.iter().any(|finding| finding.wrong),
            look_again_seconds: standing.look_again,
            lasting: lasting.or(unseen).as_ref().map(tell),
            next: next(exercise, standing, args),
            go_on: None,
            hints,
            place: tell(&place),
        }
    }

    /// Says which exercise comes next, once this one is done.
    pub(crate) fn go_on_with(&mut self, ids: &[String], language: Language) {
        let own = ids.iter().position(|id| *id == self.exercise);
        let next = own.and_then(|own| ids.get(own + 1)).filter(|_| self.is_done());
        self.go_on = next.map(|id| {
            let message = Message::new("check-go-on").with("exercise", id);
            language.tell(&message.with("page", format!("{}/{id}.md", language.folder())))
        });
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.id, "check-done" | "check-done-before")
    }

    pub(crate) fn heading(&self) -> String {
        format!("{}  {}", self.exercise, self.title)
    }
}

/// The sentence that says where the learner stands.
fn verdict(exercise: &Exercise, standing: &Standing, look: &Look) -> Message {
    let step = standing.step.unwrap_or_default();
    let section = step.checked_sub(1).and_then(|index| exercise.steps.get(index));
    let section = section
        .map(|step| step.section.as_str())
        .filter(|section| !section.is_empty());
    let section = section.unwrap_or(&exercise.title);
    let placed = |message: Message| {
        message
            .with("step", step)
            .with("steps", exercise.steps.len())
            .with("section", section)
    };
    match standing.position {
        Position::At => placed(Message::new("check-at")),
        Position::Near => placed(Message::new("check-near")),
        Position::Incomplete => placed(Message::new("check-incomplete")),
        Position::Unseen => Message::new("check-unseen"),
        Position::UnderWay => {
            let seconds = standing.look_again.unwrap_or_default();
            placed(Message::new("check-under-way")).with("seconds", seconds)
        }
        Position::Done => Message::new("check-done"),
        Position::Task => {
            let met = stands::met(exercise, standing, &look.memory);
            let count = met.iter().filter(|met| **met).count();
            match count == met.len() {
                true => Message::new("check-done"),
                false => Message::new("check-task")
                    .with("met", count)
                    .with("all", met.len()),
            }
        }
        Position::Nothing => {
            let reached = look.memory.reached(&exercise.id);
            match reached.and_then(|reached| reached.finished) {
                Some(at) => Message::new("check-done-before").with("at", when(at, &look.now)),
                None => Message::new("check-nothing"),
            }
        }
    }
}

fn goals(exercise: &Exercise, standing: &Standing, look: &Look, args: &Args) -> Vec<GoalLine> {
    let met = stands::met(exercise, standing, &look.memory);
    let goals = exercise.goals.iter().zip(&standing.goals).zip(met);
    let lines = goals.map(|((goal, verdict), met)| GoalLine::new(goal, verdict, met, args.lang));
    lines.collect()
}

/// The commands that come next: of a task, only on request.
fn next(exercise: &Exercise, standing: &Standing, args: &Args) -> Vec<Next> {
    let line = |step: usize| exercise.steps.get(step.checked_sub(1)?);
    let solution = exercise
        .steps
        .iter()
        .filter(|step| args.solution && exercise.goals_line.is_some_and(|task| step.line > task));
    let steps = standing
        .next
        .iter()
        .filter_map(|step| line(*step))
        .chain(solution);
    let next = steps.map(|step| Next {
        guide: format!("{}/{}.md:{}", args.lang.folder(), exercise.id, step.line),
        commands: step.action.commands.clone(),
    });
    next.collect()
}
