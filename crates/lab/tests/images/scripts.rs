//! The scripts that gather the database's files: what is missing is an error, and an interrupted build leaves nothing.

use std::{fs, path::Path, process::Command};

use super::docker::{checkout, succeed};

/// Runs a script of `docker/todo-db` in a mount namespace of its own, after `before`, in which `$1` is a folder to mount
/// something on; gives what it said when it failed.
fn failing(before: &str, folder: &Path) -> String {
    let script = format!(
        "set -eu\nmkdir -p \"$1/root\"\nmount --bind / \"$1/root\"\n{before}\n\"$2/collect\" \"$1/root\" \"$1/files\""
    );
    let mut shell = Command::new("unshare");
    shell.args(["--mount", "sh", "-c", &script, "sh"]);
    let output = shell
        .args([folder, &checkout().join("docker/todo-db")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    said
}

#[test]
#[ignore = "needs root, and Postgres 15 as Debian installs it"]
fn files_that_are_missing_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = "mount --options remount,bind,noexec \"$1/root\"";
    let said = failing(mounted, folder.path());
    let mount = folder.path().join("root").display().to_string();
    assert!(said.contains(&format!("is {mount} mounted noexec?")), "{said}");

    // As good as gone: there is an empty file in its place.
    let gone = "mount --bind /dev/null \"$1/root/usr/bin/flock\"";
    let said = failing(gone, folder.path());
    assert!(said.contains("cannot tell what /usr/bin/flock"), "{said}");

    // One that no program needs, but initdb.
    let gone = "mount --type tmpfs none \"$1/root/usr/share/zoneinfo\"";
    let said = failing(gone, folder.path());
    assert!(said.contains("zoneinfo/UTC"), "{said}");
}

#[test]
#[ignore = "needs root and mmdebstrap"]
fn a_failed_download_says_why_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (files, work) = (folder.path().join("files"), folder.path().join("files-debian"));
    // What a run that was killed has left.
    fs::create_dir_all(work.join("root/usr")).unwrap();
    let output = Command::new(checkout().join("docker/todo-db/files"))
        .arg("bookworm")
        .arg(&files)
        // Nothing listens there.
        .env("http_proxy", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("E: Failed to fetch") && said.contains("Connection refused"),
        "{said}"
    );
    assert!(said.lines().all(|line| line.starts_with("E: ")), "{said}");
    assert_eq!(succeed(Command::new("ls").arg("-A").arg(folder.path())), "");
}
