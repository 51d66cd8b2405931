//! The database's image.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{contents::small, docker::succeed};

const LARGEST_DATABASE: u64 = 90_000_000;

/// A database server in a folder that has what its image has. It is killed when it goes out of scope.
struct Server(Child);

impl Server {
    fn start(root: &Path, wait: &str) -> Self {
        // With a port of its own: others have one that is called the same, at the same time.
        let child = Command::new("unshare")
            .args(["--net", "chroot", "--userspec=999:999", "--groups="])
            .arg(root)
            .args(["/bin/todo-db"])
            .env_clear()
            .envs([("PATH", "/bin:/usr/sbin:/usr/bin"), ("LOCK_SECONDS", wait)])
            .env("POSTGRES_PASSWORD", "it's \\ a 'secret'")
            .stderr(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    /// Reads its log until it says this, or ends.
    fn says(&mut self, expected: &str) -> bool {
        let log = BufReader::new(self.0.stderr.as_mut().unwrap());
        let mut lines = log.lines().map(Result::unwrap);
        lines.any(|line| {
            eprintln!("{line}");
            line.contains(expected)
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the database's image promises: one server for one folder, whatever happens. Gives the server's version.
pub(super) fn database(archive: &Path) -> String {
    let image = small("todo-db", archive, LARGEST_DATABASE);
    let config = &image.config["config"];
    assert_eq!(config["StopSignal"], "SIGINT");
    assert_eq!(config["Entrypoint"], json!(["/bin/todo-db"]));
    let root = tempfile::tempdir().unwrap();
    for layer in &image.layers {
        let mut layer = tar::Archive::new(&layer[..]);
        layer.set_preserve_ownerships(true);
        layer.set_preserve_permissions(true);
        layer.unpack(root.path()).unwrap();
    }
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(root.path().join("dev")).unwrap();
    // The folder of the test, not of the image: the umask may be strict here.
    fs::set_permissions(root.path().join("dev"), fs::Permissions::from_mode(0o755)).unwrap();
    succeed(
        Command::new("mknod")
            .args(["--mode=666"])
            .arg(root.path().join("dev/null"))
            .args(["c", "1", "3"]),
    );
    // What a server that was killed while it made its data left there.
    let data = root.path().join("var/lib/postgresql/data");
    fs::create_dir(data.join("new")).unwrap();
    fs::write(data.join("new/PG_VERSION"), "15\n").unwrap();
    std::os::unix::fs::chown(data.join("new"), Some(999), Some(999)).unwrap();

    let psql = |statement: &str, host: &str| {
        Command::new("chroot")
            .args(["--userspec=999:999", "--groups="])
            .arg(root.path())
            .args(["/bin/psql", "--no-align", "--tuples-only", "--host", host])
            .args(["--username=todo", "--dbname=todo", "--command", statement])
            .env("PGPASSWORD", "it's \\ a 'secret'")
            .output()
            .unwrap()
    };
    const SOCKET: &str = "/var/lib/postgresql/data";
    let mut first = Server::start(root.path(), "0");
    assert!(first.says("ready to accept connections"), "it did not start");
    let made = psql("CREATE TABLE kept AS SELECT 1 AS one", SOCKET);
    assert!(made.status.success(), "{made:?}");

    // Whatever somebody tidies away: the lock is no file.
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    let mut second = Server::start(root.path(), "0");
    assert!(second.says("another server still uses this data"));
    assert!(!second.0.wait().unwrap().success());
    assert!(psql("SELECT one FROM kept", SOCKET).status.success());

    // Little to read again, so that a server is back before a probe loses patience, however much was written.
    let much = "CREATE TABLE much AS SELECT repeat('x', 1000) FROM generate_series(1, 200000)";
    assert!(psql(much, SOCKET).status.success());
    let unread = "SELECT pg_current_wal_lsn() - redo_lsn FROM pg_control_checkpoint()";
    let unread = psql(unread, SOCKET).stdout;
    let unread: u64 = str::from_utf8(&unread).unwrap().trim().parse().unwrap();
    assert!(unread < 100_000_000, "{unread} bytes to read after a crash");

    // A third one waits, and takes over when the first has gone, even by SIGKILL: with the data, and without a human's help.
    let mut third = Server::start(root.path(), "60");
    assert!(third.says("another server uses this data"));
    drop(first);
    assert!(third.says("ready to accept connections"), "it did not take over");
    let kept = psql("SELECT one FROM kept", SOCKET);
    assert_eq!(kept.stdout, b"1\n", "{kept:?}");

    kill_process(Pid::from_child(&third.0), Signal::INT).unwrap();
    assert!(third.0.wait().unwrap().success(), "SIGINT does not stop it");
    succeed(
        Command::new("chroot")
            .arg(root.path())
            .args(["/bin/postgres", "--version"]),
    )
}
