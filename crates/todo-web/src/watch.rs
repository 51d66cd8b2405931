//! Whether the database can be used, and how long a request waits for it.

use std::{
    fmt::{self, Display},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, timeout};

use crate::store::{Connection, Error, Store};

/// How long a request waits for the database. An answer is to come within 2 s.
const ANSWER: Duration = Duration::from_millis(1500);
/// How long a look at the database, or a connection to it, may take.
const LOOK: Duration = Duration::from_secs(1);
/// How long the migrations may take, including the wait for those of other replicas.
const MIGRATE: Duration = Duration::from_secs(15);
/// The pause between two looks. Probes read what the last look found, so they cost the database nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// A database, and a task that looks at it for as long as the process lives. Clones share both.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    store: Store,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the last look succeeded.
    usable: AtomicBool,
    /// Whether it failed because the database takes no changes.
    read_only: AtomicBool,
    /// Whether a request has failed since the last look.
    doubted: AtomicBool,
}

/// The request failed; the database may have applied it, or a part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unavailable {
    /// Nothing was applied: the database takes no changes.
    pub(crate) read_only: bool,
}

impl Watched {
    /// Begins to look. Needs a tokio runtime.
    pub(crate) fn new(store: Store) -> Self {
        tracing::info!(%store, "the items are to be kept here");
        let state = Arc::new(State::default());
        tokio::spawn(watch(store.clone(), Arc::clone(&state)));
        Self { store, state }
    }

    /// Where the items are.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Whether the last look succeeded, which was at most about a second and a half ago.
    pub(crate) fn is_usable(&self) -> bool {
        self.state.usable.load(Ordering::Relaxed)
    }

    /// Whether the last look found a database that takes no changes.
    pub(crate) fn is_read_only(&self) -> bool {
        self.state.read_only.load(Ordering::Relaxed)
    }

    /// Waits for an answer, for a second and a half at most. Why there is none goes to the log.
    ///
    /// # Errors
    /// No answer came in time, or the database refused.
    pub(crate) async fn answer<T>(
        &self,
        asked: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Unavailable> {
        in_time(ANSWER, asked).await.map_err(|cause| {
            tracing::warn!(%cause, "the database did not do what a request needs");
            self.state.doubted.store(true, Ordering::Relaxed);
            Unavailable {
                read_only: cause.is_read_only(),
            }
        })
    }
}

/// Looks forever. The log gets what changed: that the database can be used, or why it can't, once for each reason.
async fn watch(store: Store, state: Arc<State>) {
    let mut connection = None;
    let mut known_cause = None;
    loop {
        if state.doubted.swap(false, Ordering::Relaxed) {
            // The old connection may work where a new one would not: ask for one, with the password as it is now.
            connection = None;
        }
        let cause = look(&store, &mut connection).await.err();
        let read_only = cause.as_ref().is_some_and(Cause::is_read_only);
        state.read_only.store(read_only, Ordering::Relaxed);
        let cause = cause.map(|cause| cause.to_string());
        let was_usable = state.usable.swap(cause.is_none(), Ordering::Relaxed);
        match &cause {
            None if !was_usable => tracing::info!("the database can be used"),
            Some(cause) if known_cause.as_ref() != Some(cause) => {
                tracing::warn!(cause, "the database can't be used, trying again until it can");
            }
            _ => {}
        }
        known_cause = cause;
        sleep(PAUSE).await;
    }
}

/// Looks over a connection of its own: those of the requests may all be in use while the database is well. A connection
/// that fails is dropped, and the next look begins as the first one did, for the database may then be another one, without
/// tables.
async fn look(store: &Store, connection: &mut Option<Connection>) -> Result<(), Cause> {
    let mut working = match connection.take() {
        Some(connection) => connection,
        None => {
            let mut new = in_time(LOOK, store.connect()).await?;
            in_time(MIGRATE, new.migrate()).await?;
            new
        }
    };
    in_time(LOOK, working.check()).await?;
    *connection = Some(working);
    Ok(())
}

async fn in_time<T>(limit: Duration, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Cause> {
    match timeout(limit, asked).await {
        Ok(answer) => answer.map_err(Cause::Refused),
        Err(_) => Err(Cause::Silent(limit)),
    }
}

/// Why a database did not answer.
enum Cause {
    Refused(Error),
    Silent(Duration),
}

impl Cause {
    fn is_read_only(&self) -> bool {
        matches!(self, Self::Refused(error) if error.is_read_only())
    }
}

impl Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(formatter),
            Self::Silent(limit) => write!(formatter, "no answer within {} s", limit.as_secs_f32()),
        }
    }
}
