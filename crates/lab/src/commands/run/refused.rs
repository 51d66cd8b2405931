//! A run that did not begin, told to machines: whoever reads events or test results waits for an end.

use std::io;

use guide::Language;
use report::{Clock, Ending, Event, Reporter, Times};

use crate::told::reason;

/// Tells that the run of `exercise`, which may be all, ended before it began.
///
/// # Errors
/// Nobody can read it.
pub(super) fn tell(
    exercise: &str,
    error: &anyhow::Error,
    language: Language,
    clock: Clock,
    reporter: &mut dyn Reporter,
) -> io::Result<()> {
    let ending = match error.downcast_ref() {
        Some(runner::Error::Interrupted(signal)) => Ending::Interrupted {
            signal: signal.name(),
        },
        _ => Ending::Failed {
            error: reason(error, language),
        },
    };
    let took = clock.elapsed();
    let finished = Event::RunFinished {
        exercise: exercise.into(),
        ending,
        seen: 0,
        took,
        times: Times::default(),
    };
    reporter.take(&clock.stamp(finished))?;
    reporter.take(&clock.stamp(Event::AllFinished { took }))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use report::{Json, Junit};
    use serde_json::Value;

    use super::*;

    /// What is told of an error, in both forms.
    fn said(error: &anyhow::Error) -> (Vec<Value>, String) {
        let (mut json, mut junit) = (vec![], vec![]);
        let clock = Clock::start(Timestamp::now);
        tell("12.1", error, Language::En, clock, &mut Json::new(&mut json)).unwrap();
        tell("12.1", error, Language::En, clock, &mut Junit::new(&mut junit)).unwrap();
        let lines = String::from_utf8(json).unwrap();
        let events = lines.lines().map(|line| serde_json::from_str(line).unwrap());
        (events.collect(), String::from_utf8(junit).unwrap())
    }

    #[test]
    fn a_run_that_is_refused_has_an_end_that_says_why() {
        let (events, junit) = said(&cluster::Error::NotRunning("lab".into()).into());
        let kinds: Vec<_> = events
            .iter()
            .map(|event| event["event"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["run_finished", "all_finished"]);
        assert_eq!(events[0]["ending"]["how"], "failed");
        let why = events[0]["ending"]["error"].as_str().unwrap();
        assert!(why.starts_with("the cluster \"lab\" is not running"), "{why}");
        assert!(
            junit.contains("errors=\"1\"") && junit.contains("is not running"),
            "{junit}"
        );
    }

    #[test]
    fn a_signal_before_the_beginning_is_no_failure() {
        let (events, junit) = said(&runner::Error::Interrupted(runner::Signal::Interrupt).into());
        assert_eq!(events[0]["ending"]["how"], "interrupted");
        assert!(junit.contains("interrupted by "), "{junit}");
    }
}
