//! Packing images.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use programs::{Reach, environment, run_group, tied_command};

use super::{
    archive::{self, Image},
    compile::compiled,
    names::{DATABASE, DATABASES, PAUSE, VERSION},
};
use crate::{image_source, progress::StepProgress};

/// How long making the image of one database usually takes.
const DATABASE_TIME: Duration = Duration::from_secs(35);

/// Packs those of the compiled programs that changed.
///
/// # Errors
/// buildah failed.
pub(super) async fn pack_programs(
    programs: &[&str],
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
) -> anyhow::Result<Vec<Image>> {
    let compiled = compiled(checkout);
    let registry = image_source::current(checkout)?;
    let mut images = Vec::new();
    for program in programs.iter().copied() {
        let name = if program == PAUSE {
            cluster::PAUSE_IMAGE.into()
        } else {
            format!("{registry}/{program}:{VERSION}")
        };
        let image = Image::of(program, name, &[compiled.join(program)], checkout, cache)?;
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
pub(super) async fn pack_databases(
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
) -> anyhow::Result<Vec<Image>> {
    let mut images = Vec::new();
    for (suite, image) in databases(checkout, cache)? {
        if !image.is_whole() {
            progress.start(&format!("Building {}", image.name), DATABASE_TIME);
            let files = archive::folder(cache).join(format!("{DATABASE}-files"));
            let mut collect = tied_command(scripts(checkout).join("files"));
            collect
                .arg(suite)
                .arg(&files)
                .envs(environment(Reach::Registries));
            run_group(collect).await?;
            pack(DATABASE, &image, ("database", &files), checkout, cache).await?;
            fs::remove_dir_all(&files).with_context(|| format!("removing {}", files.display()))?;
            progress.finish();
        }
        images.push(image);
    }
    Ok(images)
}

/// How long making the databases' images usually takes: no time for those that are there.
///
/// # Errors
/// As [`pack_databases`], but for the programs.
pub(super) fn usual_time(checkout: &Path, cache: &Path) -> anyhow::Result<Duration> {
    let images = databases(checkout, cache)?;
    let absent = images.iter().filter(|(_, image)| !image.archive.exists());
    Ok(absent.map(|_| DATABASE_TIME).sum())
}

/// The databases' images, each with the Debian suite that it is made from.
fn databases(checkout: &Path, cache: &Path) -> anyhow::Result<Vec<(&'static str, Image)>> {
    let registry = image_source::current(checkout)?;
    let sources = ["collect", "entrypoint", "files"].map(|file| scripts(checkout).join(file));
    let image = |(tag, suite)| {
        let name = format!("{registry}/{DATABASE}:{tag}");
        Ok((suite, Image::of(DATABASE, name, &sources, checkout, cache)?))
    };
    DATABASES.into_iter().map(image).collect()
}

fn scripts(checkout: &Path) -> PathBuf {
    checkout.join("docker/todo-db")
}

/// Packs a target of the Dockerfile, with a folder in place of one of its stages.
async fn pack(
    target: &str,
    image: &Image,
    (stage, folder): (&str, &Path),
    checkout: &Path,
    cache: &Path,
) -> anyhow::Result<()> {
    let unfinished = image.unfinished();
    let dockerfile = checkout.join("docker/Dockerfile");
    let mut buildah = tied_command("buildah");
    // Storage of our own: the person's is left as it is, and `lab down --purge` removes it. A home folder without settings,
    // and, for layers on their way, no /tmp that may be small. Where buildah reads a list, or a path with more after it, no
    // path of the person's stands: it might hold a comma or a colon.
    buildah
        .env("HOME", cache.join("buildah"))
        .env("TMPDIR", cache.join("images"))
        .arg("--root")
        .arg(cache.join("buildah"))
        .arg("--runroot")
        .arg(cache.join("buildah-run"))
        .args(["--storage-driver", "vfs", "bud", "--quiet"])
        .args(["--isolation", "chroot", "--timestamp", "0"])
        .args(["--file", "-"])
        .arg(format!("--build-context={stage}={}", folder.display()))
        .args(["--target", target])
        .arg(format!(
            "--tag=docker-archive:{}:{}",
            Path::new(unfinished.file_name().unwrap_or_default()).display(),
            image.name
        ))
        .arg(checkout)
        .current_dir(archive::folder(cache))
        .stdin(File::open(&dockerfile).with_context(|| format!("reading {}", dockerfile.display()))?);
    run_group(buildah).await?;
    image.keep(&unfinished)
}
