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
    says(
        &output,
        &[
            "you are not root",
            "sudo env PATH=\"$PATH\"",
            "lab up --context NAME",
        ],
    );
}

/// A folder with all programs on the PATH but these.
fn programs_without(absent: &[&str]) -> tempfile::TempDir {
    let programs = tempfile::tempdir().unwrap();
    let path = std::env::var("PATH").unwrap();
    for program in path
        .split(':')
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten())
    {
        let program = program.unwrap();
        if !absent.contains(&program.file_name().to_str().unwrap()) {
            // The first of a name is the one that counts.
            let _ = symlink(program.path(), programs.path().join(program.file_name()));
        }
    }
    programs
}

#[test]
#[ignore = "needs root and a cluster"]
fn without_go_or_a_program_there_is_a_list_of_what_to_install() {
    let (cache, programs) = (tempfile::tempdir().unwrap(), programs_without(&["go", "tini"]));
    let path = format!("export PATH={}", programs.path().display());
    let output = after(&path, cache.path(), "no-go", &["up"]);
    says(
        &output,
        &[
            "there is no Go on the PATH",
            "these are not installed: tini",
            "apt-get install --no-install-recommends tini",
        ],
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_shell_that_allows_too_little_is_blamed_and_nothing_else() {
    let cache = tempfile::tempdir().unwrap();
    for (line, expected) in [
        ("ulimit -n 64", "RLIMIT_NOFILE"),
        ("ulimit -f 10", "RLIMIT_FSIZE"),
        ("export PATH=/nonexistent", "export PATH="),
    ] {
        let output = after(line, cache.path(), "shell", &["doctor"]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            said.contains(expected) && said.matches("missing: ").count() == 1,
            "{said}"
        );
    }
}

#[test]
#[ignore = "needs root and a cluster"]
fn programs_of_the_system_are_found_where_su_does_not_look() {
    let cache = tempfile::tempdir().unwrap();
    let output = after(
        "export PATH=/usr/local/bin:/usr/bin:/bin",
        cache.path(),
        "su",
        &["doctor"],
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("there is no Go on the PATH"), "{said}");
    assert!(
        !said.contains("not installed") && !said.contains("iptables"),
        "{said}"
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn on_another_distribution_its_own_way_to_packages_is_named() {
    let (cache, programs) = (
        tempfile::tempdir().unwrap(),
        programs_without(&["apt-get", "tini"]),
    );
    let about = programs.path().join("os-release");
    fs::write(&about, "ID=fedora\nPRETTY_NAME=\"Fedora Linux 41\"\n").unwrap();
    // The lab looks into the system's folders too, which have no tini.
    let lines = format!(
        "export PATH={}\nmount --bind {} /etc/os-release",
        programs.path().display(),
        about.display()
    );
    for arguments in [&["up"][..], &["up", "--install"]] {
        let output = after(&lines, cache.path(), "fedora", arguments);
        let cure = "Debian's packages are tini; `dnf provides '*/tini'`";
        says(
            &output,
            &["these are not installed: tini", cure, "Fedora Linux 41"],
        );
    }
}

#[test]
#[ignore = "needs root and a cluster"]
fn without_debians_keys_their_package_is_named() {
    let cache = tempfile::tempdir().unwrap();
    // As on Ubuntu.
    let lines =
        "for folder in /usr/share/keyrings /etc/apt/trusted.gpg.d; do mount -t tmpfs none $folder; done";
    let output = after(lines, cache.path(), "no-keys", &["up"]);
    says(
        &output,
        &[
            "these are not installed: debian-archive-keyring.gpg",
            "apt-get install --no-install-recommends debian-archive-keyring",
        ],
    );
}

#[test]
#[ignore = "needs root and a cluster"]
fn builds_that_could_not_be_run_are_not_begun() {
    let cache = tempfile::tempdir().unwrap();
    let folder = cache.path().display();
    let lines = format!("mount -t tmpfs -o noexec tmpfs {folder}");
    let output = after(&lines, cache.path(), "noexec", &["up"]);
    says(
        &output,
        &[
            "no program can be written and run where builds are kept",
            "Permission denied",
            "XDG_CACHE_HOME",
        ],
    );
    let lines = format!("mount -t tmpfs -o ro tmpfs {folder}");
    let output = after(&lines, cache.path(), "read-only", &["up"]);
    says(&output, &["XDG_CACHE_HOME", "Read-only file system"]);
    let lines = "unset XDG_CACHE_HOME; export HOME=/nonexistent/home";
    let output = after(lines, cache.path(), "homeless", &["up"]);
    says(&output, &["your home folder, /nonexistent/home, is not there"]);
    assert!(!Path::new("/nonexistent").exists());
}

#[test]
#[ignore = "needs root and a cluster"]
fn a_file_system_that_containerd_refuses_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let disk = cache.path().join("disk");
    let lines = format!(
        "truncate --size=64M {disk}; mkfs.ext4 -q -O ^filetype {disk}; mount -o loop {disk} /var/lib/self-healing-lab",
        disk = disk.display()
    );
    let output = after(&lines, cache.path(), "no-types", &["up"]);
    says(&output, &["does not keep the types of files in its folders"]);
}

#[test]
#[ignore = "needs root and a cluster"]
fn too_few_watched_files_are_a_line_for_sysctl() {
    let cache = tempfile::tempdir().unwrap();
    for (setting, name) in [("instances", "few-inst"), ("watches", "few-watch")] {
        // The limits of a user namespace are its own.
        let lines = format!(
            "set -- unshare --user --map-root-user sh -c 'echo 16 >/proc/sys/user/max_inotify_{setting}; exec \"$@\"' sh \"$@\""
        );
        let output = after(&lines, cache.path(), name, &["doctor"]);
        let said = String::from_utf8_lossy(&output.stdout);
        let cure = format!("sysctl -w fs.inotify.max_user_{setting}=");
        assert!(
            said.contains("the kernel lets root watch too few files"),
            "{said}"
        );
        assert!(said.contains(&cure), "no {cure} in {said}");
    }
}

#[test]
#[ignore = "needs root and a cluster"]
fn names_that_are_answered_from_the_range_are_noticed() {
    let cache = tempfile::tempdir().unwrap();
    let hosts = cache.path().join("hosts");
    fs::write(&hosts, "10.214.3.4 example.org\n").unwrap();
    let lines = format!("mount --bind {} /etc/hosts", hosts.display());
    let arguments = ["--network", "10.214.0.0/16", "up"];
    let output = after(&lines, cache.path(), "fake-ip", &arguments);
    says(
        &output,
        &[
            "addresses of the range 10.214.0.0/16 here (example.org is 10.214.3.4)",
            "up --network 10.213.0.0/16",
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
    let lines = "set -- unshare --net sh -ec 'ip link set lo up; ip address add 10.215.0.1/17 dev lo; exec \"$@\"' sh \"$@\"";
    let output = after(
        lines,
        cache.path(),
        "in-use",
        &["--network", "10.215.0.0/16", "up"],
    );
    says(
        &output,
        &["the range 10.215.0.0/16 is in use", "local 10.215.0.0/17"],
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
