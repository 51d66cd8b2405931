//! What a panic leaves in the log.

use std::{env, process::Command, thread};

use service::{LogFormat, LogSettings, start_logging};

/// Set in a process that only panics: logging belongs to a whole process.
const ONLY_PANIC: &str = "TEST_ONLY_PANIC";

#[test]
fn a_panic_is_a_log_line_like_any_other() {
    if env::var_os(ONLY_PANIC).is_some() {
        start_logging(&LogSettings {
            log_format: LogFormat::Json,
            log_filter: "info".parse().unwrap(),
        });
        let panicked = thread::spawn(|| assert_eq!(1, 2, "on purpose")).join();
        assert!(panicked.is_err());
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["a_panic_is_a_log_line_like_any_other", "--nocapture"])
        .env(ONLY_PANIC, "yes")
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let line: serde_json::Value = serde_json::from_str(log.trim_end()).unwrap();
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
}
