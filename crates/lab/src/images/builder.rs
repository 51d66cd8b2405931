//! What builds the images on this machine.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail, ensure};

use super::{
    archive::Image,
    compile::{self, compile},
    docker,
    names::PROGRAMS,
    pack::{self, pack_databases, pack_programs},
};
use crate::progress::StepProgress;

/// What builds the images on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// `docker buildx bake`, which needs neither root's rights nor anything of Debian's.
    Docker,
    /// Debian's buildah and mmdebstrap, as root.
    Buildah,
}

impl Builder {
    /// Docker where it answers, or else buildah.
    ///
    /// # Errors
    /// There is neither; what each lacks.
    pub async fn find() -> anyhow::Result<Self> {
        let Err(docker) = docker::can_build().await else {
            return Ok(Self::Docker);
        };
        let Err(buildah) = can_be_built() else {
            return Ok(Self::Buildah);
        };
        bail!("the images can't be built here, neither with Docker ({docker:#}) nor with buildah ({buildah})")
    }

    /// Builds what changed: the programs, then the databases.
    ///
    /// # Errors
    /// A program that it takes failed.
    pub async fn build(
        self,
        checkout: &Path,
        cache: &Path,
        progress: &StepProgress,
    ) -> anyhow::Result<Vec<Image>> {
        match self {
            Self::Docker => docker::build(checkout, cache, progress).await,
            Self::Buildah => {
                progress.start("Building the services", compile::usual_time(checkout));
                compile(&PROGRAMS, checkout).await?;
                progress.finish();
                let mut images = pack_programs(&PROGRAMS, checkout, cache, progress).await?;
                images.extend(pack_databases(checkout, cache, progress).await?);
                Ok(images)
            }
        }
    }
}

/// How long building all images with buildah usually takes: no time for those that are there.
///
/// # Errors
/// The manifests or a script of an image cannot be read.
pub(crate) fn usual_time(checkout: &Path, cache: &Path) -> anyhow::Result<Duration> {
    Ok(compile::usual_time(checkout) + pack::usual_time(checkout, cache)?)
}

/// Builds the image of one program with buildah, if it changed.
///
/// # Errors
/// There is no such program, or one that it takes failed.
pub async fn build_program(
    program: &str,
    checkout: &Path,
    cache: &Path,
    progress: &StepProgress,
) -> anyhow::Result<Image> {
    compile(&[program], checkout).await?;
    let images = pack_programs(&[program], checkout, cache, progress).await?;
    images.into_iter().next().context("no image was built")
}

/// Checks that this machine has what building images with buildah takes.
///
/// # Errors
/// It has not; says what is missing.
pub fn can_be_built() -> anyhow::Result<()> {
    let mut missing = vec![];
    if !rustix::process::geteuid().is_root() {
        missing.push("root's rights");
    }
    missing.extend(
        ["cargo", "buildah", "mmdebstrap", "setpriv"]
            .into_iter()
            .filter(|program| programs::find(program).is_none()),
    );
    ensure!(
        missing.is_empty(),
        "{} missing; on Debian, as root: apt-get install buildah mmdebstrap util-linux",
        missing.join(", ")
    );
    Ok(())
}
