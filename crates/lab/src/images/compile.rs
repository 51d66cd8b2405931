//! Compiling the programs that go into images.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use programs::{Reach, environment, run_group, tied_command};
use serde::Deserialize;

use super::{cargo_home, names::PROGRAMS};

fn triple() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// The folder of the compiled programs.
pub(super) fn compiled(checkout: &Path) -> PathBuf {
    checkout.join("target/image").join(triple()).join("image")
}

/// How long compiling the programs usually takes: two minutes from nothing, and no time if they are there.
#[must_use]
pub(super) fn usual_time(checkout: &Path) -> Duration {
    let compiled = compiled(checkout);
    let there = PROGRAMS.iter().all(|program| compiled.join(program).exists());
    Duration::from_secs(if there { 1 } else { 120 })
}

/// Compiles programs, as far as they changed. What comes out depends on the sources and on Rust's version alone: not
/// on where the clone and `cache` are, nor on Cargo's settings on this machine.
///
/// # Errors
/// cargo failed.
pub(super) async fn compile(programs: &[&str], checkout: &Path, cache: &Path) -> anyhow::Result<()> {
    programs::find("cargo")
        .context("cargo, which compiles the services, is not on the PATH; rustup.rs has it")?;
    let (home, target) = (cache.join("cargo"), checkout.join("target/image"));
    cargo_home::prepare(&home)?;
    let mut cargo = tied_command("cargo");
    cargo
        .args(["build", "--quiet", "--locked", "--profile", "image"])
        .args(["--target", &triple()])
        .arg("--manifest-path")
        .arg(checkout.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .args(programs.iter().flat_map(|program| ["--package", program]))
        .envs(environment(Reach::Registries))
        .env("CARGO_HOME", &home)
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            flags(&[(checkout, "/source"), (&target, "/target"), (&home, "/cargo")]),
        )
        .env("RUSTUP_TOOLCHAIN", toolchain(checkout)?)
        // Cargo reads settings in the folders above the one that it runs in, too.
        .current_dir("/");
    run_group(cargo).await?;
    Ok(())
}

/// The compiler's flags, separated as Cargo wants them: paths may have spaces. Panics name their source files, which get
/// the same paths in every clone.
fn flags(folders: &[(&Path, &str)]) -> OsString {
    let mut flags = OsString::from("-Ctarget-feature=+crt-static");
    for (folder, name) in folders {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    flags
}

#[derive(Deserialize)]
struct ToolchainFile {
    toolchain: Toolchain,
}

#[derive(Deserialize)]
struct Toolchain {
    channel: String,
}

/// The toolchain that the clone names, whatever the person has chosen elsewhere.
fn toolchain(checkout: &Path) -> anyhow::Result<String> {
    let file = checkout.join("rust-toolchain.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let file: ToolchainFile = toml::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
    Ok(file.toolchain.channel)
}
