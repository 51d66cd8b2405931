//! Hints, the smallest first.

use guide::{Language, Message};
use learner::{Position, Standing};

/// All hints for where a learner stands: a question, then where to look, then what is wrong there.
pub(super) fn hints(standing: &Standing, language: Language) -> Vec<String> {
    if standing.position == Position::Done {
        return vec![];
    }
    let mut hints: Vec<_> = standing
        .missing
        .iter()
        .map(|missing| missing.hint.clone())
        .collect();
    hints.dedup();
    let looks = standing.missing.iter().flat_map(|missing| &missing.look_at);
    let mut commands: Vec<&String> = vec![];
    for command in looks {
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
