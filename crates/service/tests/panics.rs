//! What a panic leaves in the log.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test can't go on without has to be there"
)]

use std::{env, process::Command, thread};

use axum::{Router, body::Body, http::Request, routing::get};
use clap::{Args, FromArgMatches};
use serde_json::Value;
use service::{Service, Settings, start_logging};
use tower::ServiceExt;

/// Set in a process that only panics: logging belongs to a whole process.
const ONLY_PANIC: &str = "TEST_ONLY_PANIC";

/// Panics outside of a request, and in one.
async fn panic_twice() {
    let command = Settings::augment_args(clap::Command::new("test"));
    let settings = Settings::from_arg_matches(&command.get_matches_from(["test"])).unwrap();
    start_logging(&settings.logs);
    let panicked = thread::spawn(|| assert_eq!(1, 2, "on purpose")).join();
    assert!(panicked.is_err());
    let routes = Router::new().route(
        "/items/{id}",
        get(async || -> &'static str { panic!("on purpose") }),
    );
    let program = Service::new("test", "1.0.0", settings).observed(routes);
    let request = Request::get("/items/7")
        .header("host", "test")
        .body(Body::empty())
        .unwrap();
    assert_eq!(program.oneshot(request).await.unwrap().status(), 500);
}

#[tokio::test]
async fn a_panic_is_a_log_line_like_any_other() {
    if env::var_os(ONLY_PANIC).is_some() {
        return panic_twice().await;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["a_panic_is_a_log_line_like_any_other", "--nocapture"])
        .env(ONLY_PANIC, "yes")
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (line, method, path) in [
        (&lines[0], None, None),
        (&lines[1], Some("GET"), Some("/items/{id}")),
    ] {
        let message = line["message"].as_str().unwrap();
        assert!(
            message.starts_with("panicked: ") && message.contains("on purpose"),
            "{line}"
        );
        assert!(
            line["location"].as_str().unwrap().contains("panics.rs:"),
            "{line}"
        );
        assert_eq!(line["level"], "ERROR");
        assert_eq!((line["method"].as_str(), line["path"].as_str()), (method, path));
    }
    assert_eq!(lines.len(), 2, "{log}");
}
