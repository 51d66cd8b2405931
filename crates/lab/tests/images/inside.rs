//! The way that needs nothing but a base image: everything happens inside the build.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{VERSION, checkout, succeed};

/// How the stand-in has programs compiled, as cargo takes it from the environment.
const QUICK: &str =
    "CARGO_PROFILE_IMAGE_LTO=off CARGO_PROFILE_IMAGE_CODEGEN_UNITS=16 CARGO_PROFILE_IMAGE_OPT_LEVEL=0";

/// Builds an image on this base, whichever of the two kinds it starts from.
pub(super) fn build(folder: &Path, base: &str, name: &str) -> PathBuf {
    let archive = folder.join(format!("{name}.tar"));
    let _ = fs::remove_file(&archive);
    succeed(
        buildah(folder)
            .args(["bud", "--quiet", "--isolation", "chroot", "--pull=never"])
            .args(["--platform", &format!("linux/{}", architecture())])
            .args(["RUST_IMAGE", "DEBIAN_IMAGE"].map(|image| format!("--build-arg={image}={base}")))
            .args(["--file", "docker/Dockerfile", "--target", name])
            .arg(format!(
                "--tag=docker-archive:{}:localhost/lab/{name}:{VERSION}",
                archive.display()
            ))
            .arg("."),
    );
    archive
}

/// buildah with storage of its own, in the top folder of the clone.
fn buildah(folder: &Path) -> Command {
    // Its caches are below TMPDIR.
    let temporary = folder.join("cache");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = Command::new("buildah");
    command
        .arg("--root")
        .arg(folder.join("storage"))
        .arg("--runroot")
        .arg(folder.join("storage-run"))
        .args(["--storage-driver", "vfs"])
        .env("TMPDIR", temporary)
        .current_dir(checkout());
    command
}

/// The stand-in for the official images of Rust and Debian, made when there is none yet for this toolchain.
pub(super) fn base(folder: &Path) -> String {
    let toolchain = succeed(Command::new("rustc").arg("--version"));
    let name = format!(
        "localhost/lab/rust-unoptimised:{}",
        toolchain.split_whitespace().nth(1).unwrap()
    );
    let known = buildah(folder)
        .args(["inspect", "--type", "image", &name])
        .output()
        .unwrap();
    if !known.status.success() {
        let context = tempfile::tempdir_in(folder).unwrap();
        let files = context.path().join("rust.tar");
        succeed(Command::new(checkout().join("docker/stand-in-base")).arg(&files));
        let containerfile = context.path().join("Dockerfile");
        fs::write(
            &containerfile,
            format!("FROM scratch\nADD rust.tar /\nENV {QUICK}\n"),
        )
        .unwrap();
        succeed(
            buildah(folder)
                .args([
                    "bud",
                    "--quiet",
                    "--isolation",
                    "chroot",
                    "--tag",
                    &name,
                    "--file",
                ])
                .args([&containerfile, context.path()]),
        );
    }
    name
}

/// This machine's architecture, in the words of images.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => panic!("there are no images for {other}"),
    }
}
