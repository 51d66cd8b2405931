//! The images: static programs built here, and the database's files from Debian packages, both packed by the Dockerfile and
//! kept as archives.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use cluster::{Layout, process::tied_command};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use crate::{image_source, progress::Progress};

/// The image of pods' sandboxes, of which no manifest speaks.
const PAUSE: &str = "pause";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The database, which is not compiled here.
const DATABASE: &str = "todo-db";
/// Its images: the tag, and the Debian suite that Postgres is taken from. The second has a newer one.
const DATABASES: [(&str, &str); 2] = [("1.0.0", "bookworm"), ("1.1.0", "bookworm-security")];

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

/// What goes into images: the services, and the sandbox's program.
fn programs() -> impl Iterator<Item = &'static str> {
    image_source::SERVICES.iter().copied().chain([PAUSE])
}

fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// How long compiling the programs usually takes: two minutes from nothing, and no time if they are there.
#[must_use]
pub fn compiling(checkout: &Path) -> Duration {
    let compiled = compiled(checkout);
    let there = programs().all(|program| compiled.join(program).exists());
    Duration::from_secs(if there { 1 } else { 120 })
}

/// Where the compiled programs are.
fn compiled(checkout: &Path) -> PathBuf {
    checkout.join("target/image").join(target()).join("image")
}

/// The names of all images that the manifests name.
///
/// # Errors
/// The manifests cannot be read.
pub fn names(checkout: &Path) -> anyhow::Result<Vec<String>> {
    let registry = image_source::current(checkout)?;
    let services = image_source::SERVICES.map(|service| format!("{registry}/{service}:{VERSION}"));
    let databases = DATABASES.map(|(tag, _)| format!("{registry}/{DATABASE}:{tag}"));
    Ok(services.into_iter().chain(databases).collect())
}

/// Whether this machine has what building images takes.
///
/// # Errors
/// It has not; says what is missing, and the way without.
pub fn can_be_built() -> anyhow::Result<()> {
    let mut missing = vec![];
    if !rustix::process::geteuid().is_root() {
        missing.push("root's rights");
    }
    missing.extend(
        ["cargo", "buildah", "mmdebstrap", "setpriv"]
            .into_iter()
            .filter(|program| which::which(program).is_err()),
    );
    ensure!(
        missing.is_empty(),
        "the images can't be built here: {} missing. Install that (apt-get install buildah mmdebstrap util-linux) and be root, \
         or build them with Docker and push them to a registry: docker/README.md says how",
        missing.join(", ")
    );
    Ok(())
}

/// Compiles the programs, as far as they changed.
///
/// # Errors
/// cargo failed.
pub async fn compile(checkout: &Path) -> anyhow::Result<()> {
    which::which("cargo")
        .context("cargo, which compiles the services, is not on the PATH; rustup.rs has it")?;
    let mut cargo = tied_command("cargo");
    cargo
        .args(["build", "--quiet", "--locked", "--profile", "image"])
        .args(["--target", &target()])
        .arg("--target-dir")
        .arg(checkout.join("target/image"))
        .args(programs().flat_map(|program| ["--package", program]))
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(checkout);
    checked(cargo).await
}

/// Compiles and packs what changed: the programs, then the databases.
///
/// # Errors
/// cargo, buildah or mmdebstrap failed.
pub async fn build(checkout: &Path, cache: &Path, progress: &Progress) -> anyhow::Result<Vec<Image>> {
    progress.start("Building the services", compiling(checkout));
    compile(checkout).await?;
    progress.finish();
    let mut images = pack_programs(checkout, cache, progress).await?;
    images.extend(pack_databases(checkout, cache, progress).await?);
    Ok(images)
}

