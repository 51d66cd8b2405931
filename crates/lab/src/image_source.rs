//! The one value that says where images come from. The manifests hold it, and the charts as the default of a value,
//! because they are what a learner reads and applies; everything else that names an image asks the manifests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

/// The services that the lab ships as images.
pub const SERVICES: [&str; 4] = ["numbers-api", "pi-web", "memory-allocator", "todo-web"];

/// The charts in `helm/` that name images.
pub const CHARTS: [&str; 4] = ["memory-allocator", "numbers-api", "pi-web", "todo-list"];

/// All images that the manifests name: the services, the to-do list's page and its database.
pub const IMAGES: [&str; 5] = ["numbers-api", "pi-web", "memory-allocator", "todo-web", "todo-db"];

/// Writes another registry into all manifests and charts of the clone, and says how many files that changed.
///
/// # Errors
/// A name that no image can have, or a file that cannot be written.
pub fn change(checkout: &Path, registry: &str) -> anyhow::Result<u32> {
    let present = current(checkout)?;
    ensure!(
        is_registry(registry),
        "{registry:?} cannot stand before an image's name; allowed: lower-case letters, digits and . _ - : in parts \
         joined by /, such as registry.example/team"
    );
    let mut changed = 0;
    for path in manifests(&checkout.join("k8s"))? {
        changed += u32::from(rewrite(&path, |text| rewritten(text, registry))?);
    }
    for chart in CHARTS {
        let values = checkout.join("helm").join(chart).join("values.yaml");
        changed += u32::from(rewrite(&values, |text| with_default(text, &present, registry))?);
    }
    Ok(changed)
}

/// Writes a file anew if that changes it, and says whether it did.
fn rewrite(path: &Path, new: impl Fn(&str) -> String) -> anyhow::Result<bool> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let with = new(&text);
    if with != text {
        fs::write(path, &with).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(with != text)
}

/// Whether images of this registry can't be pulled, and have to be loaded into the nodes.
#[must_use]
pub fn is_local(registry: &str) -> bool {
    registry.starts_with("localhost/")
}

/// The registry in the manifests of a checkout.
///
/// # Errors
/// A manifest cannot be read, none names an image of ours, or two name different registries.
pub fn current(checkout: &Path) -> anyhow::Result<String> {
    let mut found: Option<(String, PathBuf)> = None;
    for path in manifests(&checkout.join("k8s"))? {
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        for (registry, _) in text.lines().filter_map(image) {
            match &found {
                Some((first, place)) if first != registry => anyhow::bail!(
                    "{} takes its image from {registry}, but {} from {first}; `lab registry NAME` makes them one",
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

/// The registry and the rest (`numbers-api:1.0.0`) of a line that names an image of ours.
fn image(line: &str) -> Option<(&str, &str)> {
    let value = line
        .trim_start()
        .trim_start_matches("- ")
        .strip_prefix("image:")?
        .trim();
    let (registry, rest) = value.rsplit_once('/')?;
    let name = rest.split_once(':').map_or(rest, |(name, _)| name);
    IMAGES.contains(&name).then_some((registry, rest))
}

fn rewritten(text: &str, registry: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match image(line) {
            Some((present, rest)) => {
                line.replacen(&format!("{present}/{rest}"), &format!("{registry}/{rest}"), 1)
            }
            None => line.to_owned(),
        })
        .collect()
}

/// A chart's values with another default for the registry.
fn with_default(values: &str, present: &str, registry: &str) -> String {
    values.replacen(
        &format!("\n  registry: {present}\n"),
        &format!("\n  registry: {registry}\n"),
        1,
    )
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
    use super::*;

    #[test]
    fn only_images_of_ours_change_their_registry() {
        let text = "  - image: localhost/lab/pi-web:1.0.0\n    image: localhost/lab/numbers-api:1.0.0\n\
                    - image: other/postgres:15\n# image: localhost/lab/pi-web:1.0.0\n";
        let expected = "  - image: r.example/t/pi-web:1.0.0\n    image: r.example/t/numbers-api:1.0.0\n\
                        - image: other/postgres:15\n# image: localhost/lab/pi-web:1.0.0\n";
        assert_eq!(rewritten(text, "r.example/t"), expected);
        assert_eq!(rewritten(expected, "localhost/lab"), text);
    }

    #[test]
    fn a_charts_default_changes_and_nothing_else() {
        let values = "image:\n  # registry: localhost/lab\n  registry: localhost/lab\n  tag: registry\n";
        let expected = "image:\n  # registry: localhost/lab\n  registry: r.example/t\n  tag: registry\n";
        assert_eq!(with_default(values, "localhost/lab", "r.example/t"), expected);
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
