//! The images, built both ways from the one Dockerfile, each looked at and run. Needs root, buildah and mmdebstrap.
//!
//! The second way does everything in a build on a base image made of Debian packages, which asks for no optimisation: what
//! the images promise but their size depends on nothing of that. What it keeps for the next time is under `target/tmp`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contents;
mod database;
mod inside;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lab::progress::StepProgress;
use rustix::{fs::Mode, process::umask};

use self::{contents::examine, database::database};

const IMAGES: [&str; 5] = ["numbers-api", "pi-web", "memory-allocator", "todo-web", "pause"];
const LARGEST: u64 = 6_000_000;
/// Compiled in a third of the time.
const LARGEST_QUICK: u64 = 30_000_000;
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A folder that later runs find again.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs it to its end, requires success and gives what it printed.
fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs root with buildah and mmdebstrap"]
async fn from_programs_compiled_outside() {
    // As strict as some people's: what is in an image depends on nothing of that.
    umask(Mode::RWXG | Mode::RWXO);
    lab::images::can_be_built().unwrap();
    let images = lab::images::build(&checkout(), &kept("images"), &StepProgress::default())
        .await
        .unwrap();
    let (databases, programs): (Vec<_>, Vec<_>) =
        images.iter().partition(|image| image.name.contains("/todo-db:"));
    let versions: Vec<_> = databases.iter().map(|image| database(&image.archive)).collect();
    assert_ne!(versions[0], versions[1], "two images, one version");
    assert_eq!(programs.len(), IMAGES.len());
    for image in &programs {
        let name = IMAGES
            .iter()
            .find(|name| image.name.ends_with(&format!("/{name}:{VERSION}")))
            .unwrap();
        examine(name, &image.archive, LARGEST);
    }
}

#[test]
#[ignore = "needs root with buildah and mmdebstrap"]
fn entirely_inside_the_build() {
    lab::images::can_be_built().unwrap();
    let folder = kept("inside");
    let base = inside::base(&folder);
    for name in IMAGES {
        examine(name, &inside::build(&folder, &base, name), LARGEST_QUICK);
    }
    database(&inside::build(&folder, &base, "todo-db"));
}
