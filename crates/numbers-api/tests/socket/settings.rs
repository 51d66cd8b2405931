//! What the program makes of its environment, and of a wrong one: one clear message, and an exit code that tells the kind.

use std::net::TcpListener;

use testkit::{command, output};

use crate::{PROGRAM, start};

/// What it says, and its exit code.
fn refusal(environment: &[(&str, &str)]) -> (String, Option<i32>) {
    let output = output(&mut command(PROGRAM, environment));
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[test]
fn a_wrong_value_is_named_with_what_is_allowed() {
    let a_count = "give a whole number from 0 to 4294967295";
    let an_address = "give an IP address and a port from 0 to 65535, like [::]:8080 or 127.0.0.1:8080";
    for (name, value, allowed) in [
        ("FailAfterCallCount", "-1", a_count),
        ("FailAfterCallCount", "abc", a_count),
        ("FailAfterCallCount", "1e3", a_count),
        ("FailAfterCallCount", "1.0", a_count),
        ("FailAfterCallCount", " 1", a_count),
        ("FailAfterCallCount", "4294967296", a_count),
        ("FailAfterCallCount", "99999999999999999999", a_count),
        ("UseFailureId", "maybe", "give true or false"),
        ("LISTEN", "nonsense", an_address),
        ("LISTEN", "8080", an_address),
        ("LISTEN", "127.0.0.1:65536", an_address),
        ("LISTEN", "127.0.0.1:-1", an_address),
        ("LOG_FORMAT", "xml", "[possible values: auto, text, json]"),
        (
            "LOG_FILTER",
            "loud",
            "give off, error, warn, info, debug or trace",
        ),
        ("DRAIN_SECONDS", "-5", "give a whole number from 0 to 600"),
        ("STOP_SECONDS", "0", "give a whole number from 1 to 3600"),
        ("REQUEST_SECONDS", "3601", "give a whole number from 1 to 3600"),
        ("WRITE_SECONDS", "0", "give a whole number from 1 to 3600"),
        ("HEADER_SECONDS", "0", "give a whole number from 1 to 3600"),
        ("IDLE_SECONDS", "3601", "give a whole number from 1 to 3600"),
        ("HALF_CLOSE_SECONDS", "-1", "give a whole number from 0 to 3600"),
        (
            "PUBLIC_ORIGINS",
            "todo.example",
            "give one like https://todo.example",
        ),
        (
            "MAX_HEADER_BYTES",
            "100",
            "give a whole number from 8192 to 1048576",
        ),
        (
            "MAX_TARGET_BYTES",
            "1000000",
            "give a whole number from 64 to 65534",
        ),
        (
            "MAX_BODY_BYTES",
            "1e9",
            "give a whole number from 0 to 1073741824",
        ),
        ("MAX_CONNECTIONS", "0", "give a whole number from 1 to 65536"),
    ] {
        let (message, code) = refusal(&[(name, value)]);
        assert_eq!(code, Some(2), "{name}={value}: {message}");
        for part in [format!("'{value}'"), format!("<{name}>"), allowed.to_owned()] {
            assert!(
                message.contains(&part),
                "{name}={value} says {message:?}, without {part:?}"
            );
        }
    }
}

#[test]
fn a_flag_is_refused_like_the_environment() {
    let output = output(command(PROGRAM, &[]).args(["--fail-after-call-count", "-1"]));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        message.contains("'-1'") && message.contains("from 0 to 4294967295"),
        "{message}"
    );
}

#[test]
fn an_empty_value_is_refused() {
    let (message, code) = refusal(&[("FailAfterCallCount", "")]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("FailAfterCallCount"), "{message}");
}

#[test]
fn an_address_in_use_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let (message, code) = refusal(&[("LISTEN", &address)]);
    assert_eq!(code, Some(3), "{message}");
    assert!(
        message.contains(&address) && message.contains("set LISTEN to a free one"),
        "{message}"
    );
}

#[test]
fn an_address_of_another_machine_is_named() {
    // 192.0.2.0/24 is set aside for documentation (RFC 5737): no interface has it, and nothing is sent to it.
    let (message, code) = refusal(&[("LISTEN", "192.0.2.1:8080")]);
    assert_eq!(code, Some(3), "{message}");
    assert!(
        message.contains("192.0.2.1:8080") && message.contains("no interface here"),
        "{message}"
    );
}

#[test]
fn readable_logs_have_no_codes_for_colours_where_no_terminal_is() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let (log, _) = refusal(&[("LISTEN", &address), ("LOG_FORMAT", "text")]);
    assert!(log.contains("ERROR can't listen on"), "{log}");
    assert!(!log.starts_with('{') && !log.contains('\x1b'), "{log:?}");
}

#[test]
fn a_failure_id_is_the_same_in_the_answer_and_in_the_log() {
    let program = start(&[("FailAfterCallCount", "1"), ("UseFailureId", "True")]);
    assert_eq!(program.get("/rng").status, 200);
    let answer = program.get("/rng");
    let line = program.wait_for_log("a call failed");
    let id = line["id"].as_str().unwrap();
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.body,
        format!("{{\"message\":\"Unhealthy! Failure id: {id}\"}}")
    );
}

#[test]
fn the_last_call_to_succeed_says_so_and_no_other() {
    let program = start(&[("FailAfterCallCount", "3")]);
    for path in ["/rng", "/rng", "/rng", "/reset"] {
        assert_eq!(program.get(path).status, 200);
    }
    let log = program.log_until("reset: healthy again");
    let last = log
        .iter()
        .filter(|line| line.to_string().contains("the last call to succeed"));
    assert_eq!(last.count(), 1, "{log:#?}");
}

#[test]
fn the_help_names_every_variable() {
    let output = output(command(PROGRAM, &[]).arg("--help"));
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for name in [
        "FailAfterCallCount",
        "UseFailureId",
        "LISTEN",
        "LOG_FORMAT",
        "LOG_FILTER",
        "DRAIN_SECONDS",
        "STOP_SECONDS",
    ] {
        assert!(
            help.contains(&format!("[env: {name}=")),
            "{name} is missing in {help}"
        );
    }
}
