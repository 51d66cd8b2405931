//! `lab up --context` as somebody types it who has Docker and no root's rights: the images are built by the real Docker, loaded
//! by the real kind, and it is the cluster's kubelet that says what is there. kind's node is a container with its labels, in
//! which `ctr` reaches the containerd of the cluster's node.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::PathBuf,
    process::{Command, Output},
};

use crate::{
    docker::{Docker, GROUP, checkout, succeed},
    programs::{layout, printed, program, text},
};

const CONTEXT: &str = "kind-course";
const CLUSTER: &str = "course";
const NODE: &str = "course-control-plane";
/// Names of this test's own, so that the cluster's other tests keep their images.
const REGISTRY: &str = "localhost/course";
/// `nobody`.
const USER: u32 = 65534;

/// Somebody with a clone, a home and a kubeconfig of their own.
struct Person {
    docker: Docker,
    clone: PathBuf,
    home: PathBuf,
}

impl Person {
    fn new() -> Self {
        let docker = Docker::start();
        docker.make_base();
        let (clone, home) = (
            docker.folder.path().join("a clone, \"one\""),
            docker.folder.path().join("home"),
        );
        for folder in [&clone, &home] {
            fs::create_dir(folder).unwrap();
        }
        let files = "tar --create --directory \"$1\" Cargo.toml Cargo.lock crates docker k8s helm guide \
                     | tar --extract --directory \"$2\"";
        succeed(
            Command::new("sh")
                .args(["-c", files, "sh"])
                .args([&checkout(), &clone]),
        );
        fs::copy(env!("CARGO_BIN_EXE_lab"), docker.folder.path().join("bin/lab")).unwrap();

        let kubeconfig = home.join("kubeconfig");
        let flat = printed(
            &program("kubectl")
                .args(["config", "view", "--raw", "--flatten"])
                .output()
                .unwrap(),
        );
        fs::write(&kubeconfig, flat).unwrap();
        fs::set_permissions(&kubeconfig, fs::Permissions::from_mode(0o600)).unwrap();
        let rename = ["config", "rename-context", &layout().name, CONTEXT];
        printed(
            &program("kubectl")
                .args(rename)
                .env("KUBECONFIG", &kubeconfig)
                .output()
                .unwrap(),
        );
        for owned in [&clone, &home, &docker.folder.path().join("config")] {
            let owner = format!("{USER}:{USER}");
            succeed(Command::new("chown").args(["--recursive", &owner]).arg(owned));
        }
        let person = Self { docker, clone, home };
        succeed(&mut person.lab(&["registry", REGISTRY]));
        person
    }

    fn lab(&self, arguments: &[&str]) -> Command {
        let mut lab = Command::new("/usr/bin/setpriv");
        lab.arg(format!("--reuid={USER}"))
            .arg(format!("--regid={USER}"))
            .arg(format!("--groups={GROUP}"))
            .arg(self.docker.folder.path().join("bin/lab"))
            .args(arguments)
            .env_clear()
            .envs(self.docker.environment())
            .env("HOME", &self.home)
            .env("XDG_CACHE_HOME", self.home.join("one: \"cache\""))
            .env("KUBECONFIG", self.home.join("kubeconfig"))
            .env("NO_PROXY", layout().network.to_string())
            .current_dir(&self.clone);
        lab
    }

    fn up(&self) -> Output {
        self.lab(&["up", "--context", CONTEXT]).output().unwrap()
    }

    /// What it says that it has loaded; none if it found all images there.
    fn loaded(&self) -> Vec<String> {
        let said = printed(&self.up());
        let line = said
            .lines()
            .find_map(|line| line.strip_prefix("loaded, and now on the nodes: "));
        let names: Vec<_> = line
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let there = said.contains("the nodes have the images as they are built here");
        assert_eq!(names.is_empty(), there, "{said}");
        names
    }

    /// The id of an image that Docker has, without its algorithm.
    fn id(&self, image: &str) -> String {
        let id = succeed(
            &mut self
                .docker
                .command(&["image", "inspect", "--format={{.Id}}", image]),
        );
        id.trim().strip_prefix("sha256:").unwrap().to_owned()
    }
}

/// containerd's own client, at the node of the cluster.
fn ctr(arguments: &[&str]) -> String {
    let mut ctr = Command::new("ctr");
    ctr.arg("--address").arg(layout().state.join("containerd.sock"));
    succeed(ctr.args(["--namespace", "k8s.io", "images"]).args(arguments))
}

