//! The real program: what it does with signals and with the children that it inherits.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pause");

/// Ends the process however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let running = Self(command.spawn().expect("the program starts"));
        wait_for("the program handles SIGTERM", || running.handles(Signal::TERM));
        running
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(Path::new("/proc").join(self.0.id().to_string()).join(file)).unwrap_or_default()
    }

    /// Whether the kernel would hand the signal to the program itself (`SigCgt` in proc_pid_status(5)).
    fn handles(&self, signal: Signal) -> bool {
        let status = self.proc("status");
        let Some(mask) = status.lines().find_map(|line| line.strip_prefix("SigCgt:")) else {
            return false;
        };
        let mask = u64::from_str_radix(mask.trim(), 16).expect("a mask in hexadecimal");
        mask & (1 << (signal.as_raw() - 1)) != 0
    }

    fn exit_after(mut self, signal: Signal) -> ExitStatus {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, signal).expect("the signal is sent");
        let mut status = None;
        wait_for("the program ends", || {
            status = self.0.try_wait().expect("its status can be asked for");
            status.is_some()
        });
        status.expect("set by the loop above")
    }
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "not seen within 10 s: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn sigterm_and_sigint_end_it_with_success() {
    for signal in [Signal::TERM, Signal::INT] {
        let status = Running::start(&mut Command::new(PROGRAM)).exit_after(signal);
        assert_eq!(status.code(), Some(0), "after {signal:?}: {status}");
    }
}

#[test]
fn an_inherited_child_does_not_stay_a_zombie() {
    // The shell starts a child and then becomes the program, which so inherits it.
    let script = "sleep 0 & exec \"$0\"";
    let running = Running::start(Command::new("sh").args(["-c", script, PROGRAM]));
    let children = format!("task/{}/children", running.0.id());
    wait_for("the child's exit status is taken", || {
        running.proc(&children).is_empty()
    });
    assert_eq!(running.exit_after(Signal::TERM).code(), Some(0));
}
