//! A service from its start to its end.

use std::{num::NonZero, process::ExitCode, thread::available_parallelism, time::Duration};

use axum::Router;

use crate::{
    Error, Service, Settings,
    accept::Acceptor,
    ask, start_logging,
    stop::{self, Signals},
};

/// The most worker threads. They only move bytes, as long computations belong on threads of their own: more would cost memory
/// and gain nothing.
const MOST_WORKERS: usize = 4;
/// The time computing threads get to notice that the service has ended.
const LEAVE_THREADS_AFTER: Duration = Duration::from_millis(500);

/// Runs a service until it is told to stop, and returns the process's exit code (see [`Error::exit_code`]).
///
/// `routes` is called once, on the runtime, so that it can start tasks. Its router is served with the shared layers
/// around it; no route is added.
pub fn run(
    program: &'static str,
    version: &'static str,
    settings: Settings,
    routes: impl FnOnce(&Service) -> anyhow::Result<Router>,
) -> ExitCode {
    start_logging(&settings.logs);
    match start(&Service::new(program, version, settings), routes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            error.exit_code()
        }
    }
}

fn start(service: &Service, routes: impl FnOnce(&Service) -> anyhow::Result<Router>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // The standard library takes the cgroup's CPU quota into account.
        .worker_threads(available_parallelism().map_or(1, NonZero::get).min(MOST_WORKERS))
        .enable_all()
        .build()
        .map_err(|source| Error::Start {
            doing: "start the runtime's threads",
            source,
        })?;
    let result = runtime.block_on(async {
        if let Some(uri) = &service.settings.get {
            return Ok(ask::print_answer(uri).await?);
        }
        // Signals first: process 1 without a handler ignores them, any other dies of them.
        let signals = Signals::listen().map_err(|source| Error::Start {
            doing: "listen to signals",
            source,
        })?;
        let router = service.observed(routes(service)?);
        let acceptor = Acceptor::bind(&service.settings, router)?;
        tracing::info!(program = service.program, version = service.version, address = %acceptor.local_address(), "listening");
        stop::serve(acceptor, service, signals).await
    });
    runtime.shutdown_timeout(LEAVE_THREADS_AFTER);
    result
}
