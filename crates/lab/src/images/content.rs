//! Names that say what is in an image. A tag such as `1.0.0` stays the same whatever is built under it, and what a cluster
//! tells of an image (an id, a digest) depends on the program that loaded it. So each archive gives its image a second name,
//! `NAME-CONTENT`, which no other image has.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType};

/// The list of an archive's images, as `docker save` writes it.
const LIST: &str = "manifest.json";
/// The same list in the format of the Open Container Initiative, which goes first where it is there.
const OTHER_LIST: [&str; 2] = ["index.json", "oci-layout"];
/// What is read of an archive to be kept in memory.
const LARGEST: u64 = 1 << 20;

/// An entry of [`LIST`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    /// The file that says all of the image: what is run, as whom, and the checksums of its layers.
    config: String,
    repo_tags: Option<Vec<String>>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Copies an archive with one image, which gets this name and the one by its content.
///
/// # Errors
/// It is not such an archive, or the disk is full.
pub(super) fn add_name(name: &str, from: &Path, to: &Path) -> anyhow::Result<()> {
    copy(name, from, to).with_context(|| format!("naming the image in {}", from.display()))
}

/// The name by its content that the image of an archive has.
///
/// # Errors
/// It has none, or it is not such an archive.
pub(super) fn of(name: &str, archive: &Path) -> anyhow::Result<String> {
    let tags = list(archive)?.repo_tags.unwrap_or_default();
    let mut tags = tags.into_iter();
    let found = tags.find(|tag| tag.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')));
    found.with_context(|| format!("{} has no name by its content", archive.display()))
}

fn copy(name: &str, from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut image = list(from)?;
    let config = read(from, &image.config)?;
    let content = hex::encode(&Sha256::digest(&config)[..8]);
    image.repo_tags = Some(vec![name.to_owned(), format!("{name}-{content}")]);
    let changed = serde_json::to_vec(&[image])?;

    let mut copy = Builder::new(File::create(to)?);
    for entry in Archive::new(File::open(from)?).entries()? {
        let mut entry = entry?;
        let (mut header, path) = (entry.header().clone(), entry.path()?.into_owned());
        if OTHER_LIST.iter().any(|list| path == Path::new(list)) {
            continue;
        }
        match (entry.link_name()?, header.entry_type()) {
            (Some(target), EntryType::Symlink | EntryType::Link) => {
                copy.append_link(&mut header, path, target)?;
            }
            _ if path == Path::new(LIST) => {
                header.set_size(changed.len().try_into()?);
                copy.append_data(&mut header, path, &changed[..])?;
            }
            _ => copy.append_data(&mut header, path, &mut entry)?,
        }
    }
    Ok(copy.into_inner()?.flush()?)
}

/// The only image of an archive.
fn list(archive: &Path) -> anyhow::Result<Listed> {
    let list: Vec<Listed> = serde_json::from_slice(&read(archive, LIST)?)
        .with_context(|| format!("reading the list of images in {}", archive.display()))?;
    let count = list.len();
    let mut list = list.into_iter();
    match (list.next(), list.next()) {
        (Some(image), None) => Ok(image),
        _ => anyhow::bail!("{} has {count} images, not one", archive.display()),
    }
}

/// A small file of an archive.
fn read(archive: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    let file = File::open(archive).with_context(|| format!("reading {}", archive.display()))?;
    for entry in Archive::new(file).entries_with_seek()? {
        let entry = entry?;
        if entry.path()? == Path::new(name) {
            ensure!(entry.size() <= LARGEST, "{name} has more than {LARGEST} bytes");
            let mut bytes = vec![];
            entry.take(LARGEST).read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
    }
    anyhow::bail!("{} has no {name}", archive.display())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tar::Header;

    use super::*;

    const NAME: &str = "localhost/lab/pi-web:1.0.0";
    const LONG: &str = "blobs/sha256/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/and/a/name/of/more/than/100/letters";

    /// An archive of as many images as `images`, with what Docker and buildah put beside them.
    fn archive(folder: &Path, config: &str, images: usize) -> std::path::PathBuf {
        let image = json!({ "Config": "config.json", "RepoTags": [NAME], "Layers": [LONG], "Other": 1 });
        let list = serde_json::to_string(&vec![image; images]).unwrap();
        let path = folder.join("image.tar");
        let mut archive = Builder::new(File::create(&path).unwrap());
        for (name, text) in [
            ("oci-layout", "{}"),
            ("index.json", "{}"),
            ("config.json", config),
            (LONG, "a layer"),
            (LIST, &list),
        ] {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        let mut link = Header::new_gnu();
        link.set_entry_type(EntryType::Symlink);
        link.set_size(0);
        archive
            .append_link(&mut link, "old/layer.tar", Path::new("..").join(LONG))
            .unwrap();
        archive.finish().unwrap();
        path
    }

    fn named(config: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("named.tar");
        add_name(NAME, &archive(folder.path(), config, 1), &to).unwrap();
        (folder, to)
    }

    #[test]
    fn an_image_gets_a_second_name_that_changes_with_its_content() {
        let (_folder, first) = named("{}");
        let content = of(NAME, &first).unwrap();
        assert!(content.starts_with(&format!("{NAME}-")), "{content}");
        assert_eq!(list(&first).unwrap().repo_tags.unwrap(), [NAME, &content]);
        let (_folder, same) = named("{}");
        assert_eq!(of(NAME, &same).unwrap(), content);
        let (_folder, other) = named("{ }");
        assert_ne!(of(NAME, &other).unwrap(), content);
    }

    #[test]
    fn all_else_stays_but_the_other_list_which_does_not_have_that_name() {
        let (_folder, named) = named("{}");
        assert_eq!(list(&named).unwrap().rest["Other"], 1);
        assert_eq!(read(&named, LONG).unwrap(), b"a layer");
        let mut files = Archive::new(File::open(&named).unwrap());
        let files = files.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let target = entry.link_name().unwrap().map(std::borrow::Cow::into_owned);
            (entry.path().unwrap().display().to_string(), target)
        });
        let link = Some(Path::new("..").join(LONG));
        let expected = [
            ("config.json", None),
            (LONG, None),
            (LIST, None),
            ("old/layer.tar", link),
        ];
        assert_eq!(
            files.collect::<Vec<_>>(),
            expected.map(|(name, target)| (name.to_owned(), target))
        );
    }

    #[test]
    fn what_is_no_archive_of_one_image_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("named.tar");
        let refused = |from: &Path| format!("{:#}", add_name(NAME, from, &to).unwrap_err());
        let two = refused(&archive(folder.path(), "{}", 2));
        assert!(two.contains("has 2 images, not one"), "{two}");
        let empty = folder.path().join("empty.tar");
        Builder::new(File::create(&empty).unwrap()).finish().unwrap();
        assert!(refused(&empty).contains("has no manifest.json"));
        // As an archive from before there were such names.
        let old = archive(folder.path(), "{}", 1);
        assert!(of(NAME, &old).is_err());
    }
}
