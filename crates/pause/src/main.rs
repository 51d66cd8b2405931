#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use rustix::process::{WaitOptions, wait};
use signal_hook::{
    consts::{SIGCHLD, SIGINT, SIGTERM},
    iterator::Signals,
};

fn main() -> ExitCode {
    let mut signals = match Signals::new([SIGCHLD, SIGINT, SIGTERM]) {
        Ok(signals) => signals,
        Err(error) => {
            eprintln!("pause: the kernel refused the signal handlers: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A child may have ended before the handlers were installed.
    reap();
    for signal in signals.forever() {
        match signal {
            SIGCHLD => reap(),
            _ => break,
        }
    }
    ExitCode::SUCCESS
}

/// Collects the exit status of every child that has ended, so that none stays a zombie.
///
/// One signal can stand for several children, hence the loop. It ends when the remaining children still run (`None`) or
/// there are none (`ECHILD`).
fn reap() {
    while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
}
