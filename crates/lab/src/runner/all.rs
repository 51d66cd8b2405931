//! Several exercises, at the same time where they do not touch each other.

use futures::future::{join, join_all};
use tokio::sync::{Semaphore, mpsc, watch};

use super::{Error, Outcome, Sandbox, Settings, Signal, next, run};
use crate::{
    applied::Applied,
    events::{Ending, Event, Times},
    guide::Exercise,
};

/// How many exercises run at once: their pods share a machine that may be small.
const AT_ONCE: usize = 4;

/// Runs exercises, each with its own settings. What happens is told exercise by exercise, in order, as if one had run
/// after another; what has happened meanwhile in a later one follows at once when its turn comes.
///
/// # Errors
/// One of them could not even begin; then none was begun. Otherwise there is a result for each.
pub async fn run_all(
    exercises: &[(Exercise, Settings)],
    signals: &mut mpsc::Receiver<Signal>,
    tell: &mut dyn FnMut(Event),
) -> Result<Vec<Result<Outcome, Error>>, Error> {
    let mut applied = vec![];
    for (exercise, settings) in exercises {
        if let Err(error) = can_begin(exercise, settings).await {
            tell(not_begun(
                exercise,
                Ending::Failed {
                    error: error.to_string(),
                },
            ));
            return Err(error);
        }
        applied.push(Applied::by(exercise, &settings.clone.join("k8s"))?);
    }
    let (finished, _) = watch::channel(vec![false; exercises.len()]);
    let places = Semaphore::new(AT_ONCE);
    let (mut runs, mut stops, mut queues) = (vec![], vec![], vec![]);
    for (index, (exercise, settings)) in exercises.iter().enumerate() {
        let (events, queue) = mpsc::unbounded_channel();
        let (stop, mut stopped) = mpsc::channel(2);
        stops.push(stop);
        queues.push(queue);
        let clashing: Vec<_> = (0..index)
            .filter(|earlier| applied[index].clashes(&applied[*earlier]))
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
            let place = tokio::select! {
                biased;
                signal = next(&mut stopped) => Err(signal),
                place = turn => Ok(place),
            };
            let mut queue = |event| {
                // Whoever reads has gone only when this is gone too.
                let _ = events.send(event);
            };
            let result = match place {
                Err(signal) => {
                    queue(not_begun(
                        exercise,
                        Ending::Interrupted {
                            signal: signal.name(),
                        },
                    ));
                    Err(Error::Interrupted(signal))
                }
                Ok(_place) => run(exercise, settings, &mut stopped, &mut queue).await,
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
    let passing_on = async {
        loop {
            let signal = next(signals).await;
            for stop in &stops {
                // One that is over needs none, and one that has two already needs no third.
                let _ = stop.try_send(signal);
            }
        }
    };
    tokio::select! {
        (results, ()) = join(join_all(runs), telling) => Ok(results),
        () = passing_on => unreachable!("it goes on for ever"),
    }
}

async fn can_begin(exercise: &Exercise, settings: &Settings) -> Result<(), Error> {
    let sandbox = Sandbox::prepare(exercise, settings).await?;
    sandbox.nothing_in_the_way().await
}

fn not_begun(exercise: &Exercise, ending: Ending) -> Event {
    Event::RunFinished {
        exercise: exercise.id.clone(),
        ending,
        seen: 0,
        took: 0.0,
        times: Times::default(),
    }
}
