//! The way that needs nothing but Docker and two base images: everything happens inside the build.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use testkit::{DEADLINE, eventually};

use super::{
    VERSION,
    docker::{Docker, checkout, packages, succeed},
};

/// In the daemon's network, where 127.0.0.1 needs no certificate.
const REGISTRY: &str = "127.0.0.1:5000/lab";

/// A registry, which ends when this goes out of scope.
struct Registry(Child);

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The images that the bake file makes, without the registry.
fn baked() -> Vec<String> {
    let names = lab::images::names(&checkout()).unwrap();
    let shorts = names.iter().filter_map(|name| name.rsplit('/').next());
    shorts.map(str::to_owned).collect()
}

/// Builds all images inside of Docker's build, as docker/README.md says, and gives their names and archives.
pub(super) fn build(folder: &Path) -> Vec<(String, PathBuf)> {
    let docker = Docker::start();
    docker.make_base();
    let bake = |registry: &str, to: &str| {
        let mut command = docker.command(&["buildx", "bake", "--file", "docker/docker-bake.hcl", to]);
        succeed(command.env("REGISTRY", registry).current_dir(checkout()))
    };
    bake("localhost/lab", "--load");
    // The bake file leaves this one out: other clusters than the embedded one have their own.
    let base = format!("--build-arg=RUST_IMAGE={}", docker.base());
    let pause = format!("--tag=localhost/lab/pause:{VERSION}");
    let mut single = docker.command(&["buildx", "build", &base, "--target=pause", &pause, "--load"]);
    succeed(
        single
            .args(["--file", "docker/Dockerfile", "."])
            .current_dir(checkout()),
    );

    let save = |short: &str| {
        let (archive, image) = (
            folder.join(format!("{short}.tar")),
            format!("localhost/lab/{short}"),
        );
        succeed(&mut docker.command(&["image", "save", "--output", archive.to_str().unwrap(), &image]));
        archive
    };
    pushed_images_are_pulled(&docker, || bake(REGISTRY, "--push"));
    let mut shorts = baked();
    shorts.push(format!("pause:{VERSION}"));
    let archives = shorts.into_iter().map(|short| {
        let archive = save(&short);
        (short, archive)
    });
    archives.collect()
}

/// What `bake --push` sends to a registry is what is pulled from there.
fn pushed_images_are_pulled(docker: &Docker, push: impl Fn() -> String) {
    let storage = tempfile::tempdir().unwrap();
    let settings = storage.path().join("settings.yaml");
    let text = format!(
        "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"127.0.0.1:5000\"}}\n",
        storage.path().display()
    );
    fs::write(&settings, text).unwrap();
    let registry = Command::new("setpriv")
        .args(["--pdeathsig", "TERM", "--", "nsenter", "--net", "--target"])
        .arg(docker.daemon.id().to_string())
        .arg(packages().join("usr/bin/docker-registry"))
        .args([Path::new("serve"), &settings])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _registry = Registry(registry.unwrap());
    eventually("the registry answers", DEADLINE, || {
        let image = format!("{REGISTRY}/none");
        let pulled = docker.command(&["pull", &image]).output().unwrap();
        String::from_utf8_lossy(&pulled.stderr).contains("not found")
    });
    push();
    for short in baked() {
        let id = |image: &str| succeed(&mut docker.command(&["image", "inspect", "--format={{.Id}}", image]));
        let (built, pushed) = (format!("localhost/lab/{short}"), format!("{REGISTRY}/{short}"));
        let _ = docker.command(&["image", "rm", &pushed]).output().unwrap();
        succeed(&mut docker.command(&["pull", &pushed]));
        assert_eq!(id(&built), id(&pushed), "{pushed}");
    }
}
