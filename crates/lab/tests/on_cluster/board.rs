//! The board, after each step of the exercises that have one.

mod healing;
mod limits;
mod readiness;

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use testkit::{Answer, DEADLINE, Driver, connect, eventually, eventually_async};
use tokio::runtime::Runtime;

use crate::{
    programs::{Namespace, WITHIN, layout},
    stories::numbers,
};

/// Two pods as 12.1 has them at its end, with a readiness probe.
fn with_readiness() -> Namespace {
    let namespace = Namespace::new();
    numbers::apply(&namespace, "numbers-api.yaml");
    numbers::apply(&namespace, "update/api-with-readiness.yaml");
    numbers::replaced(&namespace);
    namespace
}

/// `lab board`, with what it printed first.
struct Board {
    lab: Child,
    address: SocketAddr,
    token: String,
    namespace: String,
}

impl Board {
    fn open(exercise: &str, namespace: &Namespace) -> Self {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"))
            .args([
                "--name",
                &layout().name,
                "board",
                exercise,
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
            namespace: namespace.0.clone(),
        }
    }

    fn ask(&self, line: &str, body: &str) -> Answer {
        let mut stream = connect(self.address).unwrap();
        let (token, host, length) = (&self.token, self.address, body.len());
        let kind = "Content-Type: application/x-www-form-urlencoded";
        write!(stream, "{line}?token={token} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        Answer::read(&mut stream).unwrap()
    }

    /// Presses the teacher's button, once it is there.
    fn press(&self, service: &str) {
        self.until("the button", |state| {
            let mut asked = items(&state["requests"]);
            asked.any(|asked| asked["service"] == service && asked["breakable"] == true)
        });
        let pressed = self.ask("POST /break", &format!("service={}%2F{service}", self.namespace));
        assert_eq!(pressed.status, 202);
    }

    /// The state, once it is as wanted.
    fn until(&self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        eventually(what, WITHIN, || {
            let state: Value = serde_json::from_str(&self.ask("GET /state", "").body).unwrap();
            if wanted(&state) {
                Ok(state)
            } else {
                Err(format!("{state:#}"))
            }
        })
    }

    /// The state, once so many of so many pods get a Service's traffic.
    fn until_served(&self, service: &str, (ready, total): (u64, u64)) -> Value {
        self.until(&format!("{ready} of {total} get traffic"), |state| {
            let service = self.service(state, service);
            (&service["ready"], &service["total"]) == (&ready.into(), &total.into())
        })
    }

    /// A Service; others make some of the same name in their namespaces.
    fn service<'a>(&self, state: &'a Value, name: &str) -> &'a Value {
        let mut all = items(&state["services"]);
        let ours = |service: &&Value| service["namespace"] == *self.namespace && service["name"] == name;
        all.find(ours).unwrap_or(&Value::Null)
    }

    /// The page of it in a browser, which is sent to it.
    fn page(&self) -> Page {
        let (driver, runtime) = (Driver::start(), Runtime::new().unwrap());
        let url = format!("http://{}/?token={}", self.address, self.token);
        let browser = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(Driver::capabilities((1280, 720)));
            let browser = eventually_async("a browser", DEADLINE, || builder.connect(driver.address())).await;
            browser.goto(&url).await.unwrap();
            browser
        });
        Page {
            browser,
            runtime,
            _driver: driver,
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.lab.kill();
        let _ = self.lab.wait();
    }
}

/// A page in a browser.
struct Page {
    browser: Client,
    runtime: Runtime,
    _driver: Driver,
}

impl Page {
    /// Waits until one of these elements says all of that; returns what it says.
    fn until(&self, css: &str, words: &[&str]) -> String {
        eventually(&format!("{words:?} on the page"), WITHIN, || {
            let script =
                "return [...document.querySelectorAll(arguments[0])].map((found) => found.innerText)";
            let found = self.browser.execute(script, vec![css.into()]);
            let found = self.runtime.block_on(found).unwrap();
            let says = |text: &&str| words.iter().all(|word| text.contains(word));
            let said = items(&found).filter_map(Value::as_str).find(says);
            said.map(str::to_owned).ok_or(found.to_string())
        })
    }
}

/// What a list has; nothing where there is none.
fn items(list: &Value) -> std::slice::Iter<'_, Value> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// Whether the story has this sentence among its last.
fn tells(state: &Value, sentence: &str) -> bool {
    items(&state["story"]).any(|told| told["says"] == sentence)
}

/// The letters of a Service's pods that get traffic and are ready, or neither and are to stay.
fn letters(service: &Value, good: bool) -> Vec<String> {
    let is =
        |pod: &&Value| pod["ready"] == good && pod["in_traffic"] == good && (good || pod["leaving"] == false);
    let found = items(&service["pods"]).filter(is);
    found
        .map(|pod| pod["letter"].as_str().unwrap().to_owned())
        .collect()
}

/// The pod with this letter; nothing if it is not there.
fn lettered<'a>(service: &'a Value, letter: &str) -> &'a Value {
    let found = items(&service["pods"]).find(|pod| pod["letter"] == letter);
    found.unwrap_or(&Value::Null)
}
