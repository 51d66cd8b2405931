//! Hints, the smallest first.

use guide::{Exercise, Language, Message};
use learner::{Position, Standing};

/// All hints for where a learner stands: a question, then where to look, then what is left to do.
pub(in crate::commands) fn hints(
    exercise: &Exercise,
    standing: &Standing,
    language: Language,
) -> Vec<String> {
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
    let goals = exercise.goals.iter().zip(&standing.goals);
    let unmet = goals.filter(|(_, verdict)| !verdict.is_met());
    let unmet = unmet.flat_map(|(goal, _)| goal.claim().look_at("kubectl"));
    let looks = standing
        .missing
        .iter()
        .flat_map(|missing| missing.look_at.clone());
    let mut commands: Vec<String> = vec![];
    for command in looks.chain(unmet) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    hints.extend(
        commands
            .into_iter()
            .map(|command| Message::new("hint-look").with("command", command)),
    );
    hints.push(Message::new("hint-no-more"));
    hints.iter().map(|hint| language.tell(hint)).collect()
}
