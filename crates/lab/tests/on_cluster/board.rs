//! The board of 12.1, before and after one of its pods is broken.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use testkit::{Answer, connect, eventually};

use crate::{
    exercises::EXERCISES,
    programs::{Namespace, WITHIN, layout, printed},
};

/// `lab board`, with what it printed first.
struct Board {
    lab: Child,
    address: SocketAddr,
    token: String,
}

impl Board {
    fn open(namespace: &Namespace) -> Self {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"))
            .args([
                "--name",
                &layout().name,
                "board",
                "12.1",
                "--listen",
                "127.0.0.1:0",
            ])
            .args(["--namespace", &namespace.0, "--lang", "en"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(lab.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        let (address, token) = url
            .trim()
            .strip_prefix("http://")
            .unwrap()
            .split_once("/?token=")
            .unwrap();
        Self {
            lab,
            address: address.parse().unwrap(),
            token: token.to_owned(),
        }
    }

    fn ask(&self, line: &str, body: &str) -> Answer {
        let mut stream = connect(self.address).unwrap();
        let (token, host, length) = (&self.token, self.address, body.len());
        let kind = "Content-Type: application/x-www-form-urlencoded";
        write!(stream, "{line}?token={token} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        Answer::read(&mut stream).unwrap()
    }

    /// The state, once it is as wanted.
    fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(what, WITHIN, || {
            let state: Value = serde_json::from_str(&self.ask("GET /state", "").body).unwrap();
            if wanted(&state) {
                Ok(state)
            } else {
                Err(format!("{state:#}"))
            }
        })
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.lab.kill();
        let _ = self.lab.wait();
    }
}

/// The letters of the pods that get traffic and are ready, or neither.
fn letters(state: &Value, good: bool) -> Vec<String> {
    let pods = state["services"][0]["pods"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let is = |pod: &&Value| pod["ready"] == good && pod["in_traffic"] == good;
    pods.iter()
        .filter(is)
        .map(|pod| pod["letter"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
#[ignore = "needs a cluster"]
fn the_board_shows_the_pod_that_leaves_the_traffic_and_why() {
    let _not_beside_all = EXERCISES.blocking_read();
    let namespace = Namespace::new();
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s/numbers");
    for file in ["numbers-api.yaml", "update/api-with-readiness.yaml"] {
        printed(&namespace.kubectl(&["apply", "-f", manifests.join(file).to_str().unwrap()]));
    }
    let board = Board::open(&namespace);
    let service = |state: &Value| {
        (
            state["services"][0]["ready"].clone(),
            state["services"][0]["total"].clone(),
        )
    };
    let both = board.until("two pods get traffic, and answer", |state| {
        let answered = state["requests"][0]["last"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let named = |answer: &Value| answer["ok"] == true && answer["by"].is_string();
        service(state) == (json!(2), json!(2))
            && answered.iter().take(2).filter(|answer| named(answer)).count() == 2
    });
    assert_eq!(both["requests"][0]["path"], "/healthz");
    // What happens to the pods before the update is told no more.
    namespace.until("the end of the pods before", || {
        let pods = printed(&namespace.kubectl(&["get", "pods", "--output=name"]));
        (pods.lines().count() == 2).then_some(()).ok_or(pods)
    });
    let pressed = board.ask("POST /break", &format!("service={}%2Fnumbers-api", namespace.0));
    assert_eq!(pressed.status, 202);
    let one = board.until("one pod is out", |state| {
        service(state) == (json!(1), json!(2)) && letters(state, false).len() == 1
    });
    let out = &letters(&one, false)[0];
    let pods = one["services"][0]["pods"].as_array().unwrap();
    let pod = pods.iter().find(|pod| pod["letter"] == **out).unwrap();
    assert_eq!(pod["restarts"], 0);
    board.until("why it is out, and who answers", |state| {
        let pods = state["services"][0]["pods"].as_array().unwrap().iter();
        let why = pods
            .filter(|pod| pod["letter"] == **out)
            .any(|pod| pod["why"] == "readiness probe failed: 500");
        let last = &state["requests"][0]["last"][0];
        let left = format!("{out} gets no more traffic of numbers-api: 1 of 2 do");
        let told = state["story"]
            .as_array()
            .unwrap()
            .iter()
            .any(|told| told["says"] == *left);
        why && told
            && last["ok"] == true
            && letters(state, true)[..] == [last["by"].as_str().unwrap_or_default()]
    });
    // Whether a request met it before it was out is chance; if one did, that is told.
    let met = |answer: &Value| answer["by"] == **out;
    if one["requests"][0]["failures"].as_array().unwrap().iter().any(met) {
        board.until("whom it cost", |state| {
            let told = state["story"].as_array().unwrap();
            told.iter().any(|told| {
                told["says"]
                    .as_str()
                    .unwrap()
                    .contains(&format!("met {out} in between"))
            })
        });
    }
}
