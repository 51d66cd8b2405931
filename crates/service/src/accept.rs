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
use tokio_io_timeout::TimeoutWriter;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{Error, Settings, linger::Lingering};

/// The pause after a failed accept. The usual cause is a lack of file descriptors, which only waiting cures.
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
    write_seconds: Duration,
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
                write_seconds: settings.write_seconds,
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
    pub(crate) async fn accept(&self) {
        loop {
            // The semaphore is never closed, so a permit always comes.
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                return;
            };
            match self.listener.accept().await {
                Ok((stream, _)) => self.connections.serve(stream, Some(place)),
                Err(error) if ended_before_accept(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "can't accept connections, trying again");
                    sleep(AFTER_FAILED_ACCEPT).await;
                }
            }
        }
    }

    /// Takes the connections that the kernel has already completed, then closes the socket, so none of them is reset.
    /// They need no free place: they are the last ones, and the kernel's queue is short.
    pub(crate) fn close(self) -> Connections {
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
        // A client that never reads its answer would keep its place forever: while the socket is full, hyper asks for
        // nothing that a timeout around the routes could see.
        let mut stream = TimeoutWriter::new(Lingering::new(stream));
        stream.set_timeout(Some(self.write_seconds));
        let service = TowerToHyperService::new(self.router.clone());
        let connection = self
            .http
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
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

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use axum::{Router, body::Bytes, routing::get};
    use clap::{Args, Command, FromArgMatches};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        select,
        time::timeout,
    };

    use super::Acceptor;
    use crate::Settings;

    /// Far more than anything should take.
    const DEADLINE: Duration = Duration::from_secs(60);

    /// More than the socket buffers of both sides hold, so that it is still being written while it is read.
    pub(crate) const LARGE: usize = 64 * 1024 * 1024;

    pub(crate) async fn acceptor(flags: &[&str]) -> (Acceptor, Settings) {
        let flags = ["test", "--listen=127.0.0.1:0", "--drain-seconds=0"]
            .iter()
            .chain(flags);
        let command = Settings::augment_args(Command::new("test"));
        let settings = Settings::from_arg_matches(&command.get_matches_from(flags)).unwrap();
        let large = Bytes::from(vec![b'x'; LARGE]);
        let router = Router::new()
            .route("/large", get(|| async { large }))
            .route("/small", get(|| async { "small" }));
        (Acceptor::bind(&settings, router).await.unwrap(), settings)
    }

    pub(crate) async fn ask(acceptor: &Acceptor, path: &str) -> TcpStream {
        let mut client = TcpStream::connect(acceptor.local_address()).await.unwrap();
        ask_again(&mut client, path).await;
        client
    }

    async fn ask_again(client: &mut TcpStream, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads the whole of the small answer.
    async fn read_small(client: &mut TcpStream) {
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nsmall") {
            assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0, "{answer:?}");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{answer:?}");
    }

    #[tokio::test]
    async fn when_all_places_are_taken_the_next_one_waits_for_one_to_be_free() {
        let (acceptor, _) = acceptor(&["--max-connections=1", "--header-seconds=3600"]).await;
        let clients = async {
            let mut first = ask(&acceptor, "/small").await;
            read_small(&mut first).await;
            let mut second = ask(&acceptor, "/small").await;
            // Each of these is an occasion to accept the second, if it were not for the bound.
            for _ in 0..100 {
                ask_again(&mut first, "/small").await;
                read_small(&mut first).await;
            }
            assert_eq!(acceptor.connections.open(), 1);
            drop(first);
            read_small(&mut second).await;
        };
        select! {
            () = acceptor.accept() => {}
            () = clients => {}
        }
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_of_its_answer_gives_its_place_to_the_next() {
        let flags = [
            "--max-connections=1",
            "--write-seconds=1",
            "--header-seconds=3600",
        ];
        let (acceptor, _) = acceptor(&flags).await;
        let unread = ask(&acceptor, "/large").await;
        let mut next = ask(&acceptor, "/small").await;
        let answered = timeout(DEADLINE, async {
            select! {
                () = acceptor.accept() => {}
                () = read_small(&mut next) => {}
            }
        });
        assert!(answered.await.is_ok(), "the unread answer still keeps its place");
        drop(unread);
    }

    #[tokio::test]
    async fn requests_that_wait_to_be_accepted_are_answered_though_all_places_are_taken() {
        let (acceptor, _) = acceptor(&["--max-connections=1", "--header-seconds=3600"]).await;
        let mut first = ask(&acceptor, "/small").await;
        select! {
            () = acceptor.accept() => {}
            () = read_small(&mut first) => {}
        }
        let mut waiting = [ask(&acceptor, "/small").await, ask(&acceptor, "/small").await];
        let connections = acceptor.close();
        assert_eq!(connections.open(), 3);
        for client in &mut waiting {
            read_small(client).await;
        }
    }
}
