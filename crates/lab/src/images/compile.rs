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

/// How long compiling the programs usually takes: two minutes where there is something to compile, and no time otherwise.
#[must_use]
pub(super) fn usual_time(checkout: &Path) -> Duration {
    let compiled = compiled(checkout);
    let current = PROGRAMS
        .iter()
        .all(|program| is_current(&compiled.join(program), checkout));
    Duration::from_secs(if current { 1 } else { 120 })
}

/// Whether a program is newer than the sources that it was made of, which Cargo lists beside it.
fn is_current(program: &Path, checkout: &Path) -> bool {
    let modified = |file: &Path| fs::metadata(file).and_then(|file| file.modified()).ok();
    let (made, list) = (modified(program), fs::read_to_string(program.with_extension("d")));
    // A build folder that was copied lists another clone's.
    let is_old = |source: &PathBuf| {
        source.starts_with(checkout) && modified(source).is_some_and(|at| Some(at) <= made)
    };
    list.is_ok_and(|list| sources(&list).iter().all(is_old))
}

/// The sources of a file for `make`: after the first colon, between spaces; one in a path has a backslash before it.
fn sources(list: &str) -> Vec<PathBuf> {
    let line = list.lines().next().unwrap_or_default();
    let (_, paths) = line.split_once(": ").unwrap_or_default();
    // What no path can have stands for the spaces in paths.
    let paths = paths.replace("\\ ", "\0");
    let sources = paths.split(' ').filter(|path| !path.is_empty());
    sources.map(|path| path.replace('\0', " ").into()).collect()
}

/// Compiles programs, as far as they changed. What comes out depends on the sources and on Rust's version alone: not
/// on where the clone is, nor on Cargo's settings on this machine.
///
/// # Errors
/// cargo failed.
pub(super) async fn compile(programs: &[&str], checkout: &Path) -> anyhow::Result<()> {
    programs::find("cargo")
        .context("cargo, which compiles the services, is not on the PATH; rustup.rs has it")?;
    let target = checkout.join("target/image");
    // In the target folder, as its path is among the compiler's flags: another one has everything compiled again.
    let home = target.join("home");
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

#[cfg(test)]
mod tests {
    use std::{fs::File, time::SystemTime};

    use super::*;

    #[test]
    fn a_program_is_current_until_one_of_its_sources_changes() {
        let checkout = tempfile::tempdir().unwrap();
        let path = |name: &str| checkout.path().join(name);
        let (program, source) = (path("program"), path("a source.rs"));
        let write = |file: &Path, seconds, text: &str| {
            fs::write(file, text).unwrap();
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_modified(at)
                .unwrap();
        };
        let is_current = || is_current(&program, checkout.path());
        write(&program, 20, "");
        assert!(!is_current(), "nobody says of what it is made");
        for name in ["a source.rs", "b.rs"] {
            write(&path(name), 10, "");
        }
        let escaped = |name: &str| path(name).to_str().unwrap().replace(' ', "\\ ");
        let list = [escaped("a source.rs"), escaped("b.rs")].join(" ");
        write(
            &path("program.d"),
            20,
            &format!("{}: {list}\n", program.display()),
        );
        assert!(is_current());
        write(&source, 30, "");
        assert!(!is_current());
        fs::remove_file(&source).unwrap();
        assert!(!is_current());
        write(&path("program.d"), 20, "program: /another/clone/b.rs\n");
        assert!(!is_current());
    }
}
