//! The steps of an exercise: what is typed, what it prints, and what is then true of the cluster.

use std::time::{Duration, Instant};

use guide::{Action, Exercise, Pattern, Proof, Step};
use report::Event;

use super::{Error, Outcome, Sandbox, Settings, diagnosis, prove, shell};

/// How long a command that is watched may take to print what is already so.
const PRINTED_WITHIN: Duration = Duration::from_secs(10);
const PERIOD: Duration = Duration::from_millis(100);

/// Takes the steps in their order, up to the first of which something is missed.
pub(super) async fn take_all(
    exercise: &Exercise,
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    for (index, step) in exercise.steps.iter().enumerate() {
        tell(Event::StepStarted {
            step: index + 1,
            section: step.section.clone(),
        });
        let guide = format!("{}/{}.md:{}", settings.language.folder(), exercise.id, step.line);
        sandbox.before(&step.action).await?;
        let taken = take(step, sandbox, settings, tell).await?;
        sandbox.after(&step.action).await?;
        if let Err(missed) = taken {
            let miss =
                diagnosis::miss(missed, guide, &sandbox.place, &sandbox.kubectl, settings.language).await;
            tell(Event::Missed(miss));
            return Ok(Outcome::Missed);
        }
        tell(Event::StepFinished { step: index + 1 });
    }
    Ok(Outcome::Seen)
}

/// Takes one step: nothing of its proof may hold before, all of it has to hold after; and what has to hold throughout does
/// so before, all the time and after.
async fn take(
    step: &Step,
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    let action = &step.action;
    let (lasting, new): (Vec<_>, Vec<_>) = action.proofs.iter().partition(|proof| proof.claim().throughout());
    for proof in &lasting {
        if let Err(missed) = prove::holds(proof, sandbox, settings).await? {
            return Ok(Err(missed));
        }
    }
    for proof in &new {
        if let Err(missed) = prove::not_yet(proof, sandbox, settings.language).await? {
            return Ok(Err(missed));
        }
    }
    let acting = async {
        if action.watch {
            watch(action, &new, sandbox, settings, tell).await
        } else {
            act(action, &new, sandbox, settings, tell).await
        }
    };
    if lasting.is_empty() {
        return acting.await;
    }
    let done = tokio::select! {
        biased;
        missed = prove::stays(&lasting, sandbox, settings.language) => Err(missed?),
        done = acting => done?,
    };
    if done.is_ok() {
        return prove_all(&lasting, sandbox, settings, tell).await;
    }
    Ok(done)
}

/// Runs the commands one by one, and proves what came of them.
async fn act(
    action: &Action,
    proofs: &[&Proof],
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    let limit = shell::limit(settings.deadline);
    let mut printed = vec![];
    for command in sandbox.commands(action) {
        let command = sandbox.typed(command).await?;
        tell(Event::CommandStarted {
            command: command.clone(),
            limit: limit.as_secs_f64(),
        });
        let run = sandbox.shell.run(&command, limit).await?;
        tell(finished(&command, &run));
        match prove::ended(&command, &run, action.must_fail, settings.language) {
            Ok(seen) => seen.into_iter().for_each(&mut *tell),
            Err(missed) => return Ok(Err(missed)),
        }
        printed.push(run.output);
    }
    if let Some(pattern) = &action.prints
        && let Err(missed) = prove::printed(pattern, &printed, settings.language).map(&mut *tell)
    {
        return Ok(Err(missed));
    }
    prove_all(proofs, sandbox, settings, tell).await
}

/// Runs the one command until its proof is seen, and then does what the learner does: Ctrl-C.
async fn watch(
    action: &Action,
    proofs: &[&Proof],
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    for command in sandbox.commands(action) {
        tell(Event::CommandStarted {
            command: command.clone(),
            limit: settings.deadline.as_secs_f64(),
        });
        let running = sandbox.shell.start(command)?;
        // What is printed is told first, though it is complete only after what was seen.
        let mut told = vec![];
        let began = Instant::now();
        let proved = prove_all(proofs, sandbox, settings, &mut |event| told.push(event)).await?;
        // What was seen of the cluster may not be printed yet.
        let printed = |pattern: &Pattern| pattern.compare(running.printed().lines()).is_ok();
        let pattern = action.prints.as_ref().map(Pattern::among_others);
        if let (Ok(()), Some(pattern)) = (&proved, &pattern) {
            let deadline = Instant::now() + PRINTED_WITHIN;
            while !printed(pattern) && Instant::now() < deadline {
                tokio::time::sleep(PERIOD).await;
            }
        }
        let proving = began.elapsed();
        let mut run = running.interrupt().await?;
        // The time for both counts once.
        run.took = run.took.saturating_sub(proving);
        tell(finished(command, &run));
        told.into_iter().for_each(&mut *tell);
        if let Err(missed) = proved {
            return Ok(Err(missed));
        }
        if let Some(pattern) = &pattern
            && let Err(missed) = prove::printed(pattern, &[run.output], settings.language).map(&mut *tell)
        {
            return Ok(Err(missed));
        }
    }
    Ok(Ok(()))
}

fn finished(command: &str, run: &shell::Run) -> Event {
    Event::CommandFinished {
        command: command.to_owned(),
        output: run.output.clone(),
        exit_code: run.exit_code,
        took: run.took.as_secs_f64(),
    }
}

async fn prove_all(
    proofs: &[&Proof],
    sandbox: &Sandbox,
    settings: &Settings,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), prove::Missed>, Error> {
    for proof in proofs {
        let claim = proof.claim();
        tell(Event::ProofStarted {
            expected: settings.language.tell(&claim.describe()),
            limit: (settings.deadline + claim.stays().unwrap_or_default()).as_secs_f64(),
        });
        if let Err(missed) = prove::holds(proof, sandbox, settings).await?.map(&mut *tell) {
            return Ok(Err(missed));
        }
    }
    Ok(Ok(()))
}
