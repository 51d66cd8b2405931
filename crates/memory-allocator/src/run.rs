//! Runs the plan: a step, an interval, and the next step, until a signal.

use std::{
    fmt,
    ops::ControlFlow,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::Context;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    limit::{machine_memory, memory_limit},
    memory::Memory,
    plan::{Plan, Step},
    settings::Arguments,
};

/// Waits between two steps, and after the last one.
trait Wait {
    /// Waits for the interval, or forever without one; breaks when the process is told to stop. An interval of zero only
    /// checks for that.
    fn wait(&mut self, interval: Option<Duration>) -> ControlFlow<()>;
}

/// Reads the settings, finds the limit, and allocates memory until a signal or the kernel ends it.
///
/// # Errors
/// The settings are wrong, the limit or the machine's memory is unknown, or the kernel refuses to reserve more.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // Signals first: process 1 ignores those without a handler.
    let mut signals = Signals::new([SIGTERM, SIGINT]).context("can't listen to signals")?;
    let settings = arguments.settings()?;
    let limit = memory_limit(&arguments.root).context("the memory limit can't be found out")?;
    let plan = Plan::new(
        settings.allocation,
        limit,
        machine_memory(&arguments.root)?,
        settings.machine_share,
    );

    let (stop, stopped) = mpsc::channel();
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = stop.send(signal);
        }
    });
    allocate(
        &plan,
        &|| memory_limit(&arguments.root).context("the memory limit can't be found out any more"),
        settings.interval,
        arguments.steps,
        &mut Stopped(stopped),
    )
}

/// Allocates memory by the plan, a step and then an interval, until `wait` breaks or `steps` are done.
///
/// `limit` gives it in bytes; the log shows it beside the resident memory, as it is then: a pod can be resized in place.
///
/// # Errors
/// The kernel refuses to reserve more memory, or `limit` fails.
fn allocate(
    plan: &Plan,
    limit: &dyn Fn() -> anyhow::Result<Option<u64>>,
    interval: Duration,
    steps: Option<u64>,
    wait: &mut impl Wait,
) -> anyhow::Result<()> {
    let mut memory = Memory::default();
    let mut done = 0;
    loop {
        let step = plan.next(memory.mebibytes());
        if let Step::Grow(mebibytes) = step {
            for _ in 0..mebibytes {
                memory.grow().with_context(|| {
                    format!("the kernel refused more memory than {} MiB", memory.mebibytes())
                })?;
                // A large step takes seconds, and a signal should not have to wait for its end.
                if wait.wait(Some(Duration::ZERO)).is_break() {
                    return Ok(());
                }
            }
        }
        let allocated = memory.mebibytes();
        let limit = Mebibytes(limit()?);
        let resident = Mebibytes(service::resident_bytes());
        let next = match step {
            Step::Grow(_) => {
                tracing::info!(%limit, %resident, "Allocated ~{allocated}MiB");
                Some(interval)
            }
            Step::Hold(ceiling) => {
                tracing::warn!(
                    %limit, %resident,
                    "Allocated ~{allocated}MiB and stopped growing: no memory limit protects this machine, and {} % of \
                     its memory are {} MiB; KIAMOL_MACHINE_SHARE sets the share",
                    ceiling.share, ceiling.mebibytes,
                );
                None
            }
        };
        done += 1;
        if steps == Some(done) || wait.wait(next).is_break() {
            return Ok(());
        }
    }
}

/// Waits for the interval or for a signal.
struct Stopped(mpsc::Receiver<i32>);

impl Wait for Stopped {
    fn wait(&mut self, interval: Option<Duration>) -> ControlFlow<()> {
        let received = match interval {
            Some(interval) => self.0.recv_timeout(interval),
            None => self.0.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
            Ok(_) | Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
        }
    }
}

/// A number of bytes for people: in whole MiB, rounded down, or `none`.
struct Mebibytes(Option<u64>);

impl fmt::Display for Mebibytes {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(formatter, "{}MiB", bytes >> 20),
            None => formatter.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records the intervals, and stops after the given number of steps.
    struct Script {
        steps: usize,
        waited: Vec<Option<Duration>>,
    }

    impl Wait for Script {
        fn wait(&mut self, interval: Option<Duration>) -> ControlFlow<()> {
            if interval == Some(Duration::ZERO) {
                return ControlFlow::Continue(());
            }
            self.waited.push(interval);
            if self.waited.len() == self.steps {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }

    #[test]
    fn it_waits_an_interval_after_each_step_and_forever_at_the_share() {
        // 1 % of 400 MiB: two steps of 2 MiB.
        let plan = Plan::new(2, None, 400 << 20, 1);
        let interval = Duration::from_secs(5);
        let mut script = Script {
            steps: 3,
            waited: Vec::new(),
        };
        allocate(&plan, &|| Ok(None), interval, None, &mut script).expect("4 MiB can be had");
        assert_eq!(script.waited, [Some(interval), Some(interval), None]);
    }

    #[test]
    fn it_ends_after_the_given_number_of_steps() {
        let plan = Plan::new(1, None, 400 << 20, 1);
        let mut script = Script {
            steps: 3,
            waited: Vec::new(),
        };
        allocate(&plan, &|| Ok(None), Duration::from_secs(1), Some(2), &mut script)
            .expect("2 MiB can be had");
        assert_eq!(script.waited, [Some(Duration::from_secs(1))]);
    }
}
