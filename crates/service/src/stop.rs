//! Stopping without a single failed request.
//!
//! A load balancer learns late that a service is stopping. So the service first reports that it is not ready, keeps
//! accepting and answering, and closes each connection after its answer. Only after the drain time does it close its
//! socket; requests that have begun by then are finished, up to a deadline.

use std::{io, time::Duration};

use tokio::{
    select,
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

use crate::{Error, Service, Settings, accept::Acceptor, linger};

/// The time that connections without a request get after the socket is closed: their request may be on its way.
const LAST_REQUESTS: Duration = Duration::from_millis(500);

/// The two signals that stop a service: SIGTERM, from a cluster, and SIGINT, from a keyboard.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> SignalKind {
        select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }
}

/// Serves until a signal comes and the stop that it begins is over.
pub(crate) async fn serve(
    mut acceptor: Acceptor,
    service: &Service,
    mut signals: Signals,
) -> Result<(), Error> {
    let settings = &service.settings;
    let signal = select! {
        signal = signals.next() => signal,
        () = acceptor.accept() => SignalKind::terminate(),
    };
    begin(service);
    tracing::info!(
        signal = signal.as_raw_value(),
        drain_seconds = settings.drain_seconds.as_secs(),
        "stopping: no longer ready, still serving; a second signal ends it at once"
    );
    select! {
        result = wind_down(acceptor, settings) => result,
        signal = signals.next() => Err(Error::SecondSignal { signal: signal.as_raw_value() }),
    }
}

/// Says everywhere that the service stops.
pub(crate) fn begin(service: &Service) {
    service.readiness().close();
    service.stopping().cancel();
}

pub(crate) async fn wind_down(mut acceptor: Acceptor, settings: &Settings) -> Result<(), Error> {
    // Accepting never ends by itself, so this is the drain time.
    let _ = timeout(settings.drain_seconds, acceptor.accept()).await;
    let connections = acceptor.close();
    tracing::info!(
        connections = connections.open(),
        "no longer accepting connections, finishing those that are open"
    );
    // Answers may take all of the time to stop, plus a moment for their clients to read them.
    let all_ended = timeout(settings.stop_seconds + linger::AT_MOST, async {
        if timeout(LAST_REQUESTS, connections.ended()).await.is_err() {
            connections.finish();
            connections.ended().await;
        }
    });
    match all_ended.await {
        Ok(()) => {
            tracing::info!("stopped");
            Ok(())
        }
        Err(_) => Err(Error::CutOff {
            connections: connections.open(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt, net::TcpStream};

    use super::wind_down;
    use crate::{
        Error,
        fixture::{LARGE, acceptor, ask},
    };

    #[tokio::test]
    async fn a_large_answer_is_finished() {
        let (mut acceptor, settings) = acceptor(&["--stop-seconds=60"]);
        let mut client = ask(&acceptor, "/large").await;
        let mut answer = vec![0; 1000];
        tokio::select! {
            () = acceptor.accept() => {}
            read = client.read_exact(&mut answer) => assert_eq!(read.unwrap(), 1000),
        }
        let (stopped, read) = tokio::join!(wind_down(acceptor, &settings), client.read_to_end(&mut answer));
        assert!(stopped.is_ok() && read.is_ok());
        let body = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
        assert_eq!(answer.len() - body, LARGE);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_is_cut_off() {
        let (acceptor, settings) = acceptor(&["--stop-seconds=1"]);
        let client = ask(&acceptor, "/large").await;
        let stopped = wind_down(acceptor, &settings).await;
        assert!(
            matches!(stopped, Err(Error::CutOff { connections: 1 })),
            "{stopped:?}"
        );
        drop(client);
    }

    #[tokio::test]
    async fn a_client_that_does_not_close_is_not_taken_for_a_request() {
        let (acceptor, settings) = acceptor(&["--stop-seconds=1"]);
        let silent = TcpStream::connect(acceptor.local_address()).await.unwrap();
        let stopped = wind_down(acceptor, &settings).await;
        assert!(stopped.is_ok(), "{stopped:?}");
        drop(silent);
    }
}
