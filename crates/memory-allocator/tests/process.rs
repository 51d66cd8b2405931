//! The real program, with real memory.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{fs, process::Command};

use serde_json::Value;
use testkit::{Program, Signal, command, output};

/// The program in a folder of its own.
fn program(folder: &tempfile::TempDir) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_memory-allocator"), &[]);
    command.current_dir(folder.path());
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What the program says when it refuses to start.
fn refusal(command: &mut Command, code: i32) -> String {
    let output = output(command);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// The log line of the next step.
fn step(program: &Program) -> Value {
    program.wait_for_log("Allocated")
}

fn exit_code_after(mut program: Program, signal: Signal) -> Option<i32> {
    program.signal(signal);
    program.end().code()
}

#[test]
fn each_step_is_resident_and_the_log_says_so() {
    let folder = folder();
    let environment = [("KIAMOL_ALLOCATION", "20"), ("KIAMOL_INTERVAL", "1")];
    let running = Program::start(program(&folder).envs(environment));
    for allocated in [20, 40] {
        let line = step(&running);
        assert_eq!(line["message"], format!("Allocated ~{allocated}MiB"));
        assert!(
            line["limit"].is_string() && line["resident"].is_string(),
            "{line}"
        );
        let resident = running.status("VmRSS").expect("it runs");
        let resident: u64 = resident.parse().expect("a number of KiB");
        assert!(resident / 1024 >= allocated, "{resident} KiB of {allocated} MiB");
    }
    assert_eq!(exit_code_after(running, Signal::TERM), Some(0));
}

#[test]
fn without_a_limit_it_stops_at_the_share_and_holds() {
    let folder = folder();
    // A machine with 512 MiB and no limit, whatever holds where this runs: the first step would go above the share.
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cgroups/v2-container-unlimited"
    );
    let flags = ["--allocation", "10", "--machine-share", "1", "--root", root];
    let running = Program::start(program(&folder).args(flags));
    let line = step(&running);
    assert_eq!(line["limit"], "none");
    let message = line["message"].as_str().expect("a message");
    assert!(
        message.starts_with("Allocated ~0MiB and stopped growing"),
        "{message}"
    );
    assert!(
        message.contains("1 % of its memory are 5 MiB") && message.contains("KIAMOL_MACHINE_SHARE"),
        "{message}"
    );
    assert_eq!(line["level"], "WARN");
    assert_eq!(exit_code_after(running, Signal::TERM), Some(0));
}

#[test]
fn the_file_gives_settings_and_the_environment_wins() {
    let folder = folder();
    fs::write(
        folder.path().join("config.toml"),
        "allocation = 3\ninterval = 86400\n",
    )
    .expect("written");
    assert_eq!(
        step(&Program::start(&mut program(&folder)))["message"],
        "Allocated ~3MiB"
    );
    let running = Program::start(program(&folder).env("KIAMOL_ALLOCATION", "4"));
    assert_eq!(step(&running)["message"], "Allocated ~4MiB");
    // It is in the middle of its interval of a day.
    assert_eq!(exit_code_after(running, Signal::INT), Some(0));
}

#[test]
fn values_out_of_bounds_are_refused_by_name() {
    for value in ["0", "-5", "1e9", "", "ten", "99999999999999999999"] {
        let said = refusal(program(&folder()).env("KIAMOL_ALLOCATION", value), 2);
        assert!(
            said.contains(&format!("'{value}'")) && said.contains("--allocation"),
            "{said}"
        );
        assert!(said.contains("from 1 to 65536"), "{said}");
    }
    for (name, allowed) in [
        ("KIAMOL_INTERVAL", "from 1 to 86400"),
        ("KIAMOL_MACHINE_SHARE", "from 1 to 95"),
    ] {
        let said = refusal(program(&folder()).env(name, "0"), 2);
        assert!(said.contains(allowed), "{said}");
    }
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    for text in [
        "# one\nallocation = 0\n",
        "# one\nalocation = 1\n",
        "# one\nallocation = \n",
        "# one\n\"\0\"\n",
    ] {
        let folder = folder();
        fs::write(folder.path().join("config.toml"), text).expect("written");
        let said = refusal(&mut program(&folder), 1);
        assert!(
            said.contains("config.toml") && said.contains("line 2"),
            "{text}: {said}"
        );
    }
}
