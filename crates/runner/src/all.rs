//! Several exercises, at the same time where they do not touch each other.

use std::time::Instant;

use futures::future::{join, join_all};
use guide::Exercise;
use report::{Clock, Stamped};
use tokio::sync::{Semaphore, mpsc, watch};

use super::{
    ending::{Outcome, finished as ended},
    error::Error,
    run::Run,
    settings::Settings,
    stop::Stop,
};

/// How many exercises run at once: their pods share a machine that may be small.
const AT_ONCE: usize = 4;

/// Runs exercises, each with its own settings. What happens is told exercise by exercise, in order, as if one had run
/// after another; what has happened meanwhile in a later one follows at once when its turn comes, with the time of `clock`
/// at which it happened.
///
/// # Errors
/// One of them could not even begin; then none was begun. Otherwise there is a result for each.
pub async fn run_all(
    exercises: &[(Exercise, Settings)],
    stop: &Stop,
    clock: &Clock,
    tell: &mut dyn FnMut(Stamped),
) -> Result<Vec<Result<Outcome, Error>>, Error> {
    let mut prepared = vec![];
    for (exercise, settings) in exercises {
        let begin = Instant::now();
        let ready = stop.or(can_begin(exercise, settings)).await;
        match ready.unwrap_or_else(|signal| Err(Error::Interrupted(signal))) {
            Ok(run) => prepared.push(run),
            Err(error) => {
                let result = Err(error);
                tell(clock.stamp(ended(exercise, settings.language, &result, begin)));
                return result.map(|_| vec![]);
            }
        }
    }
    let footprints: Vec<_> = prepared
        .iter()
        .map(|run| run.neighbours.footprint.clone())
        .collect();
    let (finished, _) = watch::channel(vec![false; exercises.len()]);
    let places = Semaphore::new(AT_ONCE);
    let (mut runs, mut queues) = (vec![], vec![]);
    for (index, run) in prepared.into_iter().enumerate() {
        let (events, queue) = mpsc::unbounded_channel();
        queues.push(queue);
        let clashing: Vec<_> = (0..index)
            .filter(|earlier| footprints[index].clashes(&footprints[*earlier]))
            .collect();
        let mut others = finished.subscribe();
        let (finished, places) = (&finished, &places);
        runs.push(async move {
            let turn = async {
                // Neither can fail: the channel and the semaphore are there as long as this runs.
                let _ = others
                    .wait_for(|finished| clashing.iter().all(|earlier| finished[*earlier]))
                    .await;
                places.acquire().await
            };
            let place = stop.or(turn).await;
            let mut queue = |event| {
                // Whoever reads has gone only when this is gone too.
                let _ = events.send(clock.stamp(event));
            };
            let result = match place {
                Err(signal) => {
                    let result = Err(Error::Interrupted(signal));
                    let (exercise, language) = (run.exercise, run.settings.language);
                    queue(ended(exercise, language, &result, Instant::now()));
                    result
                }
                Ok(_place) => run.counted(stop, &mut queue).await,
            };
            finished.send_modify(|finished| finished[index] = true);
            result
        });
    }
    let telling = async {
        for queue in &mut queues {
            while let Some(event) = queue.recv().await {
                tell(event);
            }
        }
    };
    let (results, ()) = join(join_all(runs), telling).await;
    Ok(results)
}

async fn can_begin<'a>(exercise: &'a Exercise, settings: &'a Settings) -> Result<Run<'a>, Error> {
    let run = Run::prepare(exercise, settings).await?;
    run.can_begin().await?;
    Ok(run)
}
