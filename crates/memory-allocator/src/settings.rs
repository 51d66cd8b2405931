//! The settings, from flags, the environment and a file, in this order of precedence.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Parser;
use serde::{Deserialize, Deserializer, de};
use service::{LogSettings, whole};

/// MiB for each step, up to 64 GiB.
const ALLOCATION: RangeInclusive<u64> = 1..=65_536;
/// Seconds between two steps, up to a day.
const INTERVAL: RangeInclusive<u64> = 1..=86_400;
/// Percent of the machine's memory. The rest is for the machine itself.
const MACHINE_SHARE: RangeInclusive<u64> = 1..=95;
/// Steps before the program ends.
const STEPS: RangeInclusive<u64> = 1..=65_536;
/// The largest size of the file.
const MAX_FILE_BYTES: u64 = 65_536;
/// The file that is read if no other is named.
const DEFAULT_FILE: &str = "config.toml";

/// Allocates memory step by step, and writes to all of it, until it is killed.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// MiB for each step. 1 to 65536.
    ///
    /// In the file: allocation. Default: 10.
    #[arg(long, env = "KIAMOL_ALLOCATION", value_name = "MIB", value_parser = whole(ALLOCATION), allow_negative_numbers = true)]
    pub allocation: Option<u64>,

    /// Seconds between two steps. 1 to 86400.
    ///
    /// In the file: interval. Default: 5.
    #[arg(long, env = "KIAMOL_INTERVAL", value_name = "SECONDS", value_parser = whole(INTERVAL), allow_negative_numbers = true)]
    pub interval: Option<u64>,

    /// Percent of the machine's memory at which it stops growing if no memory limit is set. 1 to 95.
    ///
    /// In the file: machine_share. Default: 50.
    #[arg(long, env = "KIAMOL_MACHINE_SHARE", value_name = "PERCENT", value_parser = whole(MACHINE_SHARE), allow_negative_numbers = true)]
    pub machine_share: Option<u64>,

    /// Ends after this number of steps. 1 to 65536.
    #[arg(long, value_parser = whole(STEPS), allow_negative_numbers = true)]
    pub steps: Option<u64>,

    /// A TOML file with the settings that neither flags nor the environment give. Default: config.toml, if there is
    /// such a file.
    #[arg(long, env = "KIAMOL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// A folder with a recorded `proc` and `sys` in place of the machine's, for tests that must not depend on the machine.
    #[arg(long, hide = true, value_name = "FOLDER", default_value = "/")]
    pub root: PathBuf,

    /// The settings of the log.
    #[command(flatten)]
    pub logs: LogSettings,
}

/// The effective settings, wherever each came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// MiB for each step, 1 to 65,536.
    pub(crate) allocation: u64,
    /// Time between two steps, 1 s to a day.
    pub(crate) interval: Duration,
    /// Percent of the machine's memory at which to stop without a limit, 1 to 95.
    pub(crate) machine_share: u64,
}

/// The content of the file. Any other key is an error: ignoring it would hide a typing mistake.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    #[serde(default, deserialize_with = "allocation")]
    allocation: Option<u64>,
    #[serde(default, deserialize_with = "interval")]
    interval: Option<u64>,
    #[serde(default, deserialize_with = "machine_share")]
    machine_share: Option<u64>,
}

impl Arguments {
    /// Adds the file and the defaults to the flags and the environment.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or has an unknown key or a value out of bounds; the message names the line.
    /// A file that is named must exist.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let file = match &self.config {
            Some(path) => read(path)?.with_context(|| {
                format!(
                    "there is no file {}: create it, or unset KIAMOL_CONFIG",
                    path.display()
                )
            })?,
            None => read(Path::new(DEFAULT_FILE))?.unwrap_or_default(),
        };
        Ok(Settings {
            allocation: self.allocation.or(file.allocation).unwrap_or(10),
            interval: Duration::from_secs(self.interval.or(file.interval).unwrap_or(5)),
            machine_share: self.machine_share.or(file.machine_share).unwrap_or(50),
        })
    }
}

