//! The real program, with real memory.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The program in a folder of its own, with none of the settings of whoever runs the tests.
fn program(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memory-allocator"));
    command
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    for name in ["ALLOCATION", "INTERVAL", "MACHINE_SHARE", "CONFIG"] {
        command.env_remove(format!("KIAMOL_{name}"));
    }
    command.env_remove("LOG_FORMAT").env_remove("LOG_FILTER");
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What the program says when it refuses to start.
fn refusal(command: &mut Command, code: i32) -> String {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// Ends the process however the test ends.
struct Running {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let log = BufReader::new(child.stderr.take().expect("stderr is a pipe")).lines();
        Self { child, log }
    }

    /// The next line of the log. The program writes one with every step, so this ends.
    fn line(&mut self) -> Value {
        let line = self.log.next().expect("the program still runs").expect("UTF-8");
        serde_json::from_str(&line).expect(&line)
    }

    fn resident_mebibytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("a resident size");
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kibibytes / 1024
    }

    fn exit_code_after(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), signal).expect("the signal is sent");
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().expect("its status can be asked for") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "still running 10 s after {signal:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn each_step_is_resident_and_the_log_says_so() {
    let folder = folder();
    let environment = [("KIAMOL_ALLOCATION", "20"), ("KIAMOL_INTERVAL", "1")];
    let mut running = Running::start(program(&folder).envs(environment));
    for allocated in [20, 40] {
        let line = running.line();
        assert_eq!(line["message"], format!("Allocated ~{allocated}MiB"));
        assert!(
            line["limit"].is_string() && line["resident"].is_string(),
            "{line}"
        );
        assert!(
            running.resident_mebibytes() >= allocated,
            "{} MiB of {allocated}",
            running.resident_mebibytes()
        );
    }
    assert_eq!(running.exit_code_after(Signal::TERM), Some(0));
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
    let mut running = Running::start(program(&folder).args(flags));
    let line = running.line();
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
    assert_eq!(running.exit_code_after(Signal::TERM), Some(0));
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
        Running::start(&mut program(&folder)).line()["message"],
        "Allocated ~3MiB"
    );
    let mut running = Running::start(program(&folder).env("KIAMOL_ALLOCATION", "4"));
    assert_eq!(running.line()["message"], "Allocated ~4MiB");
    // It is in the middle of its interval of a day.
    assert_eq!(running.exit_code_after(Signal::INT), Some(0));
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
