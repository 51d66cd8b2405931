//! The services' images: static programs built here, packed by the Dockerfile, kept as archives.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use cluster::Layout;
use sha2::{Digest, Sha256};
use tokio::process::Command;

use crate::{progress::Progress, registry};

/// The image of pods' sandboxes, of which no manifest speaks.
const PAUSE: &str = "pause";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An image as an archive.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its full name, as manifests have it.
    pub name: String,
    /// A file that `ctr`, `docker load` and `kind load image-archive` take.
    pub archive: PathBuf,
    /// What tells one build from another.
    pub checksum: String,
}

/// Builds the programs and packs those that changed.
///
/// # Errors
/// cargo or buildah failed.
pub async fn build(checkout: &Path, cache: &Path, progress: &Progress) -> anyhow::Result<Vec<Image>> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let services: Vec<_> = registry::SERVICES.iter().copied().chain([PAUSE]).collect();
    progress.start("Building the services", Duration::from_secs(120));
    let mut cargo = killed_with_us("cargo");
    cargo
        .args([
            "build",
            "--quiet",
            "--locked",
            "--profile",
            "image",
            "--target",
            &target,
        ])
        .arg("--target-dir")
        .arg(checkout.join("target/image"))
        .args(services.iter().flat_map(|service| ["--package", service]))
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(checkout);
    checked(cargo).await?;
    progress.finish();

    let programs = checkout.join("target/image").join(&target).join("image");
    let folder = cache.join("images");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let registry = registry::current(checkout)?;
    let mut images = Vec::new();
    for service in services {
        let name = if service == PAUSE {
            cluster::PAUSE_IMAGE.into()
        } else {
            format!("{registry}/{service}:{VERSION}")
        };
        let dockerfile = checkout.join("docker/Dockerfile");
        let checksum = checksum(&name, &[&programs.join(service), &dockerfile])?;
        let image = Image {
            name,
            archive: folder.join(format!("{service}-{checksum}.tar")),
            checksum,
        };
        if !image.archive.exists() {
            progress.start(&format!("Packing {}", image.name), Duration::from_secs(2));
            pack(service, &image, &programs, checkout, cache).await?;
            progress.finish();
        }
        images.push(image);
    }
    Ok(images)
}

async fn pack(
    service: &str,
    image: &Image,
    programs: &Path,
    checkout: &Path,
    cache: &Path,
) -> anyhow::Result<()> {
    let unfinished = image.archive.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut buildah = killed_with_us("buildah");
    // Storage of our own: the person's is left as it is, and `lab down --purge` takes it.
    buildah
        .arg("--root")
        .arg(cache.join("buildah"))
        .arg("--runroot")
        .arg(cache.join("buildah-run"));
    buildah
        .args([
            "--storage-driver",
            "vfs",
            "bud",
            "--quiet",
            "--isolation",
            "chroot",
            "--timestamp",
            "0",
        ])
        .arg("--file")
        .arg(checkout.join("docker/Dockerfile"))
        .arg(format!("--build-context=programs={}", programs.display()))
        .args(["--target", service])
        .arg(format!(
            "--tag=docker-archive:{}:{}",
            unfinished.display(),
            image.name
        ))
        .arg(checkout);
    checked(buildah).await?;
    fs::rename(&unfinished, &image.archive).with_context(|| format!("renaming {}", unfinished.display()))
}

/// Takes images into the embedded cluster, those that it does not have.
///
/// # Errors
/// containerd refused one.
pub async fn load(layout: &Layout, images: &[Image], progress: &Progress) -> anyhow::Result<()> {
    for image in images {
        let mark = layout.state.join(format!("loaded-{}", image.checksum));
        if !mark.exists() {
            progress.start(&format!("Loading {}", image.name), Duration::from_secs(1));
            cluster::load_image(layout, &image.archive).await?;
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&mark)
                .with_context(|| format!("writing {}", mark.display()))?;
            progress.finish();
        }
    }
    Ok(())
}

/// Half of a SHA-256 in hexadecimal, of a name and files.
fn checksum(name: &str, files: &[&Path]) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    hash.update(name);
    for file in files {
        hash.update(fs::read(file).with_context(|| format!("reading {}", file.display()))?);
    }
    Ok(hash
        .finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// A command that ends when this process does, even by SIGKILL.
fn killed_with_us(program: &str) -> Command {
    let mut command = if cfg!(target_os = "linux") {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--", program]);
        command
    } else {
        Command::new(program)
    };
    command.kill_on_drop(true);
    command
}

/// Runs a command to its end.
///
/// # Errors
/// It did not start, or failed: with what it printed.
pub async fn checked(mut command: Command) -> anyhow::Result<()> {
    let words =
        command
            .as_std()
            .get_args()
            .fold(command.as_std().get_program().to_owned(), |mut all, word| {
                all.push(" ");
                all.push(word);
                all
            });
    let words = words.to_string_lossy().into_owned();
    let output = command
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .with_context(|| format!("starting `{words}`"))?;
    let printed = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`{words}` failed ({}):\n{}",
        output.status,
        printed.trim_end()
    );
    Ok(())
}
