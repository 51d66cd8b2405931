//! The images, built both ways from the one Dockerfile, each looked at and run. Needs root, buildah and mmdebstrap.
//!
//! The second way compiles everything in a build on a base image made of Debian packages: five minutes the first time,
//! under two afterwards. What it keeps for that is under `target/tmp`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use lab::progress::Progress;
use object::{Endianness, elf, read::elf::ElfFile64};
use serde_json::{Value, json};

const IMAGES: [&str; 4] = ["numbers-api", "pi-web", "memory-allocator", "pause"];
const LARGEST: u64 = 6_000_000;
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

/// Everything that an image of ours promises. Gives the program in it.
fn examine(name: &str, archive: &Path) -> Vec<u8> {
    let bytes = fs::metadata(archive).unwrap().len();
    assert!(
        bytes <= LARGEST,
        "the image of {name} has {bytes} bytes, more than {LARGEST}"
    );

    let image = Image::read(archive);
    let config = &image.config["config"];
    let (user, group) = config["User"].as_str().unwrap().split_once(':').unwrap();
    for id in [user, group] {
        let id: u32 = id
            .parse()
            .unwrap_or_else(|_| panic!("{name}: {id:?} is a name, not a number"));
        assert_ne!(id, 0, "{name} runs as root");
    }
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
    program
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
    assert_eq!(images.len(), IMAGES.len());
    for image in &images {
        let name = IMAGES
            .iter()
            .find(|name| image.name.ends_with(&format!("/{name}:{VERSION}")))
            .unwrap();
        examine(name, &image.archive);
    }
}

#[test]
fn entirely_inside_the_build() {
    if left_out("images built entirely inside the build") {
        return;
    }
    let folder = kept("inside");
    let base = base(&folder);
    for name in IMAGES {
        let archive = folder.join(format!("{name}.tar"));
        let _ = fs::remove_file(&archive);
        succeed(
            buildah(&folder)
                .args(["bud", "--quiet", "--isolation", "chroot", "--pull=never"])
                .args(["--platform", &format!("linux/{}", architecture())])
                .arg(format!("--build-arg=RUST_IMAGE={base}"))
                .args(["--file", "docker/Dockerfile", "--target", name])
                .arg(format!(
                    "--tag=docker-archive:{}:localhost/lab/{name}:{VERSION}",
                    archive.display()
                ))
                .arg("."),
        );
        examine(name, &archive);
    }
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

/// The stand-in for the official Rust image, made when there is none yet for this toolchain.
fn base(folder: &Path) -> String {
    let toolchain = succeed(Command::new("rustc").arg("--version"));
    let name = format!(
        "localhost/lab/rust:{}",
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
        fs::write(&containerfile, "FROM scratch\nADD rust.tar /\n").unwrap();
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
