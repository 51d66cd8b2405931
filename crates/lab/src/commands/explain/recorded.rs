//! What the embedded cluster's recorder has kept.

use std::{convert::Infallible, sync::Arc};

use cluster::Layout;
use guide::Message;
use jiff::{ToSpan, ZonedDateTime};
use record::{Live, Reach, Recorded, Tape};
use story::Source;
use tokio::sync::watch::Sender;

use super::unknown;
use crate::target::Target;

/// The record of the embedded cluster, or why objects have to do.
pub(crate) enum Past {
    /// All that was seen.
    Recorded(Recorded),
    /// Nothing was.
    Unrecorded(Option<Message>),
}

impl Past {
    /// What is kept at `now` of the cluster that a command works on.
    pub(crate) fn of(target: &Target, layout: &Layout, now: &ZonedDateTime) -> Self {
        if target.embedded.is_none() {
            return Self::Unrecorded(None);
        }
        let because = |message| Self::Unrecorded(Some(message));
        match Tape::new(&layout.record()).read() {
            Ok(Some(recorded)) if recorded.signs.is_old(now.timestamp()) => {
                let since = unknown::time(recorded.signs.written, now);
                because(Message::new("explain-recorder-silent").with("since", since))
            }
            Ok(Some(recorded)) => Self::Recorded(recorded),
            Ok(None) => Self::Unrecorded(None),
            Err(error) => because(Message::new("explain-unreadable").with("reason", error.to_string())),
        }
    }
}

/// Watches a namespace, and tells what happened by the record if there is one.
///
/// # Errors
/// The first lists fail otherwise than by a refusal.
pub(crate) async fn watch(
    reach: &Reach,
    namespace: &str,
    past: &Past,
    live: &Sender<Arc<Live>>,
) -> Result<Infallible, kube::Error> {
    match past {
        Past::Recorded(recorded) => record::watch_recorded(reach, namespace, recorded.clone(), live).await,
        Past::Unrecorded(_) => record::watch(reach, namespace, live).await,
    }
}

/// What a record cannot know.
pub(super) fn told(recorded: &Recorded, now: &ZonedDateTime) -> Message {
    let signs = &recorded.signs;
    // What is older is let go of.
    let oldest = now
        .checked_sub(1.hour())
        .map_or(signs.since, |hour| hour.timestamp());
    let since = unknown::time(signs.since.max(oldest), now);
    let late = signs.unrecorded(now.timestamp());
    let late = late.map(|since| unknown::unwritten(since, now));
    let deaf = signs.unheard(now.timestamp()).map(|(sources, since)| {
        Message::new("explain-recorder-deaf")
            .with("kinds", unknown::names(&sources).join(", "))
            .with("since", unknown::time(since, now))
    });
    let unseen = signs.hidden.keys().filter(|source| source.is_watched());
    let unseen = unknown::unrecorded(&unseen.copied().collect());
    let uncounted = signs.hidden.get(&Source::Probes);
    let uncounted =
        uncounted.map(|reason| Message::new("explain-uncounted").with("reason", reason.to_string()));
    let unruled = signs.hidden.get(&Source::Proxy);
    let unruled = unruled.map(|reason| Message::new("explain-unruled").with("reason", reason.to_string()));
    let all = [
        Some(Message::new("explain-recorded").with("since", since)),
        late,
        deaf,
        unseen,
        uncounted,
        unruled,
        unknown::skew(signs.skew),
    ];
    Message::joined(" ", all.into_iter().flatten().collect::<Vec<_>>())
}
