//! The images: static programs compiled here, and the database's files from Debian packages, both packed by the Dockerfile
//! and kept as archives.

mod archive;
mod cargo_home;
mod compile;
mod load;
mod names;
mod pack;

use std::path::Path;

use anyhow::ensure;

pub use self::archive::Image;
pub(crate) use self::{
    compile::{compile, usual_time},
    load::load,
    names::names,
    pack::{pack_databases, pack_programs},
};
use crate::progress::StepProgress;

/// Checks that this machine has what building images takes.
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
            .filter(|program| programs::find(program).is_none()),
    );
    ensure!(
        missing.is_empty(),
        "the images can't be built here: {} missing. Install that (apt-get install buildah mmdebstrap util-linux) and be root, \
         or build them with Docker and push them to a registry: docker/README.md says how",
        missing.join(", ")
    );
    Ok(())
}

/// Compiles and packs what changed: the programs, then the databases.
///
/// # Errors
/// cargo, buildah or mmdebstrap failed.
pub async fn build(checkout: &Path, cache: &Path, progress: &StepProgress) -> anyhow::Result<Vec<Image>> {
    progress.start("Building the services", usual_time(checkout));
    compile(checkout, cache).await?;
    progress.finish();
    let mut images = pack_programs(checkout, cache, progress).await?;
    images.extend(pack_databases(checkout, cache, progress).await?);
    Ok(images)
}
