//! The one value that says where images come from. The manifests hold it, and the charts as the default of a value,
//! because they are what a learner reads and applies; everything else that names an image asks the manifests.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::{Context, ensure};
use regex::Regex;
use tempfile::NamedTempFile;

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
    ensure!(
        is_registry(registry),
        "{registry:?} cannot stand before an image's name; allowed: lower-case letters, digits and . _ - : in parts \
         joined by /, such as registry.example/team"
    );
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

fn is_registry(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-:".contains(&b))
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    name.len() <= 200 && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The manifests and values of a clone with these line ends: one manifest and one chart take their images from `one`, the
    /// others from `other`.
    fn clone(one: &str, other: &str, end: &str) -> tempfile::TempDir {
        let clone = tempfile::tempdir().unwrap();
        let write = |path: &str, text: String| {
            let path = clone.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace('\n', end)).unwrap();
        };
        write(
            "k8s/numbers/a.yaml",
            format!("  - image: {one}numbers-api:1.0.0\n"),
        );
        write("k8s/pi/b.sh", format!("    image: {other}pi-web:1.0.0\n"));
        for (chart, registry) in CHARTS.iter().zip([one, other, other, other]) {
            let registry = registry.trim_end_matches('/');
            write(
                &format!("helm/{chart}/values.yaml"),
                format!("image:\n  # The registry.\n\n  registry: {registry}\n  tag: registry\n"),
            );
        }
        clone
    }

    fn texts(clone: &Path) -> Vec<String> {
        let files = ["k8s/numbers/a.yaml", "k8s/pi/b.sh"].map(str::to_owned);
        let values = CHARTS.map(|chart| format!("helm/{chart}/values.yaml"));
        let read = |file| fs::read_to_string(clone.join(file)).unwrap();
        files.into_iter().chain(values).map(read).collect()
    }

    #[test]
    fn one_registry_is_written_into_all_files_whatever_they_say() {
        for end in ["\n", "\r\n"] {
            // By hand, with and without a registry, and as an interrupted `lab registry r.example/t` leaves them.
            for (one, other) in [
                ("mine.example/", "localhost/lab/"),
                ("", "localhost/lab/"),
                ("r.example/t/", "localhost/lab/"),
                ("localhost/lab/", "r.example/t/"),
            ] {
                let clone = clone(one, other, end);
                let advice = current(clone.path()).unwrap_err().to_string();
                assert!(advice.contains("`lab registry NAME`"), "{advice}");
                change(clone.path(), "r.example/t").unwrap();
                assert_eq!(current(clone.path()).unwrap(), "r.example/t");
                let right = self::clone("r.example/t/", "r.example/t/", end);
                assert_eq!(texts(clone.path()), texts(right.path()));
                assert_eq!(change(clone.path(), "r.example/t").unwrap(), 0);
            }
        }
    }

    #[test]
    fn charts_that_were_left_behind_follow_the_manifests() {
        let clone = clone("localhost/lab/", "localhost/lab/", "\n");
        fs::write(
            clone.path().join("k8s/numbers/a.yaml"),
            "image: r.example/t/numbers-api:1.0.0\n",
        )
        .unwrap();
        fs::write(
            clone.path().join("k8s/pi/b.sh"),
            "image: r.example/t/pi-web:1.0.0\n",
        )
        .unwrap();
        assert_eq!(change(clone.path(), "r.example/t").unwrap(), CHARTS.len());
        assert!(
            texts(clone.path())[2..]
                .iter()
                .all(|values| values.contains("  registry: r.example/t\n"))
        );
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_all_as_they_were() {
        use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

        let clone = clone("mine.example/", "localhost/lab/", "\n");
        let before = texts(clone.path());
        let last = clone.path().join("helm/todo-list/values.yaml");
        fs::set_permissions(&last, fs::Permissions::from_mode(0o444)).unwrap();
        // root may write it anyway; a thread without that right may not.
        let write_as_others = || {
            let mut rights = capabilities(None).unwrap();
            rights.effective.remove(CapabilitySet::DAC_OVERRIDE);
            set_capabilities(None, rights).unwrap();
            format!("{:#}", change(clone.path(), "r.example/t").unwrap_err())
        };
        let error = std::thread::scope(|scope| scope.spawn(write_as_others).join().unwrap());
        assert!(
            error.contains("todo-list/values.yaml; no file was changed"),
            "{error}"
        );
        assert_eq!(texts(clone.path()), before);

        fs::remove_file(&last).unwrap();
        fs::write(&last, "image: {}\n").unwrap();
        let error = change(clone.path(), "r.example/t").unwrap_err().to_string();
        assert!(error.contains("has no image.registry"), "{error}");
        assert_eq!(texts(clone.path())[..5], before[..5]);
    }

    #[test]
    fn only_images_of_ours_change_their_registry() {
        let text = "  - image: localhost/lab/pi-web:1.0.0\n    image: 'numbers-api' # mine\n\
                    - image: other/postgres:15\n# image: localhost/lab/pi-web:1.0.0\n\
                    - image: other/pi-web-2:1\n  image: \"h:5000/pi-web@sha256:0\"";
        let expected = "  - image: r.example/t/pi-web:1.0.0\n    image: 'r.example/t/numbers-api' # mine\n\
                        - image: other/postgres:15\n# image: localhost/lab/pi-web:1.0.0\n\
                        - image: other/pi-web-2:1\n  image: \"r.example/t/pi-web@sha256:0\"";
        assert_eq!(rewritten(text, "r.example/t").unwrap(), expected);
    }

    #[test]
    fn a_charts_default_changes_and_nothing_else() {
        let values = "registry: a\nimage:\n  # registry: localhost/lab\n  registry: old # why\n  tag: registry\nx:\n  registry: b\n";
        let expected = values.replace("old", "r.example/t");
        assert_eq!(with_default(values, "r.example/t").unwrap(), Some(expected));
        assert_eq!(
            with_default("image:\n  tag: 1\nx:\n  registry: b\n", "r").unwrap(),
            None
        );
    }

    #[test]
    fn what_no_image_can_be_named_is_refused() {
        for good in ["localhost/lab", "r.example:5000/a/b_c", "team"] {
            assert!(is_registry(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "a//b",
            "A/b",
            "a b",
            "-a",
            "a/",
            "https://x/y",
            &"a".repeat(201),
        ] {
            assert!(!is_registry(bad), "{bad}");
        }
    }
}
