//! The one value that says where images come from. The manifests hold it, and the charts as the default of a value,
//! because they are what a learner reads and applies; everything else that names an image asks the manifests.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::Context;
use regex::Regex;
use tempfile::NamedTempFile;

mod registry;

/// The services that the lab ships as images.
pub const SERVICES: [&str; 4] = ["numbers-api", "pi-web", "memory-allocator", "todo-web"];

/// The charts in `helm/` that name images.
pub const CHARTS: [&str; 4] = ["memory-allocator", "numbers-api", "pi-web", "todo-list"];

/// All images that the manifests name: the services, the to-do list's page and its database.
pub const IMAGES: [&str; 5] = ["numbers-api", "pi-web", "memory-allocator", "todo-web", "todo-db"];

/// A line of a manifest that names an image of ours.
static IMAGE: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| {
    let names = IMAGES.join("|");
    Regex::new(&format!(
        r#"(?mR)^(?<before>[ \t]*(?:-[ \t]+)?image:[ \t]*["']?)(?:(?<registry>[^\s"'#]+)/)?(?<rest>(?:{names})(?:[\s:@"']|$))"#
    ))
});

/// The key `image.registry` of a chart's values.
static DEFAULT: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?<before>image:.*\n(?:(?:[ \t#].*)?\r?\n)*?  registry:[ \t]*)[^\s#]*")
});

/// Writes a registry into all manifests and charts of the clone, whatever they say now, and returns how many files that
/// changed.
///
/// # Errors
/// A name that no image can have, or a file that cannot be read or written.
pub(crate) fn change(checkout: &Path, registry: &str) -> anyhow::Result<usize> {
    registry::verify(registry)?;
    let mut changed = Vec::new();
    for path in manifests(&checkout.join("k8s"))? {
        let text = read(&path)?;
        let new = rewritten(&text, registry)?;
        changed.push((path, text, new));
    }
    for chart in CHARTS {
        let path = checkout.join("helm").join(chart).join("values.yaml");
        let text = read(&path)?;
        let new = with_default(&text, registry)?
            .with_context(|| format!("{} has no image.registry to change", path.display()))?;
        changed.push((path, text, new));
    }
    changed.retain(|(_, text, new)| text != new);
    let writing = |path: &Path| format!("writing {}", path.display());
    let mut written = Vec::new();
    for (path, _, new) in &changed {
        let file = beside(path, new).with_context(|| writing(path) + "; no file was changed")?;
        written.push((path, file));
    }
    for (path, file) in written {
        file.persist(path)
            .with_context(|| writing(path) + "; some files were changed: run this command again")?;
    }
    Ok(changed.len())
}

/// A file that is to take the place of another one, with its rights; only of one that may be written.
fn beside(path: &Path, content: &str) -> io::Result<NamedTempFile> {
    let rights = OpenOptions::new()
        .write(true)
        .open(path)?
        .metadata()?
        .permissions();
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(content.as_bytes())?;
    file.as_file().set_permissions(rights)?;
    Ok(file)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// Whether images of this registry can't be pulled, and have to be loaded into the nodes.
#[must_use]
pub(crate) fn is_local(registry: &str) -> bool {
    registry.starts_with("localhost/")
}

/// Where images come from, in one sentence.
///
/// # Errors
/// As [`current`].
pub(crate) fn describe(checkout: &Path) -> anyhow::Result<String> {
    let registry = current(checkout)?;
    Ok(if is_local(&registry) {
        format!("images are {registry}/...: loaded into the cluster, never pulled")
    } else {
        format!("images are pulled from {registry}")
    })
}

/// The registry in the manifests of a checkout.
///
/// # Errors
/// A manifest cannot be read, none names an image of ours, or two name different registries.
pub fn current(checkout: &Path) -> anyhow::Result<String> {
    let mut found: Option<(String, PathBuf)> = None;
    for path in manifests(&checkout.join("k8s"))? {
        for image in IMAGE.as_ref()?.captures_iter(&read(&path)?) {
            let registry = image.name("registry").map_or("", |registry| registry.as_str());
            match &found {
                Some((first, place)) if first != registry => anyhow::bail!(
                    "{} takes its image from {registry:?}, but {} from {first:?}; `lab registry NAME` writes one into all",
                    path.display(),
                    place.display()
                ),
                Some(_) => {}
                None => found = Some((registry.into(), path.clone())),
            }
        }
    }
    found
        .map(|(registry, _)| registry)
        .context("no manifest in k8s/ names an image of the lab")
}

/// All manifests below a folder, and the scripts that print some.
fn manifests(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(manifests(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "sh")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A manifest with another registry before the names of our images.
fn rewritten(text: &str, registry: &str) -> anyhow::Result<String> {
    let with = format!("${{before}}{registry}/${{rest}}");
    Ok(IMAGE.as_ref()?.replace_all(text, with).into_owned())
}

/// A chart's values with another default for the registry; none where they have no such key.
fn with_default(values: &str, registry: &str) -> anyhow::Result<Option<String>> {
    let with = format!("${{before}}{registry}");
    let default = DEFAULT.as_ref()?;
    Ok(default
        .is_match(values)
        .then(|| default.replace(values, with).into_owned()))
}

#[cfg(test)]
mod tests;
