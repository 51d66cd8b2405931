//! Calling other programs, with errors that show the command and its last output.

use std::{
    ffi::OsStr,
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};

use crate::{Reach, environment};

/// How many of the last lines of a failed program are shown.
const SHOWN_LINES: usize = 20;
/// How long an interrupted program may take to clean up.
const CLEANING_UP: Duration = Duration::from_secs(5);
/// What is added to a signal's number where it is passed on as an exit code.
const SIGNALS: i32 = 128;
/// The last of the signals that have names.
const LAST_SIGNAL: i32 = 31;

/// A program that failed.
#[derive(Debug, thiserror::Error)]
#[error("`{command}` failed ({outcome}){}", shown(.output))]
pub struct Failed {
    /// The command line.
    pub command: String,
    /// How it [`ended`], or why it did not start.
    pub outcome: String,
    /// The last lines that it printed.
    pub output: String,
}

impl Failed {
    /// The last line that says something: of its output, or else how it ended.
    #[must_use]
    pub fn last_line(&self) -> &str {
        let mut lines = self.output.lines().rev();
        lines
            .find(|line| !line.trim().is_empty())
            .unwrap_or(&self.outcome)
    }
}

fn shown(output: &str) -> String {
    if output.trim().is_empty() {
        " and printed nothing".into()
    } else {
        format!(":\n{output}")
    }
}

/// How a program ended, with the signal's name where one ended it. A shell, and each program that waits for another in its
/// place, passes such an end on as 128 and the signal's number.
#[must_use]
pub fn ended(status: ExitStatus) -> String {
    let passed_on = status.code().and_then(|code| code.checked_sub(SIGNALS));
    match passed_on.filter(|signal| (1..=LAST_SIGNAL).contains(signal)) {
        Some(signal) => format!("{status}, as after {}", ExitStatus::from_raw(signal)),
        None => status.to_string(),
    }
}

/// A command with nothing on standard input and nothing of the person's environment but a PATH, killed when the future that
/// waits for it is dropped. What reaches farther than this machine gets [`environment`] besides.
pub fn command<S: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(environment(Reach::Machine))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A program that is the person's own choice, such as a kubeconfig's plugin, and may need anything that they have set: their
/// whole environment, and nothing on standard input.
#[must_use]
pub fn persons_command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).kill_on_drop(true);
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
pub async fn run(mut command: Command) -> Result<String, Failed> {
    tracing::debug!(command = line(&command), "calling");
    let output = command.output().await;
    outcome(&command, output)
}

/// Like [`run`], for a program that starts others. They get a process group of their own: dropping the future ends all of
/// them by SIGTERM and blocks until the program has cleaned up, for 5 s at most, so that it writes nowhere any more.
///
/// # Errors
/// As [`run`].
pub async fn run_group(mut command: Command) -> Result<String, Failed> {
    command
        .process_group(0)
        .kill_on_drop(false)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    tracing::debug!(command = line(&command), "calling");
    let output = output_of_group(&mut command).await;
    outcome(&command, output)
}

async fn output_of_group(command: &mut Command) -> io::Result<Output> {
    let mut child = command.spawn()?;
    // Dropped after the group: a program that prints while it cleans up would end at a closed pipe.
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let mut group = Group(child);
    let (status, stdout, stderr) = tokio::try_join!(group.0.wait(), all(&mut stdout), all(&mut stderr))?;
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

async fn all(pipe: &mut Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// A program with its process group, which is ended when this is dropped.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // None once it was waited for.
        let id = self.0.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if id.is_some_and(|group| kill_process_group(group, Signal::TERM).is_ok()) {
            let began = Instant::now();
            while began.elapsed() < CLEANING_UP && matches!(self.0.try_wait(), Ok(None)) {
                std::thread::sleep(CLEANING_UP / 500);
            }
        }
    }
}

fn outcome(command: &Command, output: io::Result<Output>) -> Result<String, Failed> {
    let status = output.as_ref().map(|output| output.status);
    tracing::debug!(command = line(command), ?status, "ended");
    match output {
        Err(error) => Err(failed(command, format!("did not start: {error}"), &[])),
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => {
            let printed = [output.stdout, output.stderr].concat();
            Err(failed(command, ended(output.status), &printed))
        }
    }
}

/// The error for a command that failed, of whose output the last 20 lines are kept.
#[must_use]
pub fn failed(command: &Command, outcome: String, printed: &[u8]) -> Failed {
    let printed = String::from_utf8_lossy(printed);
    let lines: Vec<_> = printed.trim_end().lines().collect();
    Failed {
        command: line(command),
        outcome,
        output: lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n"),
    }
}

/// A command as a person would type it.
fn line(command: &Command) -> String {
    let command = command.as_std();
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .collect();
    words.join(OsStr::new(" ")).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use tokio::time::timeout;

    use super::*;

    #[test]
    fn an_end_by_a_signal_has_its_name_even_where_it_was_passed_on() {
        let after = |code: i32| ended(ExitStatus::from_raw(code << 8));
        assert_eq!(after(153), "exit status: 153, as after signal: 25 (SIGXFSZ)");
        assert_eq!(after(137), "exit status: 137, as after signal: 9 (SIGKILL)");
        for code in [1, 127, 128, 160, 255] {
            assert_eq!(after(code), format!("exit status: {code}"));
        }
        assert_eq!(ended(ExitStatus::from_raw(25)), "signal: 25 (SIGXFSZ)");
    }

    #[test]
    fn a_program_that_failed_silently_is_said_to_have_printed_nothing() {
        let failed = |printed: &[u8]| failed(&command("x", ["y"]), "exit status: 1".into(), printed);
        assert_eq!(
            failed(b"\n").to_string(),
            "`x y` failed (exit status: 1) and printed nothing"
        );
        assert_eq!(failed(b"").last_line(), "exit status: 1");
        let said = failed(b"a\nb\n\n");
        assert_eq!(said.to_string(), "`x y` failed (exit status: 1):\na\nb");
        assert_eq!(said.last_line(), "b");
    }

    #[tokio::test]
    async fn dropping_a_group_ends_the_children_too_and_lets_them_clean_up() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ended, end) = io::pipe().unwrap();
        let script = "exec 3<&0; sleep 1000 & trap 'echo ending; sleep 0.2; rm made; exit 1' TERM; touch made begun; wait";
        let mut shell = command("sh", ["-c", script]);
        shell.current_dir(folder.path());
        // Each process of the group holds this pipe open.
        shell.stdin(end);
        let running = run_group(shell);
        let begun = async {
            while !folder.path().join("begun").exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            result = running => panic!("{result:?}"),
            begun = timeout(Duration::from_secs(60), begun) => begun.unwrap(),
        }
        assert!(!folder.path().join("made").exists());
        let read = tokio::task::spawn_blocking(move || ended.read(&mut [0]));
        assert_eq!(
            timeout(Duration::from_secs(60), read)
                .await
                .unwrap()
                .unwrap()
                .unwrap(),
            0
        );
    }
}