/// The settings in a file; none if there is no such file.
fn read(path: &Path) -> anyhow::Result<Option<FileSettings>> {
    let cannot_read = || format!("can't read the settings in {}", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(cannot_read),
    };
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_string(&mut text)
        .with_context(cannot_read)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        bail!(
            "{} is larger than the {MAX_FILE_BYTES} bytes that settings may have",
            path.display()
        );
    }
    parse(&text)
        .with_context(|| format!("the settings in {} can't be used", path.display()))
        .map(Some)
}

/// The settings in the text of a file. The bounds are checked while it is read, so the error shows the line for them too.
fn parse(text: &str) -> Result<FileSettings, toml::de::Error> {
    toml::from_str(text)
}

fn allocation<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    bounded(value, ALLOCATION)
}

fn interval<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    bounded(value, INTERVAL)
}

fn machine_share<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    bounded(value, MACHINE_SHARE)
}

/// Checks a value as the flag's is checked, with the same message.
fn bounded<'de, D: Deserializer<'de>>(value: D, range: RangeInclusive<u64>) -> Result<Option<u64>, D::Error> {
    let number = i64::deserialize(value)?.to_string();
    whole(range)(&number)
        .map(Some)
        .map_err(|allowed| de::Error::custom(format!("invalid value '{number}': {allowed}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(flags: &[&str]) -> Arguments {
        Arguments::try_parse_from([&["memory-allocator"], flags].concat())
            .expect("flags as the program knows them")
    }

    #[test]
    fn a_file_gives_what_the_flags_leave_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "allocation = 20\nmachine_share = 10\n").expect("written");
        let path = path.to_str().expect("UTF-8");
        let settings = arguments(&["--config", path, "--allocation", "30"])
            .settings()
            .expect("good settings");
        let expected = Settings {
            allocation: 30,
            interval: Duration::from_secs(5),
            machine_share: 10,
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn a_named_file_has_to_exist() {
        let error = arguments(&["--config", "/nowhere/settings.toml"])
            .settings()
            .expect_err("no file");
        assert!(error.to_string().contains("/nowhere/settings.toml"), "{error}");
    }

    #[test]
    fn a_file_that_never_ends_is_refused() {
        let error = arguments(&["--config", "/dev/zero"])
            .settings()
            .expect_err("too large");
        assert!(error.to_string().contains("65536 bytes"), "{error}");
    }

    #[test]
    fn errors_in_the_file_name_the_line_and_what_is_allowed() {
        for (text, said) in [
            ("allocation = 0", "give a whole number from 1 to 65536"),
            ("allocation = -5", "invalid value '-5'"),
            ("allocation = 1e9", "invalid type: floating point"),
            ("allocation = 99999999999999999999", ""),
            ("interval = \"5\"", "invalid type: string"),
            ("interval = 86401", "from 1 to 86400"),
            ("machine_share = 96", "from 1 to 95"),
            (
                "alocation = 10",
                "unknown field `alocation`, expected one of `allocation`",
            ),
            ("allocation", ""),
            ("allocation = 1\nallocation = 2", "duplicate key"),
        ] {
            let text = format!("# settings\n{text}\n");
            let error = parse(&text).expect_err(&text).to_string();
            let line = if text.lines().count() == 3 {
                "line 3"
            } else {
                "line 2"
            };
            assert!(error.contains(line) && error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn flags_out_of_bounds_are_refused() {
        for value in ["0", "-5", "1e9", "", "65537", "99999999999999999999", "ten"] {
            let error = Arguments::try_parse_from(["memory-allocator", "--allocation", value])
                .expect_err(value)
                .to_string();
            assert!(error.contains(&format!("'{value}'")), "{error}");
            assert!(error.contains("give a whole number from 1 to 65536"), "{error}");
        }
    }
}
