//! The images: static programs compiled here, and the database's files from Debian packages, both packed by the Dockerfile
//! and kept as archives.

mod archive;
mod compile;
mod load;
mod pack;

use std::path::Path;

use anyhow::ensure;

pub use self::archive::Image;
pub(crate) use self::{
    compile::{compile, usual_time},
    load::load,
    pack::{pack_databases, pack_programs},
};
use crate::{image_source, progress::StepProgress};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The image of pods' sandboxes, which no manifest names.
const PAUSE: &str = "pause";
/// The database, which is not compiled here.
const DATABASE: &str = "todo-db";
/// Its images: the tag, and the Debian suite that Postgres is taken from. The second has a newer one.
const DATABASES: [(&str, &str); 2] = [("1.0.0", "bookworm"), ("1.1.0", "bookworm-security")];

/// The programs that images are made of: the services, and the sandbox's.
fn programs() -> impl Iterator<Item = &'static str> {
    image_source::SERVICES.iter().copied().chain([PAUSE])
}

/// The names of all images that the manifests name.
///
/// # Errors
/// The manifests cannot be read.
pub(crate) fn names(checkout: &Path) -> anyhow::Result<Vec<String>> {
    let registry = image_source::current(checkout)?;
    let services = image_source::SERVICES.map(|service| format!("{registry}/{service}:{VERSION}"));
    let databases = DATABASES.map(|(tag, _)| format!("{registry}/{DATABASE}:{tag}"));
    Ok(services.into_iter().chain(databases).collect())
}

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

/// Compiles and packs what changed: the programs, then the databases.
///
/// # Errors
/// cargo, buildah or mmdebstrap failed.
pub async fn build(checkout: &Path, cache: &Path, progress: &StepProgress) -> anyhow::Result<Vec<Image>> {
    progress.start("Building the services", usual_time(checkout));
    compile(checkout).await?;
    progress.finish();
    let mut images = pack_programs(checkout, cache, progress).await?;
    images.extend(pack_databases(checkout, cache, progress).await?);
    Ok(images)
}
