//! What is in an image.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use object::{Endianness, elf, read::elf::ElfFile64};
use serde_json::{Value, json};

use super::{VERSION, docker::succeed};

/// What is in an image's archive, in the format that `docker save` writes.
pub(super) struct Image {
    pub(super) config: Value,
    pub(super) layers: Vec<Vec<u8>>,
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
pub(super) fn small(name: &str, archive: &Path, largest: u64) -> Image {
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
pub(super) fn examine(name: &str, archive: &Path, largest: u64) {
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
