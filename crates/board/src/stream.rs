//! Frames as server-sent events.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use axum::response::sse::{Event, Sse};
use futures::{Stream, stream::unfold};
use serde::Serialize;
use tokio::{select, sync::watch::Receiver};

use crate::Frame;

/// What a browser gets: that the board lives, and the parts that have changed since it got the last.
#[derive(Serialize)]
struct Update<'a> {
    /// When, in milliseconds since 1970.
    at: i64,
    frozen: Option<&'a str>,
    since: Option<i64>,
    parts: BTreeMap<&'static str, &'a str>,
}

/// One browser.
struct Viewer<F> {
    frames: Receiver<Arc<Frame>>,
    sent: BTreeMap<&'static str, Arc<str>>,
    stop: std::pin::Pin<Box<F>>,
}

/// All frames from now on, until `stop` is done or the frames end. A browser that reads slowly misses some of them, and nothing
/// of what is shown.
pub(crate) fn events<F: Future<Output = ()> + Send + 'static>(
    mut frames: Receiver<Arc<Frame>>,
    stop: F,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    frames.mark_changed();
    let viewer = Viewer {
        frames,
        sent: BTreeMap::new(),
        stop: Box::pin(stop),
    };
    Sse::new(unfold(viewer, async |mut viewer| {
        select! {
            biased;
            () = &mut viewer.stop => return None,
            changed = viewer.frames.changed() => changed.ok()?,
        }
        let frame = Arc::clone(&viewer.frames.borrow_and_update());
        let event = viewer.update(&frame);
        Some((Ok(event), viewer))
    }))
}

impl<F> Viewer<F> {
    fn update(&mut self, frame: &Frame) -> Event {
        let is_new = |(id, text): &&(&'static str, Arc<str>)| {
            self.sent.get(id).is_none_or(|sent| !Arc::ptr_eq(sent, text))
        };
        let changed: Vec<_> = frame.parts.iter().filter(is_new).cloned().collect();
        let update = Update {
            at: frame.at.as_millisecond(),
            frozen: frame.frozen.as_deref(),
            since: frame
                .state
                .frozen
                .as_ref()
                .map(|frozen| frozen.since.as_millisecond()),
            parts: changed.iter().map(|(id, text)| (*id, &**text)).collect(),
        };
        // JSON has no line breaks, and a number is a good id.
        let data = serde_json::to_string(&update).unwrap_or_default();
        self.sent.extend(changed);
        Event::default().id(frame.number.to_string()).data(data)
    }
}
