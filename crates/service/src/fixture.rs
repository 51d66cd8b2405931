//! A listening service for tests, and clients of it; in `tests`, what becomes of their connections.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use clap::{Args, Command, FromArgMatches};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify};

use crate::{Service, Settings, accept::Acceptor};

/// More than the socket buffers of both sides hold, so that it is still being written while it is read.
pub(crate) const LARGE: usize = 64 * 1024 * 1024;

/// A route that answers when the test lets it.
#[derive(Clone, Default)]
pub(crate) struct Held {
    pub(crate) begun: Arc<Notify>,
    pub(crate) may_end: Arc<Notify>,
    /// Told when the handler is dropped, after its answer or before.
    pub(crate) over: Arc<Notify>,
}

impl Held {
    async fn answer(self) -> &'static str {
        struct Tell(Arc<Notify>);
        impl Drop for Tell {
            fn drop(&mut self) {
                self.0.notify_one();
            }
        }
        let _over = Tell(self.over);
        self.begun.notify_one();
        self.may_end.notified().await;
        "small"
    }
}

pub(crate) fn acceptor(flags: &[&str]) -> (Acceptor, Settings) {
    let (acceptor, settings, _) = acceptor_with(flags);
    (acceptor, settings)
}

pub(crate) fn acceptor_with(flags: &[&str]) -> (Acceptor, Settings, Held) {
    let flags = ["test", "--listen=127.0.0.1:0", "--drain-seconds=0"]
        .iter()
        .chain(flags);
    let command = Settings::augment_args(Command::new("test").args_override_self(true));
    let settings = Settings::from_arg_matches(&command.get_matches_from(flags)).unwrap();
    let large = Bytes::from(vec![b'x'; LARGE]);
    let held = Held::default();
    let holding = held.clone();
    let router = Router::new()
        .route("/large", get(|| async { large }))
        .route("/small", get(|| async { "small" }))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/held", get(move || holding.answer()));
    let router = Service::new("test", "1.0.0", settings.clone()).observed(router);
    (Acceptor::bind(&settings, router).unwrap(), settings, held)
}

pub(crate) async fn connect(acceptor: &Acceptor) -> TcpStream {
    TcpStream::connect(acceptor.local_address()).await.unwrap()
}

pub(crate) async fn ask(acceptor: &Acceptor, path: &str) -> TcpStream {
    let mut client = connect(acceptor).await;
    ask_again(&mut client, path).await;
    client
}

pub(crate) async fn ask_again(client: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
}

#[cfg(test)]
mod tests;
