//! Following one kind of objects.
//!
//! In place of `kube::runtime::watcher`, which keeps bookmarks to itself: on a quiet watch they are the only sign of life.

use std::{convert::Infallible, pin::pin, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use kube::{
    Api, ResourceExt,
    api::{WatchEvent, WatchParams},
};
use tokio::time::{Instant, sleep, timeout};

use super::shared::Shared;
use crate::{
    Hidden, Reach,
    keeper::Watched,
    list::{api, list},
};

/// After how many seconds the server ends a watch, two seconds before which it sends a bookmark: what a write does not date (a
/// deletion, `kubectl scale`) lies between two signs of life, which are not to be more than five seconds apart.
const RENEWED: u32 = 5;
/// After which silence a watch is dead: balancers and firewalls cut connections and tell nobody.
const SILENCE: Duration = Duration::from_secs(10);
/// A watch that ends sooner, without a word, was not ended by its time.
const EARLY: Duration = Duration::from_secs(2);
/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(10);

/// What is followed.
pub(super) struct Follow<'a> {
    pub(super) reach: &'a Reach,
    pub(super) namespace: &'a str,
    pub(super) shared: &'a Shared,
}

/// How a watch was lost.
enum Lost {
    /// It had told something.
    Late,
    /// It told nothing.
    Unheard,
    /// This user may not watch.
    Forbidden,
}

impl Follow<'_> {
    /// Follows a kind from the version of its list on. One that may not be listed yet may be later: the embedded cluster's recorder starts
    /// before its role is there.
    pub(super) async fn all<K: Watched>(&self, version: Option<String>) -> Infallible {
        let mut pauses = pauses();
        let mut version = match version {
            Some(version) => version,
            None => self.listed::<K>(&mut pauses).await,
        };
        loop {
            match self.watch::<K>(version).await {
                Lost::Late => pauses = self::pauses(),
                Lost::Unheard => {}
                Lost::Forbidden => self
                    .shared
                    .change(|keeper| keeper.hide(K::SOURCE, Hidden::Forbidden)),
            }
            version = self.listed::<K>(&mut pauses).await;
        }
    }

    /// Lists a kind anew, as soon as that can be done: the version of the list.
    async fn listed<K: Watched>(&self, pauses: &mut (impl Iterator<Item = Duration> + Send)) -> String {
        loop {
            sleep(pauses.next().unwrap_or(LONGEST)).await;
            if let Ok(all) = list::<K>(&self.reach.answers, self.namespace).await {
                let now = Timestamp::now();
                self.shared
                    .change(|keeper| keeper.relisted(all.items, all.cut, now));
                return all.version;
            }
        }
    }

    /// Watches for as long as nothing is missed.
    async fn watch<K: Watched>(&self, mut version: String) -> Lost {
        let api: Api<K> = api(&self.reach.watches, self.namespace);
        let params = WatchParams::default().timeout(RENEWED);
        let mut told = false;
        let lost = |told| if told { Lost::Late } else { Lost::Unheard };
        loop {
            let begun = Instant::now();
            let events = match timeout(SILENCE, api.watch(&params, &version)).await {
                Ok(Ok(events)) => events,
                Ok(Err(error)) if access::is_hidden(&error) => return Lost::Forbidden,
                Ok(Err(_)) | Err(_) => return lost(told),
            };
            let Some(heard) = self.read(pin!(events), &mut version).await else {
                return lost(told);
            };
            told |= heard;
            // The client takes a connection that breaks for one that ends.
            if !heard && begun.elapsed() < EARLY {
                return lost(told);
            }
            let now = Timestamp::now();
            self.shared.change(|keeper| keeper.heard(K::SOURCE, now));
        }
    }

    /// Reads a watch until it ends: whether anything came; none if something may have been missed.
    async fn read<K: Watched>(
        &self,
        mut events: impl Stream<Item = Result<WatchEvent<K>, kube::Error>> + Unpin,
        version: &mut String,
    ) -> Option<bool> {
        let mut heard = false;
        loop {
            let Some(event) = timeout(SILENCE, events.next()).await.ok()? else {
                return Some(heard);
            };
            let now = Timestamp::now();
            heard = true;
            let (object, gone) = match event.ok()? {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => (object, false),
                WatchEvent::Deleted(object) => (object, true),
                WatchEvent::Bookmark(bookmark) => {
                    *version = bookmark.metadata.resource_version;
                    self.shared.change(|keeper| keeper.heard(K::SOURCE, now));
                    continue;
                }
                WatchEvent::Error(_) => return None,
            };
            if let Some(next) = object.resource_version() {
                *version = next;
            }
            self.shared.change(|keeper| keeper.changed(object, gone, now));
        }
    }
}

fn pauses() -> impl Iterator<Item = Duration> + Send {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(LONGEST)
        .with_jitter()
        .without_max_times()
        .build()
}
