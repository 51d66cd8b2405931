//! Hints, the smallest first.

use guide::{Exercise, Goal, Language, Message, Try};
use learner::{Position, Standing};
use proofs::goals::GoalVerdict;

/// All hints for where a learner stands: a question, then where to look, then what is left to do.
pub(crate) fn hints(exercise: &Exercise, standing: &Standing, language: Language) -> Vec<String> {
    if standing.position == Position::Done {
        return vec![];
    }
    let mut hints: Vec<_> = standing
        .missing
        .iter()
        .map(|missing| missing.hint.clone())
        .collect();
    hints.dedup();
    if let Some(line) = exercise
        .goals_line
        .filter(|_| standing.position == Position::Task)
    {
        let page = format!("{}/{}.md:{line}", language.folder(), exercise.id);
        hints.push(Message::new("hint-page").with("page", page));
    }
    let unmet = unmet(&exercise.goals, &standing.goals);
    let looks = standing
        .missing
        .iter()
        .flat_map(|missing| missing.look_at.clone());
    hints.extend(to_look_at(looks.chain(unmet)));
    hints.iter().map(|hint| language.tell(hint)).collect()
}

/// All hints for an item to try, which begins at a line of the page: where it stands, then where to look.
pub(super) fn of_try(
    exercise: &Exercise,
    tried: &Try,
    verdicts: &[GoalVerdict],
    language: Language,
) -> Vec<String> {
    let page = format!("{}/{}.md:{}", language.folder(), exercise.id, tried.line);
    let mut hints = vec![Message::new("try-page").with("page", page)];
    hints.extend(to_look_at(unmet(&tried.goals, verdicts)));
    hints.iter().map(|hint| language.tell(hint)).collect()
}

/// The commands that show what is not met.
fn unmet(goals: &[Goal], verdicts: &[GoalVerdict]) -> impl Iterator<Item = String> {
    let goals = goals.iter().zip(verdicts);
    let unmet = goals.filter(|(_, verdict)| !verdict.is_met());
    unmet.flat_map(|(goal, _)| goal.claim().look_at("kubectl"))
}

/// Commands as hints, each once, and that these were all.
fn to_look_at(looks: impl Iterator<Item = String>) -> Vec<Message> {
    let mut commands: Vec<String> = vec![];
    for command in looks {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    let looks = commands
        .into_iter()
        .map(|command| Message::new("hint-look").with("command", command));
    looks.chain([Message::new("hint-no-more")]).collect()
}
