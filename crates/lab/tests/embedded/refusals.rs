//! Where a machine lacks something, `lab up` says what, and the cure, before it changes anything.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

/// Calls the lab for a cluster that is never made, after a shell's lines, in a mount namespace of its own.
fn after(lines: &str, cache: &Path, name: &str, arguments: &[&str]) -> Output {
    let script = format!("{lines}\nexec \"$@\"");
    let output = Command::new("unshare")
        .args(["--mount", "bash", "-ec", &script, "bash"])
        .arg(env!("CARGO_BIN_EXE_lab"))
        .args(["--name", name])
        .args(arguments)
        .env_remove("LAB_NETWORK")
        .env("XDG_CACHE_HOME", cache)
        .output()
        .unwrap();
    // A lock is all that the lab leaves of a cluster that it has not made.
    let _ = fs::remove_file(format!("/run/self-healing-lab-{name}.lock"));
    assert!(!Path::new("/var/lib/self-healing-lab").join(name).exists());
    output
}

#[track_caller]
fn says(output: &Output, expected: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{output:?}");
    for part in expected {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_person_who_is_not_root_is_told_so() {
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_lab"))
        .args(["--name", "not-root", "up"])
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    says(&output, &["you are not root", "sudo -i", "lab up --context NAME"]);
}

#[test]
#[ignore = "needs root and a cluster"]
fn without_go_or_a_program_there_is_a_list_of_what_to_install() {
    let (cache, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = std::env::var("PATH").unwrap();
    for program in path
        .split(':')
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten())
    {
        let program = program.unwrap();
        if program.file_name() != "go" && program.file_name() != "tini" {
            // The first of a name is the one that counts.
            let _ = symlink(program.path(), programs.path().join(program.file_name()));
        }
    }
    let path = format!("export PATH={}", programs.path().display());
    let output = after(&path, cache.path(), "no-go", &["up"]);
    says(
        &output,
        &[
            "there is no Go on the PATH",
            "these programs are not installed: tini",
            "apt-get install --no-install-recommends tini",
        ],
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_disk_that_is_nearly_full_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let small = format!("mount -t tmpfs -o size=64m tmpfs {}", cache.path().display());
    let output = after(&small, cache.path(), "full", &["up"]);
    says(&output, &["MiB of disk left and needs 6144", "XDG_CACHE_HOME"]);
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_range_of_addresses_that_is_in_use_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let output = after("", cache.path(), "in-use", &["--network", "127.0.0.0/16", "up"]);
    says(
        &output,
        &["the range 127.0.0.0/16 is in use", "local 127.0.0.0/8"],
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn where_no_file_system_can_be_laid_over_another_that_is_said() {
    let cache = tempfile::tempdir().unwrap();
    // The same as a kernel without it: no such file system can be mounted.
    let programs = tempfile::tempdir().unwrap();
    let mount = programs.path().join("mount");
    fs::write(
        &mount,
        "#!/bin/sh\necho 'unknown filesystem type overlay' >&2\nexit 32\n",
    )
    .unwrap();
    fs::set_permissions(&mount, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("export PATH={}:$PATH", programs.path().display());
    let output = after(&path, cache.path(), "no-overlay", &["doctor"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains(
            "there can be no overlayfs where images are unpacked (unknown filesystem type overlay)"
        ),
        "{said}"
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_trial_of_the_machine_that_is_interrupted_leaves_no_folder() {
    let programs = tempfile::tempdir().unwrap();
    let (mount, folder) = (programs.path().join("mount"), programs.path().join("folder"));
    // As Ctrl-C does: all of the group gets the signal, at a moment when the trial has its folder.
    let script = format!("#!/bin/sh\npwd >{}\nkill -INT 0\nexit 1\n", folder.display());
    fs::write(&mount, script).unwrap();
    fs::set_permissions(&mount, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new("setsid")
        .args([
            "--wait",
            env!("CARGO_BIN_EXE_lab"),
            "--name",
            "interrupted",
            "doctor",
        ])
        .env_remove("LAB_NETWORK")
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(!output.status.success(), "it was not interrupted: {output:?}");
    let folder = fs::read_to_string(&folder).unwrap();
    super::wait_for("the end of the trial", || {
        (!Path::new(folder.trim()).exists()).then_some(())
    });
}

#[test]
#[ignore = "needs root and a cluster"]
fn the_supervisor_refuses_to_be_called_by_hand() {
    let output = Command::new(env!("CARGO_BIN_EXE_lab"))
        .arg("supervise")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("not for a person to call"),
        "{said}"
    );
}
