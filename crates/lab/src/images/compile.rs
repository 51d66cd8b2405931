//! Compiling the programs that go into images.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use cluster::process::{run_group, tied_command};

use super::names::programs;

fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// The folder of the compiled programs.
pub(super) fn compiled(checkout: &Path) -> PathBuf {
    checkout.join("target/image").join(triple()).join("image")
}

/// How long compiling the programs usually takes: two minutes from nothing, and no time if they are there.
#[must_use]
pub(crate) fn usual_time(checkout: &Path) -> Duration {
    let compiled = compiled(checkout);
    let there = programs().all(|program| compiled.join(program).exists());
    Duration::from_secs(if there { 1 } else { 120 })
}

/// Compiles the programs, as far as they changed.
///
/// # Errors
/// cargo failed.
pub(crate) async fn compile(checkout: &Path) -> anyhow::Result<()> {
    which::which("cargo")
        .context("cargo, which compiles the services, is not on the PATH; rustup.rs has it")?;
    let mut cargo = tied_command("cargo");
    cargo
        .args(["build", "--quiet", "--locked", "--profile", "image"])
        .args(["--target", &triple()])
        .arg("--target-dir")
        .arg(checkout.join("target/image"))
        .args(programs().flat_map(|program| ["--package", program]))
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(checkout);
    run_group(cargo).await?;
    Ok(())
}
