#![doc = include_str!("../README.md")]

mod calls;
mod cpu;
mod log;
mod moment;
mod objects;
mod probes;

use std::{
    convert::Infallible,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::future::{BoxFuture, FutureExt, try_join_all};
use kube::Client;
use pictures::{Take, recording::Recording};

pub use moment::Began;

/// Why a run could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server does not answer, or refuses.
    #[error("the cluster did not answer what the recording needs: {0}")]
    Api(#[from] kube::Error),
    /// A watch was lost for a while.
    #[error(
        "a watch of the cluster was interrupted ({0}), so that something may have been missed; record again"
    )]
    Gap(String),
}

/// What is watched, and where.
pub struct Scene<'a> {
    /// A client without a limit for silence, as watches need it.
    pub client: Client,
    /// The namespace of the run; it need not be there yet.
    pub namespace: &'a str,
    /// What is run.
    pub take: &'a Take,
    /// When it began.
    pub began: Began,
    /// What was seen.
    recording: &'a Mutex<Recording>,
}

impl<'a> Scene<'a> {
    /// A scene that writes into `recording`.
    #[must_use]
    pub fn new(
        client: Client,
        namespace: &'a str,
        take: &'a Take,
        began: Began,
        recording: &'a Mutex<Recording>,
    ) -> Self {
        Self {
            client,
            namespace,
            take,
            began,
            recording,
        }
    }

    /// Watches until it is dropped.
    ///
    /// # Errors
    /// Something could not be seen all the time.
    pub async fn watch(&self) -> Result<Infallible, Error> {
        let take = self.take;
        let mut watches: Vec<BoxFuture<'_, Result<Infallible, Error>>> = vec![objects::pods(self).boxed()];
        if let Some(service) = take.service {
            watches.push(objects::endpoints(self, service).boxed());
        }
        if take.probes {
            watches.push(probes::count(self).boxed());
        }
        if let (Some(service), Some(path)) = (take.service, take.calls) {
            watches.push(calls::call(self, service, path).boxed());
        }
        if take.log {
            watches.push(log::read(self).boxed());
        }
        if take.cpu {
            watches.push(cpu::sample(self).boxed());
        }
        // None of them ends but with an error.
        try_join_all(watches).await?;
        std::future::pending().await
    }

    fn note(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
