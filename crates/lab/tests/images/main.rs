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

use lab::progress::Progress;

use self::{contents::examine, database::database};

const IMAGES: [&str; 5] = ["numbers-api", "pi-web", "memory-allocator", "todo-web", "pause"];
const LARGEST: u64 = 6_000_000;
/// Compiled in a third of the time.
const LARGEST_QUICK: u64 = 30_000_000;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether the person asked for the tests without a cluster, which are those without root too.
fn left_out(test: &str) -> bool {
    let left_out = std::env::var_os("LAB_TEST_WITHOUT_CLUSTER").is_some_and(|value| value == "1");
    if left_out {
        eprintln!("LEFT OUT, because LAB_TEST_WITHOUT_CLUSTER=1: {test}");
    } else {
        assert!(
            rustix::process::geteuid().is_root(),
            "images can only be built and tried as root; LAB_TEST_WITHOUT_CLUSTER=1 leaves this test out"
        );
        for program in ["buildah", "mmdebstrap"] {
            assert!(
                which::which(program).is_ok(),
                "{program} is missing: apt-get install {program}, or LAB_TEST_WITHOUT_CLUSTER=1 to leave this test out"
            );
        }
    }
    left_out
}

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
async fn from_programs_compiled_outside() {
    if left_out("images from programs compiled outside") {
        return;
    }
    let images = lab::images::build(&checkout(), &kept("images"), &Progress::default())
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
fn entirely_inside_the_build() {
    if left_out("images built entirely inside the build") {
        return;
    }
    let folder = kept("inside");
    let base = inside::base(&folder);
    for name in IMAGES {
        examine(name, &inside::build(&folder, &base, name), LARGEST_QUICK);
    }
    database(&inside::build(&folder, &base, "todo-db"));
}
