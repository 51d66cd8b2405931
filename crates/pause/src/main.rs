#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use rustix::process::{WaitOptions, wait};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

fn main() -> ExitCode {
    let mut signals = match Signals::new([SIGCHLD, SIGINT, SIGTERM]) {
        Ok(signals) => signals,
        Err(error) => {
            eprintln!("pause: the kernel refused the signal handlers: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A child may have ended before the handlers stood.
    reap();
    for signal in signals.forever() {
        match signal {
            SIGCHLD => reap(),
            _ => break,
        }
    }
    ExitCode::SUCCESS
}

/// Takes the exit status of every child that has ended, so that none stays behind as a zombie.
///
/// One signal can stand for several children, hence the loop. It ends when the children that are left still run
/// (`None`) or when there are none (`ECHILD`).
fn reap() {
    while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
}
