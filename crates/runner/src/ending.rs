//! How a run ends, and how that is told.

use std::time::Instant;

use guide::{Exercise, Language, Message};
use report::{Ending, Event, Times};

use super::error::Error;

/// Whether everything was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Seen,
    /// Something was missed, and the run ended there.
    Missed,
}

/// How a run ended that had not seen anything yet.
pub(super) fn finished(
    exercise: &Exercise,
    language: Language,
    result: &Result<Outcome, Error>,
    began: Instant,
) -> Event {
    let ending = match result {
        Ok(Outcome::Seen) => Ending::Seen,
        Ok(Outcome::Missed) => Ending::Missed,
        Err(Error::Interrupted(signal)) => Ending::Interrupted {
            signal: signal.name(),
        },
        Err(error) => Ending::Failed {
            error: language.tell(&error.message()),
        },
    };
    Event::RunFinished {
        exercise: exercise.id.clone(),
        ending,
        seen: 0,
        took: began.elapsed().as_secs_f64(),
        times: Times::default(),
    }
}

/// Tells something that a person should know.
pub(super) fn warning(message: &Message, language: Language) -> Event {
    Event::Warning {
        message: language.tell(message),
    }
}
