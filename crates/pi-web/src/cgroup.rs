//! The container's CPU limit and throttled time, from cgroup v1 or v2.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The folder of a container's own cgroup.
pub const ROOT: &str = "/sys/fs/cgroup";

/// The CPU limit of a container.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// The files are missing or unreadable.
    Unknown,
    /// No limit.
    None,
    /// A limit in processors, such as 0.25 for `250m`.
    Cores(f64),
}

impl fmt::Display for Limit {
    /// Formats the limit in words and in a manifest's notation: `0.25 of a processor (250m)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Cores(cores) = self else {
            return f.write_str(if *self == Self::None { "none" } else { "unknown" });
        };
        let thousandths = (cores * 1000.0).round();
        let words = match thousandths {
            ..1000.0 => " of a processor",
            1000.0 => " processor",
            _ => " processors",
        };
        write!(f, "{}{words} ({thousandths}m)", thousandths / 1000.0)
    }
}

/// A cgroup's files.
#[derive(Clone, Debug)]
pub struct Cgroup {
    root: PathBuf,
}

impl Cgroup {
    /// The cgroup with its files below `root`: [`ROOT`], except in tests.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.into() }
    }

    /// The CPU limit: quota over period.
    #[must_use]
    pub fn limit(&self) -> Limit {
        let (quota, period) = match self.v1() {
            Some(folder) => (
                number(&folder.join("cpu.cfs_quota_us")),
                number(&folder.join("cpu.cfs_period_us")),
            ),
            None => {
                let Ok(text) = fs::read_to_string(self.root.join("cpu.max")) else {
                    return Limit::Unknown;
                };
                let mut words = text.split_whitespace();
                match words.next() {
                    Some("max") => (Some(-1.0), Some(1.0)),
                    quota => (quota.and_then(parse), words.next().and_then(parse)),
                }
            }
        };
        match (quota, period) {
            (Some(quota), _) if quota < 0.0 => Limit::None,
            (Some(quota), Some(period)) if quota > 0.0 && period > 0.0 => Limit::Cores(quota / period),
            _ => Limit::Unknown,
        }
    }

    /// The total time that its processes were throttled because the limit was used up; none if the kernel does not count
    /// it.
    #[must_use]
    pub fn throttled(&self) -> Option<Duration> {
        let v1 = self.v1();
        let folder = v1.as_deref().unwrap_or(&self.root);
        let stat = fs::read_to_string(folder.join("cpu.stat")).ok()?;
        let value = |key: &str| {
            stat.lines().find_map(|line| {
                line.strip_prefix(key)?
                    .strip_prefix(' ')?
                    .trim()
                    .parse::<u64>()
                    .ok()
            })
        };
        // Nanoseconds in v1, microseconds in v2.
        value("throttled_time")
            .map(Duration::from_nanos)
            .or_else(|| value("throttled_usec").map(Duration::from_micros))
    }

    fn v1(&self) -> Option<PathBuf> {
        ["cpu", "cpu,cpuacct"]
            .into_iter()
            .map(|name| self.root.join(name))
            .find(|folder| folder.join("cpu.stat").exists())
    }
}

fn number(path: &Path) -> Option<f64> {
    parse(&fs::read_to_string(path).ok()?)
}

fn parse(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files that a container sees in each version, limited to 250m and without a limit, recorded in pods.
    fn recorded(name: &str) -> Cgroup {
        Cgroup::at(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/fixtures")
                .join(name),
        )
    }

    #[test]
    fn a_limit_and_its_price_are_read_in_both_versions() {
        assert_eq!(recorded("v1-limited").limit(), Limit::Cores(0.25));
        assert_eq!(
            recorded("v1-limited").throttled(),
            Some(Duration::from_nanos(1_880_288_057))
        );
        assert_eq!(recorded("v2-limited").limit(), Limit::Cores(0.25));
        assert_eq!(
            recorded("v2-limited").throttled(),
            Some(Duration::from_micros(33_812_874))
        );
    }

    #[test]
    fn a_limit_reads_as_in_a_manifest() {
        for (limit, expected) in [
            (Limit::Cores(0.25), "0.25 of a processor (250m)"),
            (Limit::Cores(1.0), "1 processor (1000m)"),
            (Limit::Cores(1.5), "1.5 processors (1500m)"),
            (Limit::Cores(1.0 / 3.0), "0.333 of a processor (333m)"),
            (Limit::None, "none"),
            (Limit::Unknown, "unknown"),
        ] {
            assert_eq!(limit.to_string(), expected);
        }
    }

    #[test]
    fn no_limit_is_told_from_an_unknown_one() {
        assert_eq!(recorded("v1-free").limit(), Limit::None);
        assert_eq!(recorded("v2-free").limit(), Limit::None);
        assert_eq!(recorded("v2-free").throttled(), Some(Duration::ZERO));
        assert_eq!(recorded("no-such-tree").limit(), Limit::Unknown);
        assert_eq!(recorded("no-such-tree").throttled(), None);
    }
}
