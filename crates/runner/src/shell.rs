//! Runs a command as a learner types it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{io::AsyncReadExt, net::unix::pipe, process::Child, task::JoinHandle};

/// The most that is kept of what a command prints, in bytes.
const MAX_OUTPUT: usize = 1 << 20;

/// How long a command may take: a command that waits by itself gets as long as a proof, and 30 s more in which to say
/// that it waited in vain.
pub(super) fn limit(deadline: Duration) -> Duration {
    deadline + Duration::from_secs(30)
}

/// How long a command may take to end after Ctrl-C.
const AFTER_INTERRUPT: Duration = Duration::from_secs(5);

/// How long reading may go on after a command's end. What it printed is read at once; a process that has left its group may
/// hold the pipe for as long as it likes.
const AFTER_END: Duration = Duration::from_secs(2);

/// Where commands run.
#[derive(Debug)]
pub(super) struct Shell {
    /// The folder.
    pub(super) folder: PathBuf,
    /// Their whole environment.
    pub(super) environment: BTreeMap<OsString, OsString>,
}

/// A command that ended.
#[derive(Debug)]
pub(super) struct Run {
    /// Standard output and standard error, as they came.
    pub(super) output: String,
    /// None when it did not end by itself.
    pub(super) exit_code: Option<i32>,
    pub(super) took: Duration,
}

/// Ends a process group when it goes out of scope, however that comes about: `bash` alone would leave what it started.
struct Group(Option<rustix::process::Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It has ended already, most of the time.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// A command that goes on.
pub(super) struct Running {
    child: Child,
    group: Group,
    reading: JoinHandle<std::io::Result<()>>,
    printed: Arc<Mutex<Vec<u8>>>,
    began: Instant,
}

impl Shell {
    /// Starts a line in a shell of its own. It is ended when what is returned goes out of scope.
    ///
    /// # Errors
    /// The shell could not be started.
    pub(super) fn start(&self, command: &str) -> std::io::Result<Running> {
        let (output, both) = std::io::pipe()?;
        let mut output = pipe::Receiver::from_owned_fd(output.into())?;
        let began = Instant::now();
        let child = programs::command("bash", ["-c", command])
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.environment)
            .stdout(both.try_clone()?)
            .stderr(both)
            // A group of its own, so that all of it can be ended, and Ctrl-C reaches this program alone.
            .process_group(0)
            .spawn()?;
        let group = Group(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(rustix::process::Pid::from_raw),
        );
        let printed = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&printed);
        let reading = tokio::spawn(async move {
            let mut part = [0; 4096];
            loop {
                let length = output.read(&mut part).await?;
                if length == 0 {
                    return Ok(());
                }
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                // A command that prints more than is kept must not wait for a reader.
                let room = MAX_OUTPUT.saturating_sub(kept.len()).min(length);
                kept.extend_from_slice(&part[..room]);
            }
        });
        Ok(Running {
            child,
            group,
            reading,
            printed,
            began,
        })
    }

    /// Runs a line in a shell of its own, at most for `limit`.
    ///
    /// # Errors
    /// The shell could not be started.
    pub(super) async fn run(&self, command: &str, limit: Duration) -> std::io::Result<Run> {
        self.start(command)?.end(limit).await
    }
}

impl Running {
    /// What it has printed so far.
    pub(super) fn printed(&self) -> String {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&printed).into_owned()
    }

    /// Waits for its end, at most for `limit`.
    ///
    /// # Errors
    /// It could not be waited for.
    async fn end(mut self, limit: Duration) -> std::io::Result<Run> {
        let status = tokio::time::timeout(limit, self.child.wait()).await;
        // What the command left running holds the pipe, and would hold up the reading.
        drop(self.group);
        match tokio::time::timeout(AFTER_END, &mut self.reading).await {
            Ok(read) => read.map_err(std::io::Error::other)??,
            Err(_) => self.reading.abort(),
        }
        let exit_code = status.ok().transpose()?.and_then(|status| status.code());
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Run {
            output: String::from_utf8_lossy(&printed).into_owned(),
            exit_code,
            took: self.began.elapsed(),
        })
    }

    /// Ends it as Ctrl-C does.
    ///
    /// # Errors
    /// It could not be waited for.
    pub(super) async fn interrupt(self) -> std::io::Result<Run> {
        if let Some(group) = self.group.0 {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::INT);
        }
        self.end(AFTER_INTERRUPT).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stop;

    const MINUTE: Duration = Duration::from_secs(60);

    async fn run(command: &str, limit: Duration) -> Run {
        let environment = BTreeMap::from([("GREETING".into(), "hello".into())]);
        Shell {
            folder: std::env::temp_dir(),
            environment,
        }
        .run(command, limit)
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn output_and_errors_come_in_order() {
        let run = run("echo $GREETING; echo oh >&2; echo end; exit 3", MINUTE).await;
        assert_eq!(
            (run.output.as_str(), run.exit_code),
            ("hello\noh\nend\n", Some(3))
        );
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_ended_with_all_it_started() {
        let run = run("sleep 60 & echo $!; wait", Duration::from_millis(300)).await;
        assert_eq!(run.exit_code, None);
        let stat = format!("/proc/{}/stat", run.output.trim());
        let gone = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
        let deadline = Instant::now() + MINUTE;
        while !gone() {
            assert!(Instant::now() < deadline, "it still runs");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_command_that_goes_on_is_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let shell = Shell {
            folder: folder.path().into(),
            environment: BTreeMap::new(),
        };
        // As whoever runs exercises does. Tests that a script started in the background would hand on that SIGINT is ignored.
        let _listening = Stop::listen().unwrap();
        let running = shell
            .start("trap 'echo bye; exit 3' INT; echo hello; touch ready; while :; do sleep 0.1; done")
            .unwrap();
        let deadline = Instant::now() + MINUTE;
        while !folder.path().join("ready").exists() {
            assert!(Instant::now() < deadline, "it does not start");
            tokio::task::yield_now().await;
        }
        let run = running.interrupt().await.unwrap();
        assert_eq!((run.output.as_str(), run.exit_code), ("hello\nbye\n", Some(3)));
    }

    #[tokio::test]
    async fn what_a_command_leaves_running_does_not_hold_it_up() {
        let run = run("sleep 60 & echo done", MINUTE).await;
        assert_eq!((run.output.as_str(), run.exit_code), ("done\n", Some(0)));
    }

    #[tokio::test]
    async fn what_leaves_the_group_does_not_hold_up_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let command =
            "setsid sh -c 'touch ready; exec sleep 600' & until [ -e ready ]; do sleep 0.1; done; echo $!";
        let shell = Shell {
            folder: folder.path().into(),
            environment: BTreeMap::new(),
        };
        let run = tokio::time::timeout(MINUTE, shell.run(command, MINUTE)).await;
        let run = run.expect("the end was held up").unwrap();
        let left = rustix::process::Pid::from_raw(run.output.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
        assert_eq!(run.exit_code, Some(0));
    }

    #[tokio::test]
    async fn more_than_is_kept_may_be_printed() {
        let run = run("head -c 3000000 /dev/zero", MINUTE).await;
        assert_eq!((run.output.len(), run.exit_code), (MAX_OUTPUT, Some(0)));
    }
}
