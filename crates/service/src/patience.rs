//! How long a connection may keep its place while no request of it is being answered.
//!
//! hyper has one time for both the wait for a request and the arrival of its head. They need different ones: a head that
//! has begun is bounded tightly, or a thousand slow clients would take all places, and an idle connection loosely, or a load
//! balancer that uses it again now and then would meet its end: a POST on it fails. So idle connections outlive a balancer's
//! own time, usually 60 s, and where places are short the one that has been idle longest makes room.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::{Instant, Sleep, sleep_until},
};

/// Whose turn it is on a connection, and since when.
#[derive(Debug)]
pub(crate) struct Turn {
    phase: Mutex<(Phase, Instant)>,
    in_a_hurry: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The client's: a head has begun, or it is the first one, which a client has no reason to delay.
    Head,
    /// Ours: a request is being answered.
    Answer,
    /// Ours: hyper has the whole answer, and the client not yet.
    Rest,
    /// Nobody's: between two requests.
    Idle,
}

impl Turn {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            phase: Mutex::new((Phase::Head, Instant::now())),
            in_a_hurry: AtomicBool::new(false),
        })
    }

    /// A request's head is whole. The turn ends with what is returned.
    pub(crate) fn answering(self: &Arc<Self>) -> Answering {
        self.set(Phase::Answer);
        Answering(Arc::clone(self))
    }

    /// Bytes came: between two requests they begin a head.
    pub(crate) fn bytes_came(&self) {
        if self.get().0 == Phase::Idle {
            self.set(Phase::Head);
        }
    }

    /// All that there was to send is on its way.
    pub(crate) fn sent(&self) {
        if self.get().0 == Phase::Rest {
            self.set(Phase::Idle);
        }
    }

    /// Whether the connection's place is wanted, so that its end may not wait for the client's.
    pub(crate) fn is_in_a_hurry(&self) -> bool {
        self.in_a_hurry.load(Ordering::Relaxed)
    }

    fn set(&self, phase: Phase) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = (phase, Instant::now());
    }

    fn get(&self) -> (Phase, Instant) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
pub(crate) struct Answering(Arc<Turn>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set(Phase::Rest);
    }
}

/// The bounds of a connection's patience.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// For a head, from its first byte on; for the first one, from the connection's beginning.
    pub(crate) head: Duration,
    /// Between two requests.
    pub(crate) idle: Duration,
    /// Asks idle connections for their place. They wait here in the order in which they became idle, and one notice reaches
    /// the first.
    pub(crate) place_wanted: Arc<Notify>,
}

/// What is to become of a connection that has waited long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// The client may still get what is on its way: it has done nothing wrong.
    Idle,
    /// The client is too slow.
    Head,
}

/// Watches one connection. Whatever changes its [`Turn`] happens in the connection's own task, and this is polled after it,
/// so that there is nothing to be told of.
pub(crate) struct Patience {
    turn: Arc<Turn>,
    limits: Limits,
    until: Pin<Box<Sleep>>,
    place_wanted: Option<Pin<Box<OwnedNotified>>>,
}

impl Patience {
    pub(crate) fn new(turn: Arc<Turn>, limits: Limits) -> Self {
        let until = Box::pin(sleep_until(turn.get().1 + limits.head));
        Self {
            turn,
            limits,
            until,
            place_wanted: None,
        }
    }

    pub(crate) fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<Overdue> {
        let (phase, since) = self.turn.get();
        let (limit, overdue) = match phase {
            Phase::Head => (self.limits.head, Overdue::Head),
            Phase::Idle => (self.limits.idle, Overdue::Idle),
            Phase::Answer | Phase::Rest => {
                self.place_wanted = None;
                return Poll::Pending;
            }
        };
        if self.until.deadline() != since + limit {
            self.until.as_mut().reset(since + limit);
            self.place_wanted = None;
        }
        if self.until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(overdue);
        }
        if phase == Phase::Head {
            return Poll::Pending;
        }
        let limits = &self.limits;
        let place_wanted = self
            .place_wanted
            .get_or_insert_with(|| Box::pin(Arc::clone(&limits.place_wanted).notified_owned()));
        ready!(place_wanted.as_mut().poll(cx));
        self.turn.in_a_hurry.store(true, Ordering::Relaxed);
        Poll::Ready(overdue)
    }
}
