//! The images, built both ways from the one Dockerfile, each looked at and run. Needs root, buildah and mmdebstrap.
//!
//! The second way does everything in a build on a base image made of Debian packages, which asks for no optimisation: what
//! the images promise but their size depends on nothing of that. What it keeps for the next time is under `target/tmp`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use lab::progress::Progress;
use object::{Endianness, elf, read::elf::ElfFile64};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const IMAGES: [&str; 5] = ["numbers-api", "pi-web", "memory-allocator", "todo-web", "pause"];
const LARGEST: u64 = 6_000_000;
/// Compiled in a third of the time.
const LARGEST_QUICK: u64 = 30_000_000;
/// How the stand-in has programs compiled, as cargo takes it from the environment.
const QUICK: &str =
    "CARGO_PROFILE_IMAGE_LTO=off CARGO_PROFILE_IMAGE_CODEGEN_UNITS=16 CARGO_PROFILE_IMAGE_OPT_LEVEL=0";
const LARGEST_DATABASE: u64 = 90_000_000;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether the person asked for the tests without a cluster, which are those without root too.
fn left_out(test: &str) -> bool {
    let left_out = std::env::var_os("LAB_TEST_WITHOUT_CLUSTER").is_some_and(|value| value == "1");
    if left_out {
        eprintln!("LEFT OUT, because LAB_TEST_WITHOUT_CLUSTER=1: {test}");
    } else {
        assert!(
            rustix::process::geteuid().is_root(),
            "images can only be built and tried as root; LAB_TEST_WITHOUT_CLUSTER=1 leaves this test out"
        );
        for program in ["buildah", "mmdebstrap"] {
            assert!(
                which::which(program).is_ok(),
                "{program} is missing: apt-get install {program}, or LAB_TEST_WITHOUT_CLUSTER=1 to leave this test out"
            );
        }
    }
    left_out
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A folder that later runs find again.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs it to its end, requires success and gives what it printed.
fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// What is in an image's archive, in the format that `docker save` writes.
struct Image {
    config: Value,
    layers: Vec<Vec<u8>>,
}

impl Image {
    fn read(archive: &Path) -> Self {
        let mut files = HashMap::new();
        for entry in tar::Archive::new(File::open(archive).unwrap()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.insert(entry.path().unwrap().to_str().unwrap().to_owned(), bytes);
        }
        let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(
            manifest.as_array().unwrap().len(),
            1,
            "images in {}",
            archive.display()
        );
        let layers = manifest[0]["Layers"].as_array().unwrap();
        Self {
            config: serde_json::from_slice(&files[manifest[0]["Config"].as_str().unwrap()]).unwrap(),
            layers: layers
                .iter()
                .map(|layer| files[layer.as_str().unwrap()].clone())
                .collect(),
        }
    }
}

/// An image that is not too large and does not run as root.
fn small(name: &str, archive: &Path, largest: u64) -> Image {
    let bytes = fs::metadata(archive).unwrap().len();
    assert!(
        bytes <= largest,
        "the image of {name} has {bytes} bytes, more than {largest}"
    );
    let image = Image::read(archive);
    let (user, group) = image.config["config"]["User"]
        .as_str()
        .unwrap()
        .split_once(':')
        .unwrap();
    for id in [user, group] {
        let id: u32 = id
            .parse()
            .unwrap_or_else(|_| panic!("{name}: {id:?} is a name, not a number"));
        assert_ne!(id, 0, "{name} runs as root");
    }
    image
}

/// Everything that an image of ours promises.
fn examine(name: &str, archive: &Path, largest: u64) {
    let image = small(name, archive, largest);
    let config = &image.config["config"];
    assert_eq!(config["Entrypoint"], json!([format!("/{name}")]));
    assert_eq!(image.config["os"], "linux");

    assert_eq!(image.layers.len(), 1, "layers of {name}");
    let root = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for entry in tar::Archive::new(&image.layers[0][..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        files.push((
            entry.path().unwrap().into_owned(),
            entry.header().mode().unwrap() & 0o7777,
        ));
        entry.unpack_in(root.path()).unwrap();
    }
    assert_eq!(
        files,
        [(PathBuf::from(name), 0o755)],
        "files in the image of {name}"
    );

    let program = fs::read(root.path().join(name)).unwrap();
    assert_static(name, &program);
    // pause only waits; it runs in every pod of the embedded cluster.
    if name != "pause" {
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let said = succeed(
            Command::new("chroot")
                .args(["--userspec=65532:65532", "--groups="])
                .arg(root.path())
                .args([&format!("/{name}"), "--version"]),
        );
        assert_eq!(said, format!("{name} {VERSION}\n"));
    }
}

/// A program that needs an interpreter would not start in an image that has none.
fn assert_static(name: &str, program: &[u8]) {
    let elf_file = ElfFile64::<Endianness>::parse(program).unwrap();
    let interpreter = elf_file
        .elf_program_headers()
        .iter()
        .any(|header| header.p_type.get(elf_file.endian()) == elf::PT_INTERP);
    assert!(!interpreter, "{name} is linked dynamically");
}

#[tokio::test]
async fn from_programs_compiled_outside() {
    if left_out("images from programs compiled outside") {
        return;
    }
    let images = lab::images::build(&checkout(), &kept("images"), &Progress::default())
        .await
        .unwrap();
    let (databases, programs): (Vec<_>, Vec<_>) =
        images.iter().partition(|image| image.name.contains("/todo-db:"));
    let versions: Vec<_> = databases.iter().map(|image| database(&image.archive)).collect();
    assert_ne!(versions[0], versions[1], "two images, one version");
    assert_eq!(programs.len(), IMAGES.len());
    for image in &programs {
        let name = IMAGES
            .iter()
            .find(|name| image.name.ends_with(&format!("/{name}:{VERSION}")))
            .unwrap();
        examine(name, &image.archive, LARGEST);
    }
}

/// A database server in a folder that has what its image has. It is killed when it goes out of scope.
struct Server(Child);

impl Server {
    fn start(root: &Path, wait: &str) -> Self {
        let child = Command::new("chroot")
            .args(["--userspec=999:999", "--groups="])
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
        log.lines().any(|line| line.unwrap().contains(expected))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the database's image promises: one server for one folder, whatever happens. Gives the server's version.
fn database(archive: &Path) -> String {
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

#[test]
fn entirely_inside_the_build() {
    if left_out("images built entirely inside the build") {
        return;
    }
    let folder = kept("inside");
    let base = base(&folder);
    for name in IMAGES {
        examine(name, &inside(&folder, &base, name), LARGEST_QUICK);
    }
    database(&inside(&folder, &base, "todo-db"));
}

/// Builds an image on this base, whichever of the two kinds it starts from.
fn inside(folder: &Path, base: &str, name: &str) -> PathBuf {
    let archive = folder.join(format!("{name}.tar"));
    let _ = fs::remove_file(&archive);
    succeed(
        buildah(folder)
            .args(["bud", "--quiet", "--isolation", "chroot", "--pull=never"])
            .args(["--platform", &format!("linux/{}", architecture())])
            .args(["RUST_IMAGE", "DEBIAN_IMAGE"].map(|image| format!("--build-arg={image}={base}")))
            .args(["--file", "docker/Dockerfile", "--target", name])
            .arg(format!(
                "--tag=docker-archive:{}:localhost/lab/{name}:{VERSION}",
                archive.display()
            ))
            .arg("."),
    );
    archive
}

/// buildah with storage of its own, in the top folder of the clone.
fn buildah(folder: &Path) -> Command {
    // Its caches are below TMPDIR.
    let temporary = folder.join("cache");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = Command::new("buildah");
    command
        .arg("--root")
        .arg(folder.join("storage"))
        .arg("--runroot")
        .arg(folder.join("storage-run"))
        .args(["--storage-driver", "vfs"])
        .env("TMPDIR", temporary)
        .current_dir(checkout());
    command
}

/// The stand-in for the official images of Rust and Debian, made when there is none yet for this toolchain.
fn base(folder: &Path) -> String {
    let toolchain = succeed(Command::new("rustc").arg("--version"));
    let name = format!(
        "localhost/lab/rust-unoptimised:{}",
        toolchain.split_whitespace().nth(1).unwrap()
    );
    let known = buildah(folder)
        .args(["inspect", "--type", "image", &name])
        .output()
        .unwrap();
    if !known.status.success() {
        let context = tempfile::tempdir_in(folder).unwrap();
        let files = context.path().join("rust.tar");
        succeed(Command::new(checkout().join("docker/stand-in-base")).arg(&files));
        let containerfile = context.path().join("Dockerfile");
        fs::write(
            &containerfile,
            format!("FROM scratch\nADD rust.tar /\nENV {QUICK}\n"),
        )
        .unwrap();
        succeed(
            buildah(folder)
                .args([
                    "bud",
                    "--quiet",
                    "--isolation",
                    "chroot",
                    "--tag",
                    &name,
                    "--file",
                ])
                .args([&containerfile, context.path()]),
        );
    }
    name
}

/// This machine's architecture, in the words of images.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => panic!("there are no images for {other}"),
    }
}
