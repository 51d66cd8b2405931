//! What of a request's body nobody has read by the time of the answer.
//!
//! hyper closes a connection whose request it could not read to its end, without a word: the client's next request on it goes
//! into the void. So what is left of a body is read if it is there and small, as Go's server does, and otherwise the answer says
//! that the connection ends.

use std::{
    mem::take,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use http::header::EXPECT;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::{sync::oneshot, time::timeout};

/// How long an answer waits for the rest of a body. It usually comes with the head, or not at all.
const AT_MOST: Duration = Duration::from_millis(50);

/// The rest of a body, once its request has been answered.
pub(crate) struct Unread {
    rest: oneshot::Receiver<Body>,
    /// A client that waits to be told to send its body is not asked for it just to throw it away.
    is_expected: bool,
}

/// The request, and what will be left of its body; nothing to look at if it has none.
pub(crate) fn watched(request: Request) -> (Request, Option<Unread>) {
    if request.body().is_end_stream() {
        return (request, None);
    }
    let is_expected = request.headers().contains_key(EXPECT);
    let (left, rest) = oneshot::channel();
    let watched = |body| {
        Body::new(Watched {
            body,
            left: Some(left),
        })
    };
    (request.map(watched), Some(Unread { rest, is_expected }))
}

impl Unread {
    /// Reads the rest if it comes at once and has no more than `most` bytes, and returns whether it did.
    pub(crate) async fn throw_away(mut self, most: usize) -> bool {
        match self.rest.try_recv() {
            Err(oneshot::error::TryRecvError::Closed) => true,
            // Somebody still holds the body.
            Err(oneshot::error::TryRecvError::Empty) => false,
            Ok(_) if self.is_expected => false,
            Ok(rest) => timeout(AT_MOST, thrown_away(rest, most)).await.unwrap_or(false),
        }
    }
}

async fn thrown_away(mut body: Body, most: usize) -> bool {
    let mut left = most;
    loop {
        // What is known to be too much is not begun with.
        if usize::try_from(body.size_hint().lower()).is_ok_and(|lower| lower > left) {
            return false;
        }
        match body.frame().await {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len)),
        }
    }
}

/// A body that is handed on when it is dropped before its end.
struct Watched {
    body: Body,
    left: Option<oneshot::Sender<Body>>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(left) = self.left.take().filter(|_| !self.body.is_end_stream()) {
            let _ = left.send(take(&mut self.body));
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) {
            self.left = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
