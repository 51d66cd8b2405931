//! The steps of an exercise: what is typed, what it prints, and what is then true of the cluster.

use std::time::{Duration, Instant};

use access::wait;
use guide::{Action, Message, Pattern, Proof, Step};
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use report::Event;

use super::{
    Error,
    prove::{self, Missed, Prover},
    shell,
    typing::Typist,
};

/// How long a command that is watched may take to print what is already so.
const PRINTED_WITHIN: Duration = Duration::from_secs(10);

/// Takes one step: nothing of its proof may hold before, all of it has to hold after; and what has to hold throughout does
/// so before, all the time and after.
pub(super) async fn take(
    step: &Step,
    typist: &Typist,
    prover: &Prover<'_>,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), Missed>, Error> {
    let action = &step.action;
    let (lasting, new): (Vec<_>, Vec<_>) = action.proofs.iter().partition(|proof| proof.claim().throughout());
    for proof in &lasting {
        if let Err(missed) = prover.holds(proof).await? {
            return Ok(Err(missed));
        }
    }
    for proof in &new {
        if let Err(missed) = prover.not_yet(proof).await? {
            return Ok(Err(missed));
        }
    }
    let acting = async {
        if action.watch {
            watch(action, &new, typist, prover, tell).await
        } else {
            act(action, &new, typist, prover, tell).await
        }
    };
    if lasting.is_empty() {
        return acting.await;
    }
    let done = tokio::select! {
        biased;
        missed = prover.stays(&lasting) => Err(missed?),
        done = acting => done?,
    };
    if done.is_ok() {
        return prover.all_hold(&lasting, tell).await;
    }
    Ok(done)
}

/// Runs the commands one by one, and proves what came of them.
async fn act(
    action: &Action,
    proofs: &[&Proof],
    typist: &Typist,
    prover: &Prover<'_>,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), Missed>, Error> {
    let limit = shell::limit(prover.deadline);
    let services: Api<Service> = Api::namespaced(prover.place.client.clone(), &prover.place.namespace);
    let mut printed = vec![];
    for command in typist.commands(action) {
        let typed = typist.typed(command, &services).await;
        let command = typed
            .map_err(|error| Error::refused(prover.access, Message::new("action-show-service"), &error))?;
        tell(started(&command, limit));
        let run = typist.shell.run(&command, limit).await?;
        tell(finished(&command, &run));
        match prove::ended(&command, &run, action.must_fail, prover.language) {
            Ok(seen) => seen.into_iter().for_each(&mut *tell),
            Err(missed) => return Ok(Err(missed)),
        }
        printed.push(run.output);
    }
    if let Some(pattern) = &action.prints
        && let Err(missed) = prove::printed(pattern, &printed, prover.language).map(&mut *tell)
    {
        return Ok(Err(missed));
    }
    prover.all_hold(proofs, tell).await
}

/// Runs the one command until its proof is seen, and then does what the learner does: Ctrl-C.
async fn watch(
    action: &Action,
    proofs: &[&Proof],
    typist: &Typist,
    prover: &Prover<'_>,
    tell: &mut dyn FnMut(Event),
) -> Result<Result<(), Missed>, Error> {
    for command in typist.commands(action) {
        tell(started(command, prover.deadline));
        let running = typist.shell.start(command)?;
        // What is printed is told first, though it is complete only after what was seen.
        let mut told = vec![];
        let began = Instant::now();
        let proved = prover.all_hold(proofs, &mut |event| told.push(event)).await?;
        let pattern = action.prints.as_ref().map(Pattern::among_others);
        if let (Ok(()), Some(pattern)) = (&proved, &pattern) {
            // What was seen of the cluster may not be printed yet.
            let printed = wait::until(PRINTED_WITHIN, async || {
                let printed = pattern.compare(running.printed().lines()).is_ok();
                Ok::<_, Error>(printed.then_some(()))
            });
            printed.await?;
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
            && let Err(missed) = prove::printed(pattern, &[run.output], prover.language).map(&mut *tell)
        {
            return Ok(Err(missed));
        }
    }
    Ok(Ok(()))
}

fn started(command: &str, limit: Duration) -> Event {
    Event::CommandStarted {
        command: command.to_owned(),
        limit: limit.as_secs_f64(),
    }
}

fn finished(command: &str, run: &shell::Run) -> Event {
    Event::CommandFinished {
        command: command.to_owned(),
        output: run.output.clone(),
        exit_code: run.exit_code,
        took: run.took.as_secs_f64(),
    }
}
