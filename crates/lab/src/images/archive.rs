//! Images as files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::content;

/// An image as an archive.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its full name, as manifests have it.
    pub name: String,
    /// A file that `ctr`, `docker load` and `kind load image-archive` take.
    pub archive: PathBuf,
    /// Tells one build from another.
    pub(crate) checksum: String,
}

impl Image {
    /// The image of a target of the Dockerfile, made of `sources`.
    ///
    /// # Errors
    /// A source cannot be read, or the folder of archives cannot be made.
    pub(super) fn of(
        target: &str,
        name: String,
        sources: &[PathBuf],
        checkout: &Path,
        cache: &Path,
    ) -> anyhow::Result<Self> {
        let checksum = checksum(&name, &[sources, &[checkout.join("docker/Dockerfile")]].concat())?;
        Self::in_cache(target, name, checksum, cache)
    }

    /// The image that Docker knows by an id.
    ///
    /// # Errors
    /// The folder of archives cannot be made.
    pub(super) fn of_id(name: &str, id: &str, cache: &Path) -> anyhow::Result<Self> {
        let short = name.rsplit('/').next().unwrap_or(name);
        let target = short.split(':').next().unwrap_or(short);
        // Of the name as well: two may be of one image.
        let checksum = checksum(&format!("{name} {id}"), &[])?;
        Self::in_cache(target, name.into(), checksum, cache)
    }

    fn in_cache(target: &str, name: String, checksum: String, cache: &Path) -> anyhow::Result<Self> {
        let folder = folder(cache);
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Self {
            name,
            archive: folder.join(format!("{target}-{checksum}.tar")),
            checksum,
        })
    }

    /// The name that no image with other content has, and that the archive gives its image as well.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn content_name(&self) -> anyhow::Result<String> {
        content::of(&self.name, &self.archive)
    }

    /// Whether the archive is there, as it was written.
    pub(super) fn is_whole(&self) -> bool {
        let written = fs::read_to_string(self.sum());
        written.is_ok_and(|written| {
            checksum("", std::slice::from_ref(&self.archive)).is_ok_and(|is| is == written)
        }) && self.content_name().is_ok()
    }

    /// The file to write the archive to, before [`Image::keep`]. An interrupted attempt leaves it behind, and so it is removed.
    pub(super) fn unfinished(&self) -> PathBuf {
        let unfinished = self.archive.with_extension("unfinished");
        let _ = fs::remove_file(&unfinished);
        unfinished
    }

    /// Makes the archive of a file that was written whole.
    ///
    /// # Errors
    /// It is not an archive of one image, or the disk is full, say.
    pub(super) fn keep(&self, unfinished: &Path) -> anyhow::Result<()> {
        let (sum, named) = (self.sum(), self.archive.with_extension("named"));
        content::add_name(&self.name, unfinished, &named)?;
        fs::remove_file(unfinished).with_context(|| format!("removing {}", unfinished.display()))?;
        fs::write(&sum, checksum("", std::slice::from_ref(&named))?)
            .with_context(|| format!("writing {}", sum.display()))?;
        fs::rename(&named, &self.archive).with_context(|| format!("renaming {}", named.display()))
    }

    /// The file with the archive's checksum.
    fn sum(&self) -> PathBuf {
        self.archive.with_extension("sum")
    }
}

/// The folder of all archives.
pub(super) fn folder(cache: &Path) -> PathBuf {
    cache.join("images")
}

/// Half of a SHA-256 in hexadecimal, of a name and files.
fn checksum(name: &str, files: &[PathBuf]) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    hash.update(name);
    for file in files {
        hash.update(fs::read(file).with_context(|| format!("reading {}", file.display()))?);
    }
    Ok(hex::encode(&hash.finalize()[..16]))
}
