//! A home folder for Cargo that holds no settings of the person's but where crates come from.

use std::{
    env, fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The tables of Cargo's configuration that say where crates come from and how to get there (The Cargo Book,
/// "Configuration"). All others may change what is compiled: a linker, a profile, a patch, a wrapper of the compiler.
const KEPT: [&str; 5] = ["http", "net", "registries", "registry", "source"];
/// What is shared with the person's own home folder: the downloaded crates, the credentials, and the locks that keep two
/// Cargos from changing them at once.
const SHARED: [&str; 5] = [
    ".package-cache",
    ".package-cache-mutate",
    "credentials.toml",
    "git",
    "registry",
];

/// Fills `folder`, which is for this alone.
///
/// # Errors
/// It cannot be written, or the person's configuration is not TOML.
pub(super) fn prepare(folder: &Path) -> anyhow::Result<()> {
    fill(folder, theirs().as_deref()).with_context(|| format!("preparing {}", folder.display()))
}

/// The person's own home folder of Cargo, if it can be written to.
fn theirs() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").filter(|folder| !folder.is_empty());
    let folder = named
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    // Somebody else's would stay with files of ours that they could not remove.
    let writable = rustix::fs::access(&folder, rustix::fs::Access::WRITE_OK).is_ok();
    writable.then_some(folder)
}

fn fill(folder: &Path, theirs: Option<&Path>) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for name in SHARED {
        let (link, target) = (folder.join(name), theirs.map(|theirs| theirs.join(name)));
        let is_link = fs::symlink_metadata(&link).is_ok_and(|there| there.is_symlink());
        if is_link && fs::read_link(&link).ok() != target {
            fs::remove_file(&link)?;
        }
        let Some(target) = target else { continue };
        if matches!(name, "git" | "registry") {
            fs::create_dir_all(&target)?;
        }
        // One that was filled while the person had none is left as it is.
        match symlink(&target, &link) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
    }
    let configuration = theirs.map(configuration).transpose()?.unwrap_or_default();
    fs::write(folder.join("config.toml"), configuration)?;
    Ok(())
}

/// What is kept of the person's configuration.
fn configuration(theirs: &Path) -> anyhow::Result<String> {
    // The second is the name of old; Cargo prefers it where there are both.
    let files = ["config", "config.toml"].map(|name| theirs.join(name));
    let Some(file) = files.iter().find(|file| file.is_file()) else {
        return Ok(String::new());
    };
    let named = || format!("reading {}", file.display());
    let text = fs::read_to_string(file).with_context(named)?;
    let mut all: toml::Table = text.parse().with_context(named)?;
    all.retain(|name, _| KEPT.contains(&name));
    Ok(all.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEIRS: &str = "[build]\nrustflags = [\"-Cno\"]\n[source.crates-io]\nreplace-with = \"school\"\n\
        [source.school]\nregistry = \"sparse+http://127.0.0.1/\"\n[http]\nproxy = \"127.0.0.1:9\"\n[profile.image]\nlto = false\n\
        [patch.crates-io]\n[env]\nCC = \"no\"\n[target.x86_64-unknown-linux-gnu]\nlinker = \"no\"\n";

    #[test]
    fn only_where_crates_come_from_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
        fs::create_dir(&theirs).unwrap();
        fs::write(theirs.join("config.toml"), THEIRS).unwrap();
        fill(&ours, Some(&theirs)).unwrap();
        let kept: toml::Table = fs::read_to_string(ours.join("config.toml"))
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["http", "source"]);
        assert_eq!(
            fs::read_link(ours.join("registry")).unwrap(),
            theirs.join("registry")
        );
        // Twice is as good, and so is another person's, or none.
        fill(&ours, Some(&theirs)).unwrap();
        fill(&ours, None).unwrap();
        assert_eq!(fs::read_to_string(ours.join("config.toml")).unwrap(), "");
        assert!(!ours.join("registry").exists());
    }

    #[test]
    fn settings_that_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), "[http\n").unwrap();
        let error = fill(&folder.path().join("ours"), Some(folder.path())).unwrap_err();
        assert!(format!("{error:#}").contains("config.toml"), "{error:#}");
    }
}
