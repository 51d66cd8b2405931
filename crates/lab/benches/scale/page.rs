//! `lab board`, and what a browser gets of it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout_at,
};

use crate::usage::Process;

/// By when the page shows what there is.
const WITHIN: Duration = Duration::from_secs(30);

/// A board that runs, until it is dropped.
pub(crate) struct Board {
    lab: Child,
    pub(crate) process: Process,
    address: SocketAddr,
    token: String,
}

/// A browser, as far as a board knows. Dropped, it goes.
pub(crate) struct Viewer {
    came: UnboundedReceiver<Came>,
    /// The part of the page with the pods.
    pods: String,
    frames: u32,
    bytes: u32,
}

/// A frame.
struct Came {
    at: Instant,
    bytes: usize,
    pods: Option<String>,
}

impl Board {
    pub(crate) fn open(lab: &Path, cluster: &str, namespace: &str) -> Result<Self> {
        let mut lab = Command::new(lab)
            .args([
                "--name",
                cluster,
                "board",
                "--listen",
                "127.0.0.1:0",
                "--lang",
                "en",
            ])
            .args(["--namespace", namespace])
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", lab.display()))?;
        let mut url = String::new();
        let printed = lab.stdout.take().context("the board's output is not seen")?;
        BufReader::new(printed).read_line(&mut url)?;
        let parts = url
            .trim()
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once("/?token="));
        let (address, token) = parts.with_context(|| format!("the board printed {url:?}"))?;
        Ok(Self {
            process: Process(lab.id()),
            address: address.parse()?,
            token: token.into(),
            lab,
        })
    }

    /// Opens a stream, as a page does.
    pub(crate) fn viewer(&self) -> Result<Viewer> {
        let url = format!("http://{}/events?token={}", self.address, self.token).parse()?;
        let (send, came) = unbounded_channel();
        tokio::spawn(async move {
            if let Err(error) = read(url, send).await {
                eprintln!("the stream of the board: {error:#}");
            }
        });
        Ok(Viewer {
            came,
            pods: String::new(),
            frames: 0,
            bytes: 0,
        })
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.lab.kill();
        let _ = self.lab.wait();
    }
}

/// Reads frames until nobody wants any.
async fn read(url: http::Uri, send: UnboundedSender<Came>) -> Result<()> {
    let client: Client<_, Empty<&'static [u8]>> =
        Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let answer = client.get(url).await?;
    ensure!(answer.status().is_success(), "{}", answer.status());
    let (mut body, mut read) = (answer.into_body(), vec![]);
    while let Some(frame) = body.frame().await {
        let at = Instant::now();
        let Ok(data) = frame?.into_data() else { continue };
        read.extend_from_slice(&data);
        while let Some(end) = read.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<_> = read.drain(..end + 2).collect();
            let text = String::from_utf8(event)?;
            let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) else {
                continue;
            };
            let update: Value = serde_json::from_str(data)?;
            let pods = update["parts"]["services"].as_str().map(str::to_owned);
            if send
                .send(Came {
                    at,
                    bytes: text.len(),
                    pods,
                })
                .is_err()
            {
                return Ok(());
            }
        }
    }
    bail!("it ended");
}

impl Viewer {
    /// Waits until each of these texts is in the part of the page with the pods, or none of them is; returns when each came, or went.
    pub(crate) async fn until(&mut self, texts: &[String], there: bool) -> Result<Vec<Instant>> {
        let mut when = vec![None; texts.len()];
        let deadline = tokio::time::Instant::now() + WITHIN;
        while when.contains(&None) {
            let Ok(came) = timeout_at(deadline, self.came.recv()).await else {
                bail!(
                    "the page did not show (or still shows: {}) {texts:?} within {WITHIN:?}; it shows {}",
                    !there,
                    self.pods
                );
            };
            let came = came.context("the board ended its stream")?;
            self.take(&came);
            for (text, when) in texts.iter().zip(&mut when) {
                if when.is_none() && self.pods.contains(text) == there {
                    *when = Some(came.at);
                }
            }
        }
        Ok(when.into_iter().flatten().collect())
    }

    /// How many bytes the part with the pods has.
    pub(crate) fn size(&self) -> usize {
        self.pods.len()
    }

    /// How many frames have come since this was last asked, and how many bytes.
    pub(crate) fn drain(&mut self) -> (f64, f64) {
        while let Ok(came) = self.came.try_recv() {
            self.take(&came);
        }
        (
            f64::from(std::mem::take(&mut self.frames)),
            f64::from(std::mem::take(&mut self.bytes)),
        )
    }

    fn take(&mut self, came: &Came) {
        self.frames += 1;
        self.bytes += u32::try_from(came.bytes).unwrap_or(u32::MAX);
        if let Some(pods) = &came.pods {
            self.pods.clone_from(pods);
        }
    }
}
