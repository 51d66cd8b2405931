//! Connections: how they are accepted, bounded and served.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    pin, select,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Error, Settings, linger::Lingering};

/// Pause after a failed accept. The usual cause is a lack of file descriptors, which only time mends.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Takes connections from a listening socket and serves each in a task of its own.
#[derive(Debug)]
pub(crate) struct Acceptor {
    listener: TcpListener,
    address: SocketAddr,
    places: Arc<Semaphore>,
    connections: Connections,
}

/// The open connections, which may outlive the listening socket.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    http: http1::Builder,
    router: Router,
    tasks: TaskTracker,
    finish: CancellationToken,
}

impl Acceptor {
    pub(crate) async fn bind(settings: &Settings, router: Router) -> Result<Self, Error> {
        let unusable = |source| Error::Listen {
            address: settings.listen,
            source,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(settings.header_seconds)
            .max_header_size(settings.max_header_bytes)
            .max_buf_size(settings.max_header_bytes);
        Ok(Self {
            listener,
            address,
            places: Arc::new(Semaphore::new(settings.max_connections)),
            connections: Connections {
                http,
                router,
                tasks: TaskTracker::new(),
                finish: CancellationToken::new(),
            },
        })
    }

    /// The address that it really listens on, with the port that the kernel chose when the settings left it open.
    pub(crate) fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts for ever. Can be dropped at any moment without losing a connection.
    pub(crate) async fn accept(&self) {
        loop {
            // The semaphore is never closed, so there always comes a permit.
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                return;
            };
            match self.listener.accept().await {
                Ok((stream, _)) => self.connections.serve(stream, place),
                Err(error) if ended_before_accept(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "can't accept connections, trying again");
                    sleep(AFTER_FAILED_ACCEPT).await;
                }
            }
        }
    }

    /// Takes the connections that the kernel has already completed, so that closing the socket resets none of them,
    /// and closes it.
    pub(crate) fn close(self) -> Connections {
        match self.listener.into_std() {
            Ok(listener) => {
                while let Ok(place) = Arc::clone(&self.places).try_acquire_owned()
                    && let Ok((stream, _)) = listener.accept()
                    && let Ok(()) = stream.set_nonblocking(true)
                    && let Ok(stream) = TcpStream::from_std(stream)
                {
                    self.connections.serve(stream, place);
                }
            }
            Err(error) => tracing::warn!(%error, "can't look for waiting connections"),
        }
        self.connections.tasks.close();
        self.connections
    }
}

impl Connections {
    fn serve(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        // Answers are written whole; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it was served");
            return;
        }
        let service = TowerToHyperService::new(self.router.clone());
        let connection = self
            .http
            .serve_connection(TokioIo::new(Lingering::new(stream)), service);
        let finish = self.finish.clone();
        self.tasks.spawn(async move {
            pin!(connection);
            let ended = select! {
                ended = connection.as_mut() => ended,
                () = finish.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }

    /// Closes the connections that are between two requests, and every other one after its answer.
    pub(crate) fn finish(&self) {
        self.finish.cancel();
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until all of them have ended. Needs the acceptor to be closed.
    pub(crate) async fn ended(&self) {
        self.tasks.wait().await;
    }
}

/// Whether only the one connection that would have been accepted is lost.
fn ended_before_accept(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
