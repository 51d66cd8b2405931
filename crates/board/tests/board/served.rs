//! A board that is served, and those who ask it.

use std::{sync::Arc, time::Duration};

use board::{Frame, Server};
use guide::Language;
use testkit::{Answer, connect};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

/// A board on a port of its own, until it is dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) frames: watch::Sender<Arc<Frame>>,
    pub(crate) presses: mpsc::Receiver<board::Break>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) ended: JoinHandle<Result<(), service::Error>>,
}

impl Served {
    pub(crate) fn start(frame: Arc<Frame>, language: Language) -> Self {
        let (frames, shown) = watch::channel(frame);
        let (pressed, presses) = mpsc::channel(1);
        let server = Server::listen("127.0.0.1:0".parse().unwrap(), language, shown, pressed).unwrap();
        let (stop, stopped) = oneshot::channel();
        Self {
            url: server.url([127, 0, 0, 1].into()),
            address: server.address(),
            frames,
            presses,
            stop: Some(stop),
            ended: tokio::spawn(server.serve(async {
                let _ = stopped.await;
            })),
        }
    }

    pub(crate) fn token(&self) -> &str {
        self.url.split_once("token=").unwrap().1
    }

    /// What a request gets that is written out here but for its end.
    pub(crate) async fn ask(&self, request: &str) -> Answer {
        let (address, request) = (self.address, request.to_owned());
        let asking = move || {
            use std::io::Write;
            let mut stream = connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            Answer::read(&mut stream).unwrap()
        };
        tokio::task::spawn_blocking(asking).await.unwrap()
    }

    /// What GET gets with these header lines.
    pub(crate) async fn get(&self, target: &str, headers: &[&str]) -> Answer {
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let host = if lines.to_lowercase().contains("host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.address)
        };
        self.ask(&format!("GET {target} HTTP/1.1\r\n{host}{lines}\r\n"))
            .await
    }

    /// Stops it; returns how it ended.
    pub(crate) async fn stop(mut self) -> Result<(), service::Error> {
        drop(self.stop.take());
        tokio::time::timeout(Duration::from_secs(60), self.ended)
            .await
            .unwrap()
            .unwrap()
    }
}
