//! Calling other programs, and saying clearly when one fails.

use std::{ffi::OsStr, process::Stdio};

use tokio::{io::AsyncWriteExt, process::Command};

use crate::Error;

/// How many of the last lines of a failed program are shown.
const SHOWN_LINES: usize = 20;

/// A command line from its words.
pub(crate) fn command<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// The way to the cluster is a cable of this machine: no proxy stands on it, whatever the person's shell says.
pub(crate) fn without_proxy(command: &mut Command) {
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(variable).env_remove(variable.to_lowercase());
    }
}

/// Runs a command to its end and gives what it printed on standard output.
///
/// # Errors
/// It did not start, or it ended with a failure: with the last lines that it printed.
pub(crate) async fn run(mut command: Command) -> Result<String, Error> {
    let output = command
        .output()
        .await
        .map_err(|error| failed(&command, format!("did not start: {error}"), &[]))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(failed(&command, output.status.to_string(), &printed))
}

/// Like [`run`], with `input` on standard input.
pub(crate) async fn run_with_input(mut command: Command, input: &str) -> Result<String, Error> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let not_started =
        |command: &Command, error: std::io::Error| failed(command, format!("did not start: {error}"), &[]);
    let mut child = command.spawn().map_err(|error| not_started(&command, error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends before it has read everything says more by its own failure than the broken pipe does.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let output = child
        .wait_with_output()
        .await
        .map_err(|error| not_started(&command, error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(failed(&command, output.status.to_string(), &printed))
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
