//! Connections: how they are accepted, bounded and served.

use std::{convert::Infallible, future::poll_fn, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http_body_util::BodyExt;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    pin, select,
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::{
    Error, Settings,
    linger::Lingering,
    listen::listen,
    patience::{Limits, Overdue, Patience, Turn},
    peer::Peer,
};

/// The pause after a failed accept. The usual cause is a lack of file descriptors, which only waiting cures.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Takes connections from a listening socket and serves each in a task of its own.
#[derive(Debug)]
pub(crate) struct Acceptor {
    listener: TcpListener,
    address: SocketAddr,
    places: Arc<Semaphore>,
    /// Accepted, and without a place as yet.
    next: Option<TcpStream>,
    pub(crate) connections: Connections,
}

/// The open connections, which may outlive the listening socket.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    http: http1::Builder,
    write_seconds: Duration,
    limits: Limits,
    pub(crate) router: Router,
    tasks: TaskTracker,
    finish: CancellationToken,
}

impl Acceptor {
    /// Listens where the settings say.
    pub(crate) fn bind(settings: &Settings, router: Router) -> Result<Self, Error> {
        let unusable = |source| Error::Listen {
            address: settings.listen,
            source,
        };
        let listener = listen(settings.listen).map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let mut http = http1::Builder::new();
        // A client that sends no more may still read its answer; `Peer` says for how long.
        http.half_close(true)
            // `Patience` bounds the time of a head.
            .header_read_timeout(None)
            .max_header_size(settings.max_header_bytes)
            .max_buf_size(settings.max_header_bytes);
        Ok(Self {
            listener,
            address,
            places: Arc::new(Semaphore::new(settings.max_connections)),
            next: None,
            connections: Connections {
                http,
                write_seconds: settings.write_seconds,
                limits: Limits {
                    head: settings.header_seconds,
                    idle: settings.idle_seconds,
                    place_wanted: Arc::new(Notify::new()),
                },
                router,
                tasks: TaskTracker::new(),
                finish: CancellationToken::new(),
            },
        })
    }

    /// The effective address, with the port that the kernel chose where the settings left it open.
    pub(crate) fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts forever. Can be dropped at any moment without losing a connection.
    pub(crate) async fn accept(&mut self) {
        loop {
            if self.next.is_none() {
                self.next = self.accept_one().await;
                continue;
            }
            let place = if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                place
            } else {
                self.connections.limits.place_wanted.notify_one();
                // The semaphore is never closed, so a permit always comes.
                let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                    return;
                };
                place
            };
            if let Some(stream) = self.next.take() {
                self.connections.serve(stream, Some(place));
            }
        }
    }

    async fn accept_one(&self) -> Option<TcpStream> {
        match self.listener.accept().await {
            Ok((stream, _)) => return Some(stream),
            Err(error) if ended_before_accept(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "can't accept connections, trying again");
                sleep(AFTER_FAILED_ACCEPT).await;
            }
        }
        None
    }

    /// Takes the connections that the kernel has already completed, then closes the socket, so none of them is reset.
    /// They need no free place: they are the last ones, and the kernel's queue is short.
    pub(crate) fn close(self) -> Connections {
        if let Some(stream) = self.next {
            self.connections.serve(stream, None);
        }
        if let Err(error) = self.connections.take_all(self.listener) {
            tracing::warn!(%error, "lost the connections that were waiting to be accepted");
        }
        self.connections.tasks.close();
        self.connections
    }
}

impl Connections {
    fn take_all(&self, listener: TcpListener) -> io::Result<()> {
        let listener = listener.into_std()?;
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(true)?;
                    self.serve(TcpStream::from_std(stream)?, None);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if ended_before_accept(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn serve(&self, stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
        // Answers are written whole; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it was served");
            return;
        }
        let (stream, turn) = (Arc::new(stream), Turn::new());
        let service = service_fn({
            let (router, turn, peer) = (self.router.clone(), Arc::clone(&turn), Peer::of(&stream));
            move |mut request: Request<Incoming>| {
                let turn = turn.answering();
                request.extensions_mut().insert(peer.clone());
                let answer = router.clone().oneshot(request.map(Body::new));
                async move {
                    let answer = answer.await?;
                    // The turn ends with the body, when hyper has taken all of it.
                    Ok::<_, Infallible>(answer.map(|body| {
                        body.inspect_frame(move |_| {
                            let _until_dropped = &turn;
                        })
                    }))
                }
            }
        });
        let mut patience = Patience::new(Arc::clone(&turn), self.limits.clone());
        // A client that never reads its answer would keep its place forever: while the socket is full, hyper asks for
        // nothing that a timeout around the routes could see.
        let mut stream = TimeoutWriter::new(Lingering::new(stream, turn));
        stream.set_timeout(Some(self.write_seconds));
        let connection = self
            .http
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let finish = self.finish.clone();
        self.tasks.spawn(async move {
            pin!(connection);
            let (mut waits, mut stays) = (true, true);
            let ended = loop {
                select! {
                    // In this order: patience looks at what the connection has just done.
                    biased;
                    ended = connection.as_mut() => break ended,
                    overdue = poll_fn(|cx| patience.poll_overdue(cx)), if waits => {
                        tracing::debug!(?overdue, "a connection has waited long enough");
                        if overdue == Overdue::Head {
                            return;
                        }
                        waits = false;
                    }
                    () = finish.cancelled(), if stays => stays = false,
                }
                connection.as_mut().graceful_shutdown();
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

    /// The number of open connections.
    pub(crate) fn open(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until every connection has ended. Only returns once the acceptor is closed.
    pub(crate) async fn ended(&self) {
        self.tasks.wait().await;
    }
}

/// Whether the error concerns only the connection that would have been accepted.
fn ended_before_accept(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
