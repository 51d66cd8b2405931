//! The images, built both ways from the one Dockerfile, each looked at and run. Needs root, buildah, mmdebstrap and Go.
//!
//! The second way does everything in Docker's build, on a base image made of Debian packages, which asks for no optimisation:
//! what the images promise but their size depends on nothing of that. What it keeps for the next time is under `target/tmp`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contents;
mod database;
#[path = "../docker/mod.rs"]
mod docker;
mod hostile;
mod inside;
mod scripts;

use std::{
    fs,
    path::{Path, PathBuf},
};

use lab::{images::Builder, progress::StepProgress};
use rustix::{fs::Mode, process::umask};

use self::{contents::examine, database::database, docker::checkout};

const IMAGES: [&str; 5] = ["numbers-api", "pi-web", "memory-allocator", "todo-web", "pause"];
const LARGEST: u64 = 6_000_000;
/// Compiled in a third of the time.
const LARGEST_QUICK: u64 = 30_000_000;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A folder that later runs find again.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
#[ignore = "needs root with buildah and mmdebstrap"]
async fn from_programs_compiled_outside() {
    // As strict as some people's: what is in an image depends on nothing of that.
    umask(Mode::RWXG | Mode::RWXO);
    lab::images::can_be_built().unwrap();
    let images = Builder::Buildah
        // With what buildah reads as the end of a path, or of one of several.
        .build(&checkout(), &kept("images: \"a\", b"), &StepProgress::default())
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
#[ignore = "needs root with Go, Debian's packages of Docker, and mmdebstrap"]
fn entirely_inside_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let images = inside::build(folder.path());
    let (databases, programs): (Vec<_>, Vec<_>) =
        images.iter().partition(|(name, _)| name.starts_with("todo-db:"));
    for name in IMAGES {
        let of = |(short, _): &&&(String, PathBuf)| short.split(':').next() == Some(name);
        examine(name, &programs.iter().find(of).unwrap().1, LARGEST_QUICK);
    }
    assert_eq!(programs.len(), IMAGES.len());
    let versions: Vec<_> = databases.iter().map(|(_, archive)| database(archive)).collect();
    assert_ne!(versions[0], versions[1], "two images, one version");
}
