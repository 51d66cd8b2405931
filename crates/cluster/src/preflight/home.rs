//! The person's home folder, in which the builds are kept.

use std::{
    env,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{DEFAULT_NETWORK, Layout, Problem};

/// The home folder that the environment names.
fn home() -> Option<PathBuf> {
    env::var_os("HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
}

/// Whether the builds would be kept in a home folder that is not there: root could make it, and nobody would look for it.
pub(crate) fn homeless(layout: &Layout) -> Option<Problem> {
    let home = home()?;
    (layout.cache.starts_with(&home) && !home.exists()).then(|| Problem {
        what: format!("your home folder, {}, is not there", home.display()),
        cure: "Set HOME, or XDG_CACHE_HOME, to a folder that is: builds are kept in it.".into(),
    })
}

/// Whether root is at work in somebody else's home, as with `sudo -E`.
pub(super) fn somebody_elses() -> Option<Problem> {
    let home = home()?;
    let owner = fs::metadata(&home).ok().map(|home: Metadata| home.uid())?;
    of_another(&home, owner, rustix::process::geteuid().as_raw())
}

fn of_another(home: &Path, owner: u32, user: u32) -> Option<Problem> {
    (owner != user).then(|| Problem {
        what: format!(
            "your home folder, {}, belongs to the user with the number {owner}, who will not be able to change what is \
             built in it",
            home.display()
        ),
        cure: "To keep it out of there, set HOME to root's (`sudo -H`).".into(),
    })
}

/// Whether the cluster keeps its builds elsewhere than a new one would.
pub(super) fn moved_cache(layout: &Layout) -> Option<Problem> {
    let saved = layout.saved()?;
    let new = Layout::new(&layout.name, DEFAULT_NETWORK).ok()?;
    moved(&saved, &new)
}

fn moved(saved: &Layout, new: &Layout) -> Option<Problem> {
    (saved.cache != new.cache).then(|| Problem {
        what: format!(
            "the cluster {:?} keeps its builds in {}, where it found them when it was made, and not in {}",
            saved.name,
            saved.cache.display(),
            new.cache.display()
        ),
        cure: format!(
            "To use the new place, first `{}`; `{}` then builds there.",
            saved.command("down"),
            saved.command("up")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_of_another_and_a_cache_that_was_moved_are_named() {
        assert!(of_another(Path::new("/root"), 0, 0).is_none());
        let problem = of_another(Path::new("/home/ann"), 1000, 0).expect("it is Ann's");
        assert!(problem.what.contains("/home/ann, belongs to"), "{problem:?}");
        let saved = Layout::new("other", DEFAULT_NETWORK).expect("a layout");
        let mut new = saved.clone();
        assert!(moved(&saved, &new).is_none());
        new.cache = "/mnt/large/self-healing-lab".into();
        let problem = moved(&saved, &new).expect("it was moved");
        assert!(
            problem.what.ends_with("not in /mnt/large/self-healing-lab"),
            "{problem:?}"
        );
        assert!(problem.cure.contains("`lab --name other down`"), "{problem:?}");
    }

    #[test]
    fn builds_are_kept_in_no_home_that_is_not_there() {
        let mut layout = Layout::new("lab", DEFAULT_NETWORK).expect("a layout");
        // Tests cannot change the environment; whatever the home is, this is not in it.
        layout.cache = "/nowhere/.cache/self-healing-lab".into();
        assert!(homeless(&layout).is_none());
    }
}
