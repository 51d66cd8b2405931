//! When the manifests were saved. A look at some forty small files a second works everywhere, also where changes are not told:
//! on network disks, and from another side of a virtual machine.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::SystemTime,
};

use learner::Saved;

/// How many files are looked at.
const MOST: usize = 2000;

/// The manifests below a folder, by their times.
pub(super) struct Files {
    folder: PathBuf,
    times: BTreeMap<PathBuf, SystemTime>,
    /// What was in them at the beginning: a file that has it again is no wish.
    first: BTreeMap<PathBuf, Vec<u8>>,
    saved: BTreeMap<PathBuf, Saved>,
}

impl Files {
    pub(super) fn new(folder: &Path) -> Self {
        let times = times(folder);
        let saved = times
            .iter()
            .map(|(file, time)| (file.clone(), saved(*time, false)));
        Self {
            folder: folder.to_owned(),
            first: times
                .keys()
                .map(|file| (file.clone(), content(folder, file)))
                .collect(),
            saved: saved.collect(),
            times,
        }
    }

    /// Looks again; whether one was saved since.
    pub(super) fn look(&mut self) -> bool {
        let now = times(&self.folder);
        let changed = now
            .iter()
            .filter(|(file, time)| self.times.get(*file) != Some(time))
            .map(|(file, time)| {
                let first = self.first.get(file);
                let another = first != Some(&content(&self.folder, file));
                (file.clone(), saved(*time, another))
            });
        let changed: Vec<_> = changed.collect();
        let any = !changed.is_empty() || now.len() != self.times.len();
        self.saved.extend(changed);
        self.times = now;
        any
    }

    /// When each was saved.
    pub(super) fn saved(&self) -> &BTreeMap<PathBuf, Saved> {
        &self.saved
    }
}

/// What cannot be read has nothing in it.
fn content(folder: &Path, file: &Path) -> Vec<u8> {
    std::fs::read(folder.join(file)).unwrap_or_default()
}

fn saved(time: SystemTime, seen: bool) -> Saved {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Saved {
        at: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        seen,
    }
}

/// What cannot be looked at is no manifest that could be applied.
fn times(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(data) = entry.metadata() else { continue };
            if data.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml")
                && let Ok(time) = data.modified()
                && let Ok(file) = path.strip_prefix(folder)
            {
                found.insert(file.to_owned(), time);
            }
            if found.len() >= MOST {
                return found;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_saved_is_seen_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("b")).unwrap();
        for file in ["a.yaml", "b/b.yml", "api-url.txt"] {
            std::fs::write(path(file), "").unwrap();
        }
        let mut files = Files::new(folder.path());
        assert!(!files.look());
        std::fs::write(path("api-url.txt"), "other").unwrap();
        let old = SystemTime::UNIX_EPOCH;
        let touched = std::fs::File::options()
            .write(true)
            .open(path("b/b.yml"))
            .unwrap();
        touched.set_modified(old).unwrap();
        assert!(files.look());
        assert!(
            files.saved().values().all(|saved| !saved.seen),
            "its content is the same"
        );
        std::fs::write(path("b/b.yml"), "other").unwrap();
        touched
            .set_modified(old + std::time::Duration::from_secs(1))
            .unwrap();
        assert!(files.look());
        assert!(!files.look());
        let seen: Vec<_> = files.saved().iter().filter(|(_, saved)| saved.seen).collect();
        assert_eq!(seen, [(&PathBuf::from("b/b.yml"), &Saved { at: 1, seen: true })]);
    }
}
