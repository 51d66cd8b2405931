//! That nothing is heard any more of what the board shows.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use guide::Message;
use jiff::{SignedDuration, Timestamp};
use kube::Client;
use story::Source;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::commands::explain::unknown::names;

/// How often the API server is asked whether it is there.
const PERIOD: Duration = Duration::from_millis(500);
/// How long it may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the cluster may be silent: 3 s after its last sign of life the page has to look frozen, which takes a tenth of a second to
/// be seen and some more to be sent and drawn.
const SILENT: SignedDuration = SignedDuration::from_secs(2);
/// How long a source may be silent: watches give a sign of life in 5 s at least.
const SOURCE_SILENT: SignedDuration = SignedDuration::from_secs(15);

/// Whether the API server is there: any answer is a sign of life, a refusal too.
pub(super) async fn answers(client: &Client) -> bool {
    matches!(client.apiserver_version().await, Ok(_) | Err(kube::Error::Api(_)))
}

/// Asks again and again whether somebody is there, and notes when that last was so.
pub(super) async fn ping(is_there: impl AsyncFn() -> bool, heard: &watch::Sender<Timestamp>) -> Infallible {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if timeout(PATIENCE, is_there()).await == Ok(true) {
            heard.send_replace(Timestamp::now());
        }
    }
}

/// What has been silent for too long, and since when: the cluster, or else the watches, or else the kubelets.
pub(super) fn told<'a>(
    sources: impl Iterator<Item = (&'a Source, &'a Timestamp)>,
    cluster: Timestamp,
    now: Timestamp,
) -> Option<(Message, Timestamp)> {
    let late: Vec<_> = sources
        .filter(|(_, heard)| now.duration_since(**heard) > SOURCE_SILENT)
        .collect();
    let (watches, kubelets): (Vec<_>, Vec<_>) = late.into_iter().partition(|(source, _)| source.is_watched());
    let oldest = |late: &[(&Source, &Timestamp)]| late.iter().map(|(_, heard)| **heard).min();
    if now.duration_since(cluster) > SILENT {
        let since = oldest(&watches).map_or(cluster, |since| since.min(cluster));
        return Some((Message::new("board-silent-cluster"), since));
    }
    if let Some(since) = oldest(&watches) {
        let kinds: BTreeSet<_> = watches.iter().map(|(source, _)| **source).collect();
        let what = Message::new("board-silent-watches").with("kinds", names(&kinds).join(", "));
        return Some((what, since));
    }
    oldest(&kubelets).map(|since| (Message::new("board-silent-kubelets"), since))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::atomic::{AtomicBool, Ordering},
    };

    use guide::Language;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// What is told 100 s after a beginning, when the cluster and these sources were heard at these seconds.
    fn said(sources: &[(Source, i64)], cluster: i64) -> Option<(String, i64)> {
        let sources: BTreeMap<_, _> = sources
            .iter()
            .map(|(source, heard)| (*source, at(*heard)))
            .collect();
        let (what, since) = told(sources.iter(), at(cluster), at(100))?;
        Some((Language::En.tell(&what), since.as_second()))
    }

    #[test]
    fn the_one_that_is_silent_is_named_with_the_moment_of_its_last_word() {
        let (pods, slices, probes) = (Source::Pods, Source::Slices, Source::Probes);
        assert_eq!(said(&[], 98), None);
        assert_eq!(said(&[(pods, 85), (probes, 85)], 98), None);
        assert_eq!(said(&[(pods, 90)], 97), Some(("the cluster".into(), 97)));
        assert_eq!(said(&[(pods, 80)], 97), Some(("the cluster".into(), 80)));
        assert_eq!(
            said(&[(pods, 84), (slices, 80), (probes, 99)], 100),
            Some(("the watches of pods, endpointslices".into(), 80))
        );
        // Each since its own last word.
        assert_eq!(
            said(&[(pods, 84), (probes, 50)], 100),
            Some(("the watches of pods".into(), 84))
        );
        assert_eq!(said(&[(probes, 50)], 97), Some(("the cluster".into(), 97)));
        assert_eq!(
            said(&[(pods, 99), (probes, 80)], 100),
            Some(("the kubelets' metrics".into(), 80))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_cluster_that_does_not_answer_is_not_heard_until_it_does() {
        let there = AtomicBool::new(true);
        let (heard, mut last) = watch::channel(Timestamp::UNIX_EPOCH);
        let is_there = async || {
            if !there.load(Ordering::Relaxed) {
                // As one that is stopped: the connection stays, and nothing comes.
                std::future::pending::<()>().await;
            }
            true
        };
        let watched = async {
            last.changed().await.unwrap();
            there.store(false, Ordering::Relaxed);
            let silent = timeout(Duration::from_secs(60), last.changed()).await;
            assert!(silent.is_err(), "it was heard though it does not answer");
            there.store(true, Ordering::Relaxed);
            last.changed().await.unwrap();
        };
        tokio::select! {
            never = ping(is_there, &heard) => match never {},
            () = watched => {}
        }
    }
}
