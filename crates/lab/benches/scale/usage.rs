//! What a process takes of processors and of memory, as the kernel counts it.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::time::sleep;

/// The unit of `/proc/PID/stat`, a hundredth of a second whatever the kernel counts in (`USER_HZ`).
const TICKS: f64 = 100.0;

/// A process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

/// What it took in some time.
#[derive(Debug)]
pub(crate) struct Taken {
    /// In percent of one processor.
    pub(crate) percent: f64,
    pub(crate) resident_mib: f64,
    /// The same, with pages that several processes have counted in shares.
    pub(crate) share_mib: f64,
}

impl Process {
    /// The one that runs a command of `lab` for a cluster.
    pub(crate) fn named(cluster: &str, command: &str) -> Result<Self> {
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // It may have ended meanwhile.
            let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
                continue;
            };
            let words: Vec<_> = line
                .split(|byte| *byte == 0)
                .filter(|word| !word.is_empty())
                .collect();
            let is_it = words.last() == Some(&command.as_bytes());
            if is_it && words.windows(2).any(|two| two == [b"--name", cluster.as_bytes()]) {
                return Ok(Self(pid));
            }
        }
        anyhow::bail!("no `lab {command}` runs for the cluster {cluster:?}")
    }

    /// What it takes from now on, for so long.
    pub(crate) async fn measured(self, period: Duration) -> Result<Taken> {
        let (before, began) = (self.spent()?, Instant::now());
        sleep(period).await;
        Ok(Taken {
            percent: (self.spent()? - before) / began.elapsed().as_secs_f64() * 100.0,
            resident_mib: self.memory("smaps_rollup", "Rss:")?,
            share_mib: self.memory("smaps_rollup", "Pss:")?,
        })
    }

    /// The seconds of processor time that it has taken so far.
    pub(crate) fn spent(self) -> Result<f64> {
        let text = fs::read_to_string(self.file("stat"))?;
        // Its name, in parentheses, may have spaces; user and system time are the 14th and 15th field.
        let after = text.rsplit(')').next().unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        let ticks: u32 = ticks
            .sum::<Result<_, _>>()
            .context("/proc/PID/stat is not as expected")?;
        Ok(f64::from(ticks) / TICKS)
    }

    pub(crate) fn most_resident_mib(self) -> Result<f64> {
        self.memory("status", "VmHWM:")
    }

    fn memory(self, file: &str, field: &str) -> Result<f64> {
        let text = fs::read_to_string(self.file(file))?;
        let line = text.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u32>().ok());
        Ok(f64::from(kib.with_context(|| format!("no {field} in /proc/PID/{file}"))?) / 1024.0)
    }

    fn file(self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.0))
    }
}
