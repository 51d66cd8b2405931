//! Watches what has to last.

use std::time::{Duration, Instant};

use guide::{Exercise, Language, Message};
use learner::Standing;
use proofs::{Place, probe};

use crate::progress::StepProgress;

/// How often it is looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// Watches the proofs of the step that have to stay so, for as long as they have to: what came of it.
///
/// # Errors
/// The cluster does not answer, or refuses.
pub(super) async fn watch(
    exercise: &Exercise,
    standing: &Standing,
    place: &Place,
    language: Language,
    progress: &StepProgress,
) -> anyhow::Result<Message> {
    let step = standing
        .step
        .and_then(|step| exercise.steps.get(step.checked_sub(1)?));
    let proofs: Vec<_> = step
        .iter()
        .flat_map(|step| &step.action.proofs)
        .filter_map(|proof| Some((proof, proof.claim().stays()?)))
        .collect();
    let Some(longest) = proofs.iter().map(|(_, stays)| *stays).max() else {
        return Ok(Message::new("lasting-none"));
    };
    progress.start(&language.tell(&Message::new("check-watching")), longest);
    let began = Instant::now();
    let mut ticks = tokio::time::interval(PERIOD);
    while began.elapsed() < longest {
        ticks.tick().await;
        for (proof, _) in proofs.iter().filter(|(_, stays)| began.elapsed() < *stays) {
            let verdict = probe(proof)
                .verdict(&place.for_learner(Default::default()))
                .await?;
            if !verdict.holds {
                progress.finish_quietly();
                return Ok(Message::new("lasting-not")
                    .with("seconds", began.elapsed().as_secs())
                    .with("observed", verdict.observed));
            }
        }
    }
    progress.finish_quietly();
    Ok(Message::new("lasting-so").with("seconds", longest.as_secs()))
}
