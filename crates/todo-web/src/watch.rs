//! Whether the database can be used, and how long anybody waits for it.

use std::{
    fmt::{self, Display},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, timeout};

use crate::store::{Error, Store};

/// How long a request waits for the database. An answer is to come within 2 s.
const ANSWER: Duration = Duration::from_millis(1500);
/// How long a look at the database, or a connection to it, may take.
const LOOK: Duration = Duration::from_secs(1);
/// How long the migrations may take, the wait for those of other replicas included.
const MIGRATE: Duration = Duration::from_secs(15);
/// The pause between two looks. Probes read what the last one found, so that they cost the database nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// A database, and a task that looks at it for as long as the process lives.
#[derive(Clone, Debug)]
pub struct Watched {
    store: Store,
    usable: Arc<AtomicBool>,
}

/// The database did not do what it was asked; nobody knows whether it did some of it.
#[derive(Clone, Copy, Debug)]
pub struct Unavailable;

impl Watched {
    /// Begins to look. Needs a tokio runtime.
    #[must_use]
    pub fn new(store: Store) -> Self {
        tracing::info!(%store, "the items are here");
        let usable = Arc::new(AtomicBool::new(false));
        tokio::spawn(watch(store.clone(), Arc::clone(&usable)));
        Self { store, usable }
    }

    /// Where the items are.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the last look found, which was at most about a second and a half ago.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.usable.load(Ordering::Relaxed)
    }

    /// Waits for an answer, but not for long. Why there is none goes to the log.
    ///
    /// # Errors
    /// None came in time, or it was a refusal.
    pub async fn answer<T>(&self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Unavailable> {
        in_time(ANSWER, asked).await.map_err(|cause| {
            tracing::warn!(%cause, "the database did not do what a request needs");
            Unavailable
        })
    }
}

async fn watch(store: Store, usable: Arc<AtomicBool>) {
    let mut known_cause = None;
    loop {
        let was_usable = usable.load(Ordering::Relaxed);
        if !was_usable || in_time(LOOK, store.check()).await.is_err() {
            usable.store(false, Ordering::Relaxed);
            // The database may be another one now, without tables. So the same steps mend it that were taken at the start.
            match connect_and_migrate(&store).await {
                Ok(()) => {
                    usable.store(true, Ordering::Relaxed);
                    tracing::info!("the database can be used");
                    known_cause = None;
                }
                Err(cause) => {
                    let cause = Some(cause.to_string());
                    if known_cause != cause {
                        tracing::warn!(cause, "the database can't be used, trying again until it can");
                        known_cause = cause;
                    }
                }
            }
        }
        sleep(PAUSE).await;
    }
}

async fn connect_and_migrate(store: &Store) -> Result<(), Cause> {
    let connection = in_time(LOOK, store.connect()).await?;
    in_time(MIGRATE, connection.migrate()).await
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

impl Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(formatter),
            Self::Silent(limit) => write!(formatter, "no answer within {} s", limit.as_secs_f32()),
        }
    }
}
