//! Calling other programs, with errors that show the command and its last output.

use std::{ffi::OsStr, process::Stdio};

use tokio::process::Command;

use crate::Error;

/// How many of the last lines of a failed program are shown.
const SHOWN_LINES: usize = 20;

/// A command with nothing on standard input, killed when the future that waits for it is dropped.
pub fn command<S: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Like [`command`], for long work: on Linux the program also ends, by SIGTERM, when this process is killed.
///
/// The kernel watches the thread that starts the program, so start it on one that lasts, such as the runtime's workers.
pub fn tied_command(program: impl AsRef<OsStr>) -> Command {
    if cfg!(target_os = "linux") {
        let mut command = command("setpriv", ["--pdeathsig", "TERM", "--"]);
        command.arg(program);
        command
    } else {
        command(program, [""; 0])
    }
}

/// Runs a command to its end and returns its standard output.
///
/// # Errors
/// It did not start or it failed; the error has the last 20 lines that it printed.
pub async fn run(mut command: Command) -> Result<String, Error> {
    match command.output().await {
        Err(error) => Err(failed(&command, format!("did not start: {error}"), &[])),
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => {
            let printed = [output.stdout, output.stderr].concat();
            Err(failed(&command, output.status.to_string(), &printed))
        }
    }
}

/// The error for a command that failed.
pub(crate) fn failed(command: &Command, outcome: String, printed: &[u8]) -> Error {
    let command = command.as_std();
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .collect();
    let printed = String::from_utf8_lossy(printed);
    let lines: Vec<_> = printed.trim_end().lines().collect();
    Error::Command {
        command: words.join(OsStr::new(" ")).to_string_lossy().into_owned(),
        outcome,
        output: lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n"),
    }
}
