//! What a person has set changes nothing that is proven.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use testkit::hostile;

use crate::{
    exercises::{EXERCISES, root},
    programs::printed,
};

/// The last commit as it is cloned by somebody whose git writes the line ends of Windows, in a folder that has to be quoted.
fn clone(folder: &Path) -> PathBuf {
    let clone = folder.join("it's a \"clone\", 공간");
    let mut git = Command::new("git");
    git.args(["-c", "core.autocrlf=true", "clone", "--quiet"])
        .arg(root())
        .arg(&clone);
    printed(&git.output().unwrap());
    clone
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn exercises_are_seen_whatever_the_person_has_set() {
    let _not_beside_all = EXERCISES.read().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let clone = clone(&folder);
    let start = |exercise: &str| {
        let home = folder.join(format!("home of {exercise}"));
        let lab = Path::new(env!("CARGO_BIN_EXE_lab"));
        let mut command = hostile(lab, &home);
        let command = command
            .args(["run", exercise, "--output", "json"])
            .current_dir(&clone);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    for run in ["12.1", "12.3"].map(start) {
        let output = tokio::task::spawn_blocking(move || run.wait_with_output())
            .await
            .unwrap()
            .unwrap();
        printed(&output);
    }
    // Nothing was written where others look for nothing of ours.
    let kept = folder.join("home of 12.1/.kube/cache");
    assert!(!kept.exists(), "kubectl used the person's home folder");
}
