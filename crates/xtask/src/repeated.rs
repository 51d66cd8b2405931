//! Files that are out of step with what they repeat.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;

/// A file, and what it should hold.
#[derive(Debug)]
pub(crate) struct Stale {
    pub(crate) file: PathBuf,
    /// What is wrong with it, one line each.
    pub(crate) why: Vec<String>,
    pub(crate) should_be: String,
}

/// # Errors
/// The file cannot be read; names it.
pub(crate) fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// What is wrong, one line each.
pub(crate) fn reasons(found: &[Stale]) -> Vec<String> {
    let lines = |stale: &Stale| -> Vec<String> {
        let file = stale.file.display();
        stale.why.iter().map(|why| format!("{file}: {why}")).collect()
    };
    found.iter().flat_map(lines).collect()
}

/// Says what is out of step, and writes what it should be unless only asked to check.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn settle(found: &[Stale], check: bool) -> anyhow::Result<ExitCode> {
    for reason in reasons(found) {
        eprintln!("{reason}");
    }
    if check && !found.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    for stale in found {
        fs::write(&stale.file, &stale.should_be)
            .with_context(|| format!("writing {}", stale.file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
