//! Building with Docker, which needs no rights but those to use it.

use std::{ffi::OsStr, path::Path, time::Duration};

use anyhow::{Context, ensure};
use programs::{Reach, environment, run, run_group, tied_command};
use tokio::{process::Command, time::timeout};

use super::{
    archive::Image,
    names::{VERSION, names},
};
use crate::{image_source, progress::StepProgress};

/// How long Docker may take to say that it is there: it may be on another machine.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);
/// Pulling two base images, a compiler among them, and compiling everything; a few seconds from the second time on.
const USUAL: Duration = Duration::from_secs(240);

/// Docker, as the person has set it up.
fn docker<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut docker = tied_command("docker");
    docker.args(arguments).envs(environment(Reach::Person));
    docker
}

/// Checks that Docker answers and can build.
///
/// # Errors
/// It is missing, does not answer, or has no buildx.
pub(super) async fn can_build() -> anyhow::Result<()> {
    ensure!(programs::find("docker").is_some(), "`docker` is not on the PATH");
    for arguments in [
        &["version", "--format", "{{.Server.Version}}"][..],
        &["buildx", "version"],
    ] {
        let answer = timeout(ANSWERS_WITHIN, run(docker(arguments))).await;
        answer.with_context(|| {
            let seconds = ANSWERS_WITHIN.as_secs();
            format!("`docker {}` did not answer within {seconds} s", arguments[0])
        })??;
    }
    Ok(())
}

/// Builds all images that the manifests name into Docker's own store, and takes out those that changed.
///
/// # Errors
/// Docker failed, as where it could not pull the base images.
pub(super) async fn build(
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
) -> anyhow::Result<Vec<Image>> {
    progress.start("Building the images with Docker", USUAL);
    let mut bake = docker(["buildx", "bake", "--file", "docker/docker-bake.hcl", "--load"]);
    // What takes the place of the official images, as docker/README.md says.
    let bases = ["DEBIAN_IMAGE", "RUST_IMAGE"].map(|name| (name, std::env::var_os(name)));
    bake.envs(bases.into_iter().filter_map(|(name, image)| Some((name, image?))))
        .env("REGISTRY", image_source::current(checkout)?)
        .env("VERSION", VERSION)
        // They say when an image was built, so that the same image would have another id each time.
        .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
        .current_dir(checkout);
    run_group(bake).await?;
    progress.finish();
    let mut images = vec![];
    for name in names(checkout)? {
        let inspect = docker(["image", "inspect", "--format", "{{.Id}}", &name]);
        let id = run(inspect).await?;
        let image = Image::of_id(&name, id.trim(), cache)?;
        if !image.is_whole() {
            progress.start(&format!("Saving {name}"), Duration::from_secs(2));
            let unfinished = image.unfinished();
            let mut save = docker(["image", "save", "--output"]);
            save.arg(&unfinished).arg(&name);
            run_group(save).await?;
            image.keep(&unfinished)?;
            progress.finish();
        }
        images.push(image);
    }
    Ok(images)
}