/// Packs the compiled programs that changed.
///
/// # Errors
/// buildah failed.
pub async fn pack_programs(checkout: &Path, cache: &Path, progress: &Progress) -> anyhow::Result<Vec<Image>> {
    let compiled = compiled(checkout);
    let registry = image_source::current(checkout)?;
    let mut images = Vec::new();
    for program in programs() {
        let name = if program == PAUSE {
            cluster::PAUSE_IMAGE.into()
        } else {
            format!("{registry}/{program}:{VERSION}")
        };
        let image = Image::of(program, name, &[&compiled.join(program)], checkout, cache)?;
        if !image.is_whole() {
            progress.start(&format!("Packing {}", image.name), Duration::from_secs(2));
            pack(program, &image, ("programs", &compiled), checkout, cache).await?;
            progress.finish();
        }
        images.push(image);
    }
    Ok(images)
}

/// Makes the databases' images that are not there yet, from Debian packages.
///
/// # Errors
/// mmdebstrap or buildah failed.
pub async fn pack_databases(
    checkout: &Path,
    cache: &Path,
    progress: &Progress,
) -> anyhow::Result<Vec<Image>> {
    let registry = image_source::current(checkout)?;
    let scripts = checkout.join("docker/todo-db");
    let sources = ["collect", "entrypoint", "files"].map(|file| scripts.join(file));
    let mut images = Vec::new();
    for (tag, suite) in DATABASES {
        let name = format!("{registry}/{DATABASE}:{tag}");
        let image = Image::of(
            DATABASE,
            name,
            &sources.each_ref().map(PathBuf::as_path),
            checkout,
            cache,
        )?;
        if !image.is_whole() {
            progress.start(&format!("Building {}", image.name), Duration::from_secs(35));
            let files = cache.join(format!("images/{DATABASE}-files"));
            let mut collect = tied_command(scripts.join("files"));
            collect.arg(suite).arg(&files);
            checked(collect).await?;
            pack(DATABASE, &image, ("database", &files), checkout, cache).await?;
            fs::remove_dir_all(&files).with_context(|| format!("removing {}", files.display()))?;
            progress.finish();
        }
        images.push(image);
    }
    Ok(images)
}

impl Image {
    /// The image of a target of the Dockerfile, made of `sources`.
    fn of(
        target: &str,
        name: String,
        sources: &[&Path],
        checkout: &Path,
        cache: &Path,
    ) -> anyhow::Result<Self> {
        let folder = cache.join("images");
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let dockerfile = checkout.join("docker/Dockerfile");
        let checksum = checksum(&name, &[sources, &[&dockerfile]].concat())?;
        Ok(Self {
            name,
            archive: folder.join(format!("{target}-{checksum}.tar")),
            checksum,
        })
    }

    /// Whether the archive is there, as it was written.
    fn is_whole(&self) -> bool {
        let written = fs::read_to_string(self.sum());
        written.is_ok_and(|written| checksum("", &[&self.archive]).is_ok_and(|is| is == written))
    }

    /// The file with the archive's checksum.
    fn sum(&self) -> PathBuf {
        self.archive.with_extension("sum")
    }
}

/// Packs a target of the Dockerfile, with a folder in place of one of its stages.
async fn pack(
    target: &str,
    image: &Image,
    (stage, folder): (&str, &Path),
    checkout: &Path,
    cache: &Path,
) -> anyhow::Result<()> {
    let unfinished = image.archive.with_extension("unfinished");
    // What an earlier attempt left; buildah would add to it.
    let _ = fs::remove_file(&unfinished);
    let mut buildah = tied_command("buildah");
    // Storage of our own: the person's is left as it is, and `lab down --purge` takes it.
    buildah
        .arg("--root")
        .arg(cache.join("buildah"))
        .arg("--runroot")
        .arg(cache.join("buildah-run"))
        .args(["--storage-driver", "vfs", "bud", "--quiet"])
        .args(["--isolation", "chroot", "--timestamp", "0"])
        .arg("--file")
        .arg(checkout.join("docker/Dockerfile"))
        .arg(format!("--build-context={stage}={}", folder.display()))
        .args(["--target", target])
        .arg(format!(
            "--tag=docker-archive:{}:{}",
            unfinished.display(),
            image.name
        ))
        .arg(checkout);
    checked(buildah).await?;
    let sum = image.sum();
    fs::write(&sum, checksum("", &[&unfinished])?).with_context(|| format!("writing {}", sum.display()))?;
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
    Ok(hex::encode(&hash.finalize()[..16]))
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