/// The digest that a name stands for on the node.
fn digest(image: &str) -> Option<String> {
    let all = ctr(&["list"]);
    let mut lines = all
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines
        .find(|words| words[0] == image)
        .map(|words| words[2].to_owned())
}

/// Makes kind and `lab` take the cluster's node for one of kind's.
fn pretend_kind(docker: &Docker) {
    let patch = format!(r#"{{"spec":{{"providerID":"kind://docker/{CLUSTER}/{NODE}"}}}}"#);
    let node = layout().name;
    printed(
        &program("kubectl")
            .args(["patch", "node", &node, "--patch", &patch])
            .output()
            .unwrap(),
    );
    let _ = docker.command(&["rm", "--force", NODE]).output().unwrap();
    // kind asks it for the kind of snapshots.
    let settings = docker.folder.path().join("containerd.toml");
    fs::write(&settings, "version = 2\n").unwrap();
    let settings = format!("{}:/etc/containerd/config.toml:ro", settings.display());
    let socket = format!("{}:/run/containerd", layout().state.display());
    let labels = [
        format!("io.x-k8s.kind.cluster={CLUSTER}"),
        "io.x-k8s.kind.role=control-plane".to_owned(),
    ];
    let mut run = docker.command(&[
        "run",
        "--detach",
        "--privileged",
        "--stop-signal=KILL",
        "--network=none",
        "--name",
        NODE,
    ]);
    for label in &labels {
        run.args(["--label", label]);
    }
    for program in ["ctr", "containerd"] {
        run.arg(format!("--volume=/usr/bin/{program}:/usr/bin/{program}:ro"));
    }
    succeed(run.args([
        "--volume",
        &settings,
        "--volume",
        &socket,
        &docker.base(),
        "sleep",
        "infinity",
    ]));
}

#[test]
#[ignore = "needs a cluster"]
fn somebody_with_docker_alone_gets_what_was_built_onto_the_nodes_of_kind() {
    let person = Person::new();
    pretend_kind(&person.docker);
    let mut images = lab::images::names(&person.clone).unwrap();
    images.sort();
    let named = |name: &str| images.iter().find(|image| image.contains(name)).unwrap();
    for image in &images {
        if digest(image).is_some() {
            ctr(&["remove", image]);
        }
    }
    let as_built = || {
        for image in &images {
            let content = format!("{image}-{}", &person.id(image)[..16]);
            assert!(
                digest(image).is_some() && digest(image) == digest(&content),
                "{image} {content}"
            );
        }
    };

    assert_eq!(person.loaded(), images);
    as_built();
    assert!(person.loaded().is_empty());

    // Another image under a name is not the image, though the name is there.
    let (numbers, pi) = (named("/numbers-api:"), named("/pi-web:"));
    ctr(&["tag", "--force", pi, numbers]);
    assert_eq!(person.loaded(), [numbers.as_str()]);
    as_built();

    // As after a `git pull`.
    let source = person.clone.join("crates/numbers-api/src/routes.rs");
    let changed = fs::read_to_string(&source)
        .unwrap()
        .replace("Unhealthy!", "Unwell!");
    fs::write(&source, changed).unwrap();
    chown(&source, Some(USER), Some(USER)).unwrap();
    let before = digest(numbers);
    assert_eq!(person.loaded(), [numbers.as_str()]);
    assert_ne!(digest(numbers), before);
    as_built();

    // Without anything to build with, names are all that can be looked at.
    let only = person.docker.folder.path().join("only");
    fs::create_dir(&only).unwrap();
    symlink(person.docker.folder.path().join("bin/kind"), only.join("kind")).unwrap();
    let without = || {
        person
            .lab(&["up", "--context", CONTEXT])
            .env("PATH", &only)
            .output()
            .unwrap()
    };
    let said = printed(&without());
    assert!(
        said.contains("whether they are of this clone's programs is not known"),
        "{said}"
    );
    ctr(&["remove", numbers]);
    let refused = without();
    let said = text(&refused.stderr);
    assert!(!refused.status.success(), "{said}");
    for part in [
        "lacks localhost/course/numbers-api",
        "neither with Docker (`docker` is not",
        "nor with buildah (root's",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_trials_are_gone();
}

fn assert_trials_are_gone() {
    let namespaces = [
        "get",
        "namespaces",
        "--output=name",
        "--field-selector=status.phase=Active",
    ];
    let namespaces = printed(&program("kubectl").args(namespaces).output().unwrap());
    assert!(!namespaces.contains("lab-probe-"), "{namespaces}");
}
