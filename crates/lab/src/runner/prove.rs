//! The proofs of a step.

use std::time::{Duration, Instant};

use super::{Error, Sandbox, Settings, sandbox::GONE_AFTER, shell::Run};
use crate::{
    checks::{Check, Verdict},
    events::Event,
    guide::{
        Language::{self, En, Ko},
        Pattern,
    },
};

/// How often the cluster is looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// What was not seen.
pub(super) struct Missed {
    pub(super) expected: String,
    pub(super) observed: String,
    pub(super) check: Option<Box<Check>>,
}

impl Missed {
    fn of(check: &Check, expected: String, observed: String) -> Self {
        Self {
            expected,
            observed,
            check: Some(Box::new(check.clone())),
        }
    }
}

/// A check that holds before its step would prove nothing about the step.
pub(super) async fn not_yet(
    check: &Check,
    sandbox: &Sandbox,
    language: Language,
) -> Result<Result<(), Missed>, Error> {
    let verdict = answered(check, sandbox, language).await?;
    if !verdict.holds {
        return Ok(Ok(()));
    }
    let expected = match language {
        En => format!("before this step not yet: {}", check.describe(language)),
        Ko => format!("이 단계 전에는 아직 아님: {}", check.describe(language)),
    };
    Ok(Err(Missed::of(check, expected, verdict.observed)))
}

/// Waits until the check holds and, where it has to stay so, for as long as it has to.
pub(super) async fn holds(
    check: &Check,
    sandbox: &Sandbox,
    settings: &Settings,
) -> Result<Result<Event, Missed>, Error> {
    let began = Instant::now();
    let stays = check.stays().unwrap_or_default();
    let deadline = settings.deadline + stays;
    let mut held_since: Option<Instant> = None;
    let mut ticks = ticks();
    loop {
        ticks.tick().await;
        let verdict = answered(check, sandbox, settings.language).await?;
        let expected = check.describe(settings.language);
        if verdict.holds {
            let since = *held_since.get_or_insert_with(Instant::now);
            if since.elapsed() >= stays {
                return Ok(Ok(Event::Seen {
                    expected,
                    observed: verdict.observed,
                    took: began.elapsed().as_secs_f64(),
                }));
            }
        } else if held_since.take().is_some() || began.elapsed() >= deadline {
            // What had to stay and did not is missed at once: waiting for it to come back would hide that it went.
            return Ok(Err(Missed::of(check, expected, verdict.observed)));
        }
    }
}

/// Looks again and again at checks that hold; returns as soon as one does not any more, and never otherwise.
pub(super) async fn stays(checks: &[&Check], sandbox: &Sandbox, language: Language) -> Result<Missed, Error> {
    let mut ticks = ticks();
    loop {
        ticks.tick().await;
        for check in checks {
            let verdict = answered(check, sandbox, language).await?;
            if !verdict.holds {
                return Ok(Missed::of(check, check.describe(language), verdict.observed));
            }
        }
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

/// Looks, and gives a cluster that fails to answer some time to come back.
async fn answered(check: &Check, sandbox: &Sandbox, language: Language) -> Result<Verdict, Error> {
    let began = Instant::now();
    loop {
        match check.verdict(&sandbox.view, language).await {
            Ok(verdict) => return Ok(verdict),
            Err(kube::Error::Api(status)) if !(500..600).contains(&status.code) && status.code != 429 => {
                return Err(Error::Refused {
                    action: "show its state",
                    reason: status.message.clone(),
                });
            }
            Err(error) if began.elapsed() >= GONE_AFTER => return Err(sandbox.unreachable(&error)),
            Err(_) => tokio::time::sleep(PERIOD).await,
        }
    }
}

/// A command has to succeed, which is nothing to tell; one that must fail has to fail by itself, not by being ended.
pub(super) fn ended(
    command: &str,
    run: &Run,
    must_fail: bool,
    language: Language,
) -> Result<Option<Event>, Missed> {
    let command = command.replace("\\\n", "");
    let command = command.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = match (language, must_fail) {
        (En, false) => format!("`{command}` succeeds"),
        (En, true) => format!("`{command}` fails"),
        (Ko, false) => format!("`{command}` 명령이 성공함"),
        (Ko, true) => format!("`{command}` 명령이 실패함"),
    };
    let observed = match (language, run.exit_code) {
        (En, Some(code)) => format!("it ended with exit code {code}"),
        (Ko, Some(code)) => format!("종료 코드 {code}"),
        (En, None) => format!("it did not end by itself within {} s", run.took.as_secs()),
        (Ko, None) => format!("{}초 안에 스스로 끝나지 않음", run.took.as_secs()),
    };
    match run.exit_code {
        Some(0) if !must_fail => Ok(None),
        Some(code) if must_fail && code != 0 => Ok(Some(Event::Seen {
            expected,
            observed,
            took: 0.0,
        })),
        _ => Err(Missed {
            expected,
            observed,
            check: None,
        }),
    }
}

/// What was printed has to be what the guide shows.
pub(super) fn printed(pattern: &Pattern, printed: &[String], language: Language) -> Result<Event, Missed> {
    let expected = match language {
        En => "printed what the guide shows",
        Ko => "가이드에 적힌 대로 출력됨",
    };
    let lines = printed.iter().flat_map(|output| output.lines());
    let Err(difference) = pattern.compare(lines) else {
        return Ok(Event::Seen {
            expected: expected.into(),
            observed: printed.concat(),
            took: 0.0,
        });
    };
    let nothing = || match language {
        En => "(nothing more)".to_owned(),
        Ko => "(더 없음)".to_owned(),
    };
    Err(Missed {
        expected: format!("{expected}: {}", difference.expected.unwrap_or_else(nothing)),
        observed: difference.printed.unwrap_or_else(nothing),
        check: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(exit_code: Option<i32>) -> Run {
        Run {
            output: String::new(),
            exit_code,
            took: Duration::from_secs(3),
        }
    }

    #[test]
    fn a_command_that_must_fail_has_to_fail() {
        assert!(ended("curl x", &run(Some(7)), true, En).is_ok());
        assert!(ended("curl x", &run(Some(0)), true, En).is_err());
        assert!(ended("curl x", &run(None), true, En).is_err());
        assert!(ended("curl x", &run(Some(0)), false, En).is_ok());
        assert!(ended("curl x", &run(Some(7)), false, En).is_err());
    }

    #[test]
    fn each_command_prints_lines_of_its_own() {
        let pattern = Pattern::parse("Ok\nOk").unwrap();
        assert!(printed(&pattern, &["Ok".into(), "Ok".into()], En).is_ok());
        let missed = printed(&pattern, &["Ok".into()], Ko).err().unwrap();
        assert_eq!(missed.observed, "(더 없음)");
    }
}
