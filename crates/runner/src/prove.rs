//! The proofs of a step.

use std::time::{Duration, Instant};

use access::{Access, wait};
use guide::{Language, Message, Pattern, Proof};
use proofs::{Place, Verdict, probe};
use report::Event;

use super::{Error, shell};

/// How often the cluster is looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// What was not seen.
pub(super) struct Missed {
    pub(super) expected: String,
    pub(super) observed: String,
    pub(super) proof: Option<Box<Proof>>,
}

impl Missed {
    fn of(proof: &Proof, expected: &Message, verdict: &Verdict, language: Language) -> Self {
        Self {
            expected: language.tell(expected),
            observed: language.tell(&verdict.observed),
            proof: Some(Box::new(proof.clone())),
        }
    }
}

impl Missed {
    /// The same where it is no fault, as a person was waited for.
    pub(super) fn meanwhile(&self) -> Message {
        Message::new("came-meanwhile").with("claim", self.observed.as_str())
    }
}

/// Looks at proofs.
pub(super) struct Prover<'a> {
    pub(super) access: &'a Access,
    pub(super) place: &'a Place,
    /// The language of what is told.
    pub(super) language: Language,
    /// How long a proof is waited for.
    pub(super) deadline: Duration,
}

impl Prover<'_> {
    /// A proof that holds before its step would prove nothing about the step.
    pub(super) async fn not_yet(&self, proof: &Proof) -> Result<Result<(), Missed>, Error> {
        let verdict = self.look(proof).await?;
        if !verdict.holds {
            return Ok(Ok(()));
        }
        let expected = Message::new("not-before").with("claim", proof.claim().describe());
        Ok(Err(Missed::of(proof, &expected, &verdict, self.language)))
    }

    /// Waits until each proof holds, one after another.
    pub(super) async fn all_hold(
        &self,
        proofs: &[&Proof],
        tell: &mut dyn FnMut(Event),
    ) -> Result<Result<(), Missed>, Error> {
        for proof in proofs {
            let claim = proof.claim();
            tell(Event::ProofStarted {
                expected: self.language.tell(&claim.describe()),
                at_least: claim.stays().unwrap_or_default().as_secs_f64(),
                limit: (self.deadline + claim.stays().unwrap_or_default()).as_secs_f64(),
            });
            if let Err(missed) = self.holds(proof).await?.map(&mut *tell) {
                return Ok(Err(missed));
            }
        }
        Ok(Ok(()))
    }

    /// Waits until the proof holds and, where it has to stay so, for as long as it has to.
    pub(super) async fn holds(&self, proof: &Proof) -> Result<Result<Event, Missed>, Error> {
        let began = Instant::now();
        let claim = proof.claim();
        let stays = claim.stays().unwrap_or_default();
        let language = self.language;
        let mut held_since: Option<Instant> = None;
        let mut ticks = ticks();
        loop {
            ticks.tick().await;
            let verdict = self.look(proof).await?;
            if verdict.holds {
                let since = *held_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= stays {
                    return Ok(Ok(Event::Seen {
                        expected: language.tell(&claim.describe()),
                        observed: language.tell(&verdict.observed),
                        took: began.elapsed().as_secs_f64(),
                    }));
                }
            } else if held_since.take().is_some() || began.elapsed() >= self.deadline + stays {
                // What had to stay and did not is missed at once: waiting for it to come back would hide that it went.
                return Ok(Err(Missed::of(proof, &claim.describe(), &verdict, language)));
            }
        }
    }

    /// Looks again and again at proofs that hold; returns as soon as one does not any more, and never otherwise.
    pub(super) async fn stays(&self, proofs: &[&Proof]) -> Result<Missed, Error> {
        let mut ticks = ticks();
        loop {
            ticks.tick().await;
            for proof in proofs {
                let verdict = self.look(proof).await?;
                if !verdict.holds {
                    let expected = proof.claim().describe();
                    return Ok(Missed::of(proof, &expected, &verdict, self.language));
                }
            }
        }
    }

    /// Looks once.
    async fn look(&self, proof: &Proof) -> Result<Verdict, Error> {
        let verdict = wait::patiently(async || probe(proof).verdict(self.place).await).await;
        verdict.map_err(|error| Error::refused(self.access, Message::new("action-show-state"), &error))
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

/// A command has to succeed, which is nothing to tell; one that must fail has to fail by itself, not by being ended.
pub(super) fn ended(
    command: &str,
    run: &shell::Run,
    must_fail: bool,
    language: Language,
) -> Result<Option<Event>, Missed> {
    let command = command.replace("\\\n", "");
    let command = command.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = match must_fail {
        false => Message::new("command-succeeds"),
        true => Message::new("command-fails"),
    };
    let expected = language.tell(&expected.with("command", command));
    let observed = match run.exit_code {
        Some(code) => Message::new("command-ended").with("code", code),
        None => Message::new("command-went-on").with("seconds", run.took.as_secs()),
    };
    let observed = language.tell(&observed);
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
            proof: None,
        }),
    }
}

