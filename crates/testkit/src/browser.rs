//! A real browser, Debian's Chromium without a window, to be driven over WebDriver. The client is the tests' own.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Map, Value, json};

use crate::{Answer, connect};

/// chromedriver, which starts the browser. It is ended, and the browser with it, when the test ends.
pub struct Driver {
    process: Child,
    address: String,
}

impl Driver {
    /// Starts it on a free port.
    #[must_use]
    pub fn start() -> Self {
        // chromedriver does not tell which port it took, so one is looked for that nobody has.
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = free.local_addr().expect("a listener has an address").port();
        drop(free);
        let process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; install Debian's chromium-driver"));
        Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    /// Where WebDriver is spoken, as an `http` URL; it may take a moment until it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Tells a browser something in Chrome's own protocol, of which `WebDriver` has no word, such as how large its screen is.
    pub fn tell(&self, session: &str, command: &str, parameters: &Value) {
        let host = self.address.trim_start_matches("http://");
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let mut stream = connect(host.parse().expect("it is an address")).expect("chromedriver listens");
        let head = format!(
            "POST /session/{session}/goog/cdp/execute HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}",
            body.len()
        );
        write!(stream, "{head}\r\n\r\n{body}").expect("chromedriver reads");
        let answer = Answer::read(&mut stream).expect("chromedriver answers");
        assert_eq!(answer.status, 200, "{command}: {}", answer.body);
    }

    /// The capabilities of a browser with a window of so many pixels.
    #[must_use]
    pub fn capabilities((width, height): (u32, u32)) -> Map<String, Value> {
        let options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", format!("--window-size={width},{height}"),
            // It asks for nothing but the page.
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"] });
        Map::from_iter([("goog:chromeOptions".into(), options)])
    }
}

/// A script, to be run with `executeAsync`, that ends with what axe finds amiss on the page: a list of texts. axe judges what a page
/// is like for people who do not see it, or not well, and for those who do not use a mouse.
#[must_use]
pub fn axe() -> String {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/axe/axe_playwright_python/axe.min.js");
    let axe = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; ./test --install brings axe", file.display()));
    let run = "const end = arguments[arguments.length - 1]; \
        const tell = (found) => found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.failureSummary}`)); \
        axe.run().then((found) => end(found.passes.length ? tell(found) : ['axe looked at nothing']), (error) => end([String(error)]));";
    format!("{axe}\n{run}")
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
