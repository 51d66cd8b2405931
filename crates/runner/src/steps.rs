//! The steps of an exercise: what is typed, what it prints, and what is then true of the cluster.

use std::time::{Duration, Instant};

use access::wait;
use guide::{Action, Message, Pattern, Proof, Stated, Step};
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

/// Nothing of a step's proof may hold before, but for what has to hold throughout.
pub(super) async fn not_yet(step: &Step, prover: &Prover<'_>) -> Result<Result<(), Missed>, Error> {
    for proof in step
        .action
        .proofs
        .iter()
        .filter(|proof| !proof.claim().throughout())
    {
        if let Err(missed) = prover.not_yet(proof).await? {
            return Ok(Err(missed));
        }
    }
    Ok(Ok(()))
}

/// Takes one step of whose proof nothing held: all of it has to hold after; and what has to hold throughout does so before,
/// all the time and after.
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
        let shown = action
            .prints
            .as_ref()
            .map(|pattern| shown(pattern, &printed, &run.output));
        tell(finished(&command, &run, shown));
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
        let shown = pattern.as_ref().map(|pattern| shown(pattern, &[], &run.output));
        tell(finished(command, &run, shown));
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

/// Which lines of `output` the guide shows, where the commands before have printed this.
fn shown(pattern: &Pattern, before: &[String], output: &str) -> Vec<usize> {
    let first = before.iter().map(|output| output.lines().count()).sum();
    let lines = before.iter().flat_map(|output| output.lines());
    let shown = pattern.shown(lines.chain(output.lines()));
    shown
        .into_iter()
        .filter_map(|line| line.checked_sub(first))
        .collect()
}

fn started(command: &str, limit: Duration) -> Event {
    let stated = Stated::of(command);
    Event::CommandStarted {
        command: command.to_owned(),
        at_least: stated.at_least.as_secs_f64(),
        gives_up: stated.gives_up.map(|time| time.as_secs_f64()),
        limit: limit.as_secs_f64(),
    }
}

fn finished(command: &str, run: &shell::Run, shown: Option<Vec<usize>>) -> Event {
    Event::CommandFinished {
        command: command.to_owned(),
        output: run.output.clone(),
        shown: shown.unwrap_or_default(),
        exit_code: run.exit_code,
        took: run.took.as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_that_the_guide_shows_are_counted_from_the_command_that_printed_them() {
        let pattern = Pattern::parse("a\n...\nb").unwrap();
        let first = "a\nx\n".to_owned();
        assert_eq!(shown(&pattern, &[], &first), [0]);
        assert_eq!(shown(&pattern, &[first], "y\nb\n"), [1]);
    }
}
