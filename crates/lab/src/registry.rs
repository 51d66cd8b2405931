//! `lab registry`: the one value that says where images come from. The manifests hold it, because they are what a
//! learner reads and applies; everything else that names an image asks them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};

/// The services that the lab ships as images.
pub const SERVICES: [&str; 3] = ["numbers-api", "pi-web", "memory-allocator"];

/// Options of `lab registry`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The new registry with its path, such as registry.example/team; without it, the present one is printed.
    registry: Option<String>,
}

/// Prints the registry, or writes another into all manifests of the checkout.
///
/// # Errors
/// Not in a clone, a name that no image can have, or manifests that disagree.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let checkout = crate::cli::checkout()?;
    let present = current(&checkout)?;
    let Some(registry) = &args.registry else {
        println!("{present}");
        return Ok(ExitCode::SUCCESS);
    };
    ensure!(
        is_registry(registry),
        "{registry:?} cannot stand before an image's name; allowed: lower-case letters, digits and . _ - : in parts \
         joined by /, such as registry.example/team"
    );
    let mut changed = 0;
    for path in manifests(&checkout.join("k8s"))? {
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let with = rewritten(&text, registry);
        if with != text {
            fs::write(&path, with).with_context(|| format!("writing {}", path.display()))?;
            changed += 1;
        }
    }
    println!("{registry} ({changed} manifests changed)");
    Ok(ExitCode::SUCCESS)
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

/// All YAML files below a folder.
fn manifests(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(manifests(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
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
    SERVICES.contains(&name).then_some((registry, rest))
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
