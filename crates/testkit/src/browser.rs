//! A real browser, Debian's Chromium without a window, to be driven over WebDriver. The client is the tests' own.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use serde_json::{Map, Value, json};

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

    /// The capabilities of a browser with a window of so many pixels.
    #[must_use]
    pub fn capabilities((width, height): (u32, u32)) -> Map<String, Value> {
        let options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", format!("--window-size={width},{height}"),
            // It asks for nothing but the page.
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"] });
        Map::from_iter([("goog:chromeOptions".into(), options)])
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
