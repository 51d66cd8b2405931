//! Images as files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use sha2::{Digest, Sha256};

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
        let folder = cache.join("images");
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let checksum = checksum(&name, &[sources, &[checkout.join("docker/Dockerfile")]].concat())?;
        Ok(Self {
            name,
            archive: folder.join(format!("{target}-{checksum}.tar")),
            checksum,
        })
    }

    /// Whether the archive is there, as it was written.
    pub(super) fn is_whole(&self) -> bool {
        let written = fs::read_to_string(self.sum());
        written.is_ok_and(|written| {
            checksum("", std::slice::from_ref(&self.archive)).is_ok_and(|is| is == written)
        })
    }

    /// Gives a file that was written whole the archive's name.
    ///
    /// # Errors
    /// The disk is full, say.
    pub(super) fn keep(&self, unfinished: &Path) -> anyhow::Result<()> {
        let sum = self.sum();
        fs::write(&sum, checksum("", &[unfinished.to_owned()])?)
            .with_context(|| format!("writing {}", sum.display()))?;
        fs::rename(unfinished, &self.archive).with_context(|| format!("renaming {}", unfinished.display()))
    }

    /// The file with the archive's checksum.
    fn sum(&self) -> PathBuf {
        self.archive.with_extension("sum")
    }
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