/// The commands have to print what the guide shows.
pub(super) fn printed(pattern: &Pattern, printed: &[String], language: Language) -> Result<Event, Missed> {
    let expected = language.tell(&Message::new("printed"));
    let lines = printed.iter().flat_map(|output| output.lines());
    let lines = lines.filter(|line| !is_of_a_log(line));
    let Err(difference) = pattern.compare(lines) else {
        return Ok(Event::Seen {
            expected,
            observed: printed.concat(),
            took: 0.0,
        });
    };
    let nothing = || language.tell(&Message::new("nothing-more"));
    Err(Missed {
        expected: format!("{expected}: {}", difference.expected.unwrap_or_else(nothing)),
        observed: difference.printed.unwrap_or_else(nothing),
        proof: None,
    })
}

/// Whether a line is of the log that Kubernetes' programs keep of themselves, which is no answer to a command: `kubectl exec` says there
/// that it threw away a message, when the empty one comes early with which the API server begins.
///
/// Source: `Header` in `k8s.io/klog/v2/internal/buffer`; `websocket.go` in client-go's `tools/remotecommand`.
fn is_of_a_log(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().take(4).collect();
    let [day, time, thread, place] = words[..] else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let day = day.strip_prefix(['I', 'W', 'E', 'F']).unwrap_or_default();
    let time = time.split([':', '.']).map(|part| (part.len(), is_number(part)));
    let time_has = [(2, true), (2, true), (2, true), (6, true)];
    let source = place.strip_suffix(']').and_then(|place| place.split_once(".go:"));
    day.len() == 4
        && is_number(day)
        && time.eq(time_has)
        && is_number(thread)
        && source.is_some_and(|(_, line)| is_number(line))
}

#[cfg(test)]
mod tests {
    use guide::Language::{En, Ko};

    use super::*;

    fn run(exit_code: Option<i32>) -> shell::Run {
        shell::Run {
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
    fn what_a_program_logs_of_itself_is_no_answer() {
        let pattern = Pattern::parse("999").unwrap();
        let logged =
            "E1126 21:33:37.864121   31108 websocket.go:296] Unknown stream id 1, discarding message\n999\n";
        assert!(printed(&pattern, &[logged.into()], En).is_ok());
        for other in [
            "E1126 is no log",
            "I1126 21:33:37.864121 31108 of a log]",
            "E1126 21:33 31108 a.go:1] b",
        ] {
            assert!(
                printed(&pattern, &[format!("{other}\n999\n")], En).is_err(),
                "{other}"
            );
        }
    }

    #[test]
    fn each_command_prints_lines_of_its_own() {
        let pattern = Pattern::parse("Ok\nOk").unwrap();
        assert!(printed(&pattern, &["Ok".into(), "Ok".into()], En).is_ok());
        let missed = printed(&pattern, &["Ok".into()], Ko).err().unwrap();
        assert_eq!(missed.observed, "(더 없음)");
    }
}
