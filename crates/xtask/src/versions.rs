//! Versions that stand in several files, and the table that decides them: `versions.toml`.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use regex::{Captures, Regex};
use serde::Deserialize;

use crate::repeated::Stale;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    versions: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    name: String,
    is: String,
    places: Vec<Place>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Files, or folders whose files are all looked through, relative to the top folder.
    files: Vec<PathBuf>,
    line: String,
    #[serde(default = "dot")]
    separator: String,
}

fn dot() -> String {
    ".".into()
}

/// The files that hold another version than the table has.
///
/// # Errors
/// A file cannot be read, or a place of the table is nowhere: then it checks nothing.
pub(crate) fn out_of_step(root: &Path) -> anyhow::Result<Vec<Stale>> {
    of_table(include_str!("versions.toml"), root)
}

fn of_table(table: &str, root: &Path) -> anyhow::Result<Vec<Stale>> {
    let table: Table = toml::from_str(table).context("reading versions.toml")?;
    // By file, as several places may be in one.
    let mut found = BTreeMap::new();
    for version in &table.versions {
        for place in &version.places {
            let seen = place.correct(version, root, &mut found)?;
            ensure!(
                seen,
                "versions.toml: {} is to stand in {:?} as `{}`, and does not",
                version.name,
                place.files,
                place.line
            );
        }
    }
    Ok(found.into_values().collect())
}

impl Place {
    /// Adds the files that hold another number here, and says whether any holds one at all.
    fn correct(
        &self,
        version: &Version,
        root: &Path,
        found: &mut BTreeMap<PathBuf, Stale>,
    ) -> anyhow::Result<bool> {
        let (line, is) = self.of(version)?;
        let mut seen = false;
        for file in self.files(root)? {
            let text = match (found.get(&file), fs::read_to_string(&file)) {
                (Some(stale), _) => stale.should_be.clone(),
                (None, Ok(text)) => text,
                // What is not text, an archive say, repeats no version.
                (None, Err(error)) if error.kind() == ErrorKind::InvalidData => continue,
                (None, Err(error)) => {
                    return Err(error).with_context(|| format!("versions.toml: reading {}", file.display()));
                }
            };
            seen |= line.is_match(&text);
            let mut why = Vec::new();
            let should_be = line.replace_all(&text, |found: &Captures| {
                if found[2] != is {
                    why.push(format!("{} is {is}, not {}", version.name, &found[2]));
                }
                format!("{}{is}{}", &found[1], &found[3])
            });
            if why.is_empty() {
                continue;
            }
            let should_be = should_be.into_owned();
            if let Some(stale) = found.get_mut(&file) {
                stale.why.extend(why);
                stale.should_be = should_be;
            } else {
                found.insert(file.clone(), Stale { file, why, should_be });
            }
        }
        Ok(seen)
    }

    /// What to look for, with three groups of which the second is the number, and the number that it should be.
    fn of(&self, version: &Version) -> anyhow::Result<(Regex, String)> {
        let parts: Vec<_> = version.is.split('.').collect();
        let (placeholder, count) = if self.line.contains("{minor}") {
            ("{minor}", 2)
        } else {
            ("{version}", parts.len())
        };
        let (before, after) = self
            .line
            .split_once(placeholder)
            .with_context(|| format!("versions.toml: no {{version}} or {{minor}} in `{}`", self.line))?;
        let number = vec!["[0-9]+"; count].join(&regex::escape(&self.separator));
        let line = Regex::new(&format!("(?m)({before})({number})({after})"))
            .with_context(|| format!("versions.toml: `{}`", self.line))?;
        let is = parts.iter().take(count).copied().collect::<Vec<_>>();
        Ok((line, is.join(&self.separator)))
    }

    fn files(&self, root: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in &self.files {
            collect(&root.join(path), &mut files)?;
        }
        files.sort();
        Ok(files)
    }
}

/// The file, or all files below the folder. Links are left out, for what they lead to is found where it is.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_symlink() {
        return Ok(());
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("reading {}", path.display()))? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeated::reasons;

    #[test]
    fn every_version_is_in_step() {
        let wrong = reasons(&out_of_step(crate::root()).unwrap());
        assert!(wrong.is_empty(), "`cargo xtask versions` mends this: {wrong:#?}");
    }

    const TABLE: &str = r#"
        [[versions]]
        name = "it"
        is = "2.1.0"
        places = [
            { files = ["folder"], line = 'image: it:{version}$' },
            { files = ["folder/a", "b"], line = 'feature v{minor}', separator = "_" },
        ]
    "#;

    #[test]
    fn what_is_out_of_step_is_written_anew_and_the_rest_is_left() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(
            folder.join("a"),
            "image: it:2.0.9\nimage: other:2.0.9\nfeature v2_0\n",
        )
        .unwrap();
        fs::write(folder.join("in-step"), "image: it:2.1.0\n").unwrap();
        fs::write(root.path().join("b"), "image: it:1.0.0\n").unwrap();
        let found = of_table(TABLE, root.path()).unwrap();
        let [stale] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            stale.should_be,
            "image: it:2.1.0\nimage: other:2.0.9\nfeature v2_1\n"
        );
        assert_eq!(stale.why, ["it is 2.1.0, not 2.0.9", "it is 2_1, not 2_0"]);
    }

    #[test]
    fn a_place_that_is_nowhere_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("folder")).unwrap();
        let error = of_table(TABLE, root.path()).unwrap_err().to_string();
        assert!(error.contains("`image: it:{version}$`"), "{error}");
    }
}
