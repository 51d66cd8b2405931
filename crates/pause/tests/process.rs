//! The real program: what it does with signals and with the children that it inherits.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use testkit::{DEADLINE, Program, Signal, command, eventually};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pause");

/// The program, once it handles signals.
fn start(command: &mut Command) -> Program {
    let program = Program::start(command);
    eventually("the program handles SIGTERM", DEADLINE, || {
        handles(&program, Signal::TERM)
    });
    program
}

/// Whether the kernel would hand the signal to the program itself (`SigCgt` in proc_pid_status(5)).
fn handles(program: &Program, signal: Signal) -> bool {
    let mask = program.status("SigCgt").unwrap();
    u64::from_str_radix(&mask, 16).unwrap() & (1 << (signal.as_raw() - 1)) != 0
}

#[test]
fn sigterm_and_sigint_end_it_with_success() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut program = start(&mut command(PROGRAM, &[]));
        program.signal(signal);
        let status = program.end();
        assert_eq!(status.code(), Some(0), "after {signal:?}: {status}");
    }
}

#[test]
fn an_inherited_child_does_not_stay_a_zombie() {
    // The shell starts a child and then becomes the program, which so inherits it.
    let script = "sleep 0 & exec \"$0\"";
    let mut program = start(command("/bin/sh", &[]).args(["-c", script, PROGRAM]));
    let children = format!("task/{}/children", program.id());
    eventually("the child's exit status is taken", DEADLINE, || {
        program.proc(&children).unwrap().is_empty()
    });
    program.signal(Signal::TERM);
    assert_eq!(program.end().code(), Some(0));
}
