//! One component: started, watched, and started again with growing pauses.

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::log::Log;
use crate::{ComponentStatus, Status, components::Component};

/// A component that has run for longer is steady, and its next failure counts as its first.
const STEADY: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(500))
    .with_max_delay(LONGEST_PAUSE)
    .without_max_times();

/// The pauses before restarts.
struct Pauses(<ExponentialBuilder as BackoffBuilder>::Backoff);

impl Pauses {
    fn new() -> Self {
        Self(PAUSES.build())
    }

    /// The pause after a component ended that had run for `lived`.
    fn after(&mut self, lived: Duration) -> Duration {
        if lived > STEADY {
            *self = Self::new();
        }
        self.0.next().unwrap_or(LONGEST_PAUSE)
    }
}

/// How long a measure of memory counts. The kernel walks all of a process' pages for it, and `lab up` asks for the status ten
/// times a second while the processors are needed most.
const MEASURED_FOR: Duration = Duration::from_secs(2);

/// The memory of processes, by their numbers.
#[derive(Default)]
struct Measured {
    at: Option<Instant>,
    memory: BTreeMap<u32, u64>,
}

/// The status of all components, shared by their keepers.
#[derive(Clone, Default)]
pub(super) struct Statuses(Arc<Mutex<Status>>, Arc<Mutex<Measured>>);

impl Statuses {
    fn set(&self, name: &str, change: impl FnOnce(&mut ComponentStatus)) {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(status.components.entry(name.into()).or_default());
    }

    /// A copy, with the memory that each component takes, measured at most 2 s ago.
    pub(super) fn with_memory(&self) -> Status {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut measured = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        if measured.at.is_none_or(|at| at.elapsed() >= MEASURED_FOR) {
            let pids = status.components.values().filter_map(|component| component.pid);
            *measured = Measured {
                memory: pids.filter_map(|pid| Some((pid, memory(pid)?))).collect(),
                at: Some(Instant::now()),
            };
        }
        for component in status.components.values_mut() {
            component.memory = component.pid.and_then(|pid| measured.memory.get(&pid).copied());
        }
        status
    }
}

fn memory(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = pss.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// Runs the component for as long as the supervisor runs.
pub(super) async fn keep_running(
    component: Component,
    log: PathBuf,
    statuses: Statuses,
    mut api_server: watch::Receiver<bool>,
) {
    let log = Log::new(log);
    if component.needs_api_server && api_server.wait_for(|answers| *answers).await.is_err() {
        return;
    }
    let mut pauses = Pauses::new();
    loop {
        // By the monotonic clock: somebody may set the wall clock meanwhile.
        let started = Instant::now();
        let end = run_once(&component, &log, |pid| {
            statuses.set(&component.name, |status| {
                (status.pid, status.since, status.cannot_start) = (pid, Timestamp::now(), false);
            });
        })
        .await;
        let cannot_start = end.is_err();
        let (Ok(end) | Err(end)) = end;
        let lived = started.elapsed();
        let pause = pauses.after(lived);
        tracing::warn!(
            component = component.name,
            end,
            ?lived,
            ?pause,
            "ended; restarting"
        );
        statuses.set(&component.name, |status| {
            (status.pid, status.since, status.last_end) = (None, Timestamp::now(), Some(end));
            status.cannot_start = cannot_start;
        });
        sleep(pause).await;
        statuses.set(&component.name, |status| status.restarts += 1);
    }
}

/// Runs the component to its end and returns its exit status, or why there is none.
///
/// # Errors
/// Its program cannot be started: why.
async fn run_once(
    component: &Component,
    log: &Log,
    started: impl FnOnce(Option<u32>),
) -> Result<String, String> {
    // Nothing of the person's: a proxy has no business between the components, and XDG_RUNTIME_DIR, where containerd would
    // put files, is hidden by our own /run.
    let mut command = programs::command(&component.program, &component.arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let reason = format!("could not be started ({}): {error}", component.program.display());
            return if may_pass(&error) { Ok(reason) } else { Err(reason) };
        }
    };
    started(child.id());
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(log.clone().copy(stdout));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(log.clone().copy(stderr));
    }
    Ok(match child.wait().await {
        Ok(status) => programs::ended(status),
        Err(error) => format!("could not wait for it: {error}"),
    })
}

/// Whether a program was not started because the machine was short of something just then.
fn may_pass(error: &io::Error) -> bool {
    use io::ErrorKind::{ExecutableFileBusy, Interrupted, OutOfMemory, WouldBlock};

    matches!(
        error.kind(),
        WouldBlock | OutOfMemory | Interrupted | ExecutableFileBusy
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_cannot_be_run_is_told_from_one_that_ended() {
        let folder = tempfile::tempdir().unwrap();
        let run = |program: &str, arguments: &[&str]| {
            let component = Component {
                name: "it".into(),
                program: program.into(),
                arguments: arguments.iter().map(|&argument| argument.into()).collect(),
                needs_api_server: false,
            };
            let log = Log::new(folder.path().join("log"));
            async move { run_once(&component, &log, |_| ()).await }
        };
        assert_eq!(run("sh", &["-c", "exit 3"]).await, Ok("exit status: 3".into()));
        // A file that nobody may execute.
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let file = file.display().to_string();
        for program in ["/nowhere/kubernetes", &file] {
            let reason = run(program, &[]).await.unwrap_err();
            assert!(
                reason.starts_with(&format!("could not be started ({program}): ")),
                "{reason}"
            );
        }
    }

    #[test]
    fn pauses_grow_from_half_a_second_to_ten_until_a_component_is_steady() {
        let mut pauses = Pauses::new();
        let soon = Duration::from_secs(3);
        let growing: Vec<_> = (0..7).map(|_| pauses.after(soon).as_millis()).collect();
        assert_eq!(growing, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(pauses.after(STEADY + soon).as_millis(), 500);
        assert_eq!(pauses.after(soon).as_millis(), 1000);
    }
}
