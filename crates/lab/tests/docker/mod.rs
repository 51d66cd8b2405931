//! Docker as Debian has it, with buildx and kind, for the time of a test. Nothing is installed: the packages are unpacked below
//! `target/tmp`, the daemon has a network namespace of its own, and a program of Debian's (slirp4netns) carries what builds
//! download, so that no interface, rule or route of the machine's changes.

use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command},
};

use cluster::{DEFAULT_NETWORK, Layout};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;
use testkit::{DEADLINE, eventually};

const PACKAGES: [&str; 4] = ["docker.io", "docker-registry", "slirp4netns", "libslirp0"];
/// How the stand-in has programs compiled, as cargo takes it from the environment: in a third of the time.
const QUICK: &str =
    "CARGO_PROFILE_IMAGE_LTO=off CARGO_PROFILE_IMAGE_CODEGEN_UNITS=16 CARGO_PROFILE_IMAGE_OPT_LEVEL=0";
/// kind asks for every right that the kernel knows, and some machines' root has all but this one.
const RUNTIME: &str = r#"#!/bin/sh
before=
for argument; do
    case $before in
    --bundle) set -- "$argument/config.json" "$@" ;;
    --process) set -- "$argument" "$@" ;;
    *) set -- "" "$@" ;;
    esac
    before=$argument
    [ -z "$1" ] || sed -i 's/"CAP_SYS_RESOURCE",//g; s/,"CAP_SYS_RESOURCE"//g' "$1"
    shift
done
exec runc "$@"
"#;
/// Where the daemon's containerd would look for plug-ins.
const PLUGINS: &str = "/opt/containerd";
/// The group of those who may use it.
pub(crate) const GROUP: &str = "64997";

/// A Docker daemon, which ends when this goes out of scope.
pub(crate) struct Docker {
    /// What everybody may read: `bin` for the PATH, the daemon's socket, and Docker's settings.
    pub(crate) folder: TempDir,
    pub(crate) daemon: Child,
    network: Child,
    /// Whether containerd makes its folder for plug-ins, which the machine did not have.
    makes_plugins: bool,
    /// Where Docker keeps what it builds, there is one daemon at a time.
    _turn: File,
}

impl Docker {
    pub(crate) fn start() -> Self {
        let kept = kept();
        let turn = File::create(kept.join("turn")).unwrap();
        turn.lock().unwrap();
        unpack();
        let packages = packages();
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["bin", "config/cli-plugins", "run"] {
            fs::create_dir_all(at(path)).unwrap();
        }
        tools(&at("bin"));
        fs::copy(packages.join("usr/bin/docker"), at("bin/docker")).unwrap();
        symlink(at("bin/buildx"), at("config/cli-plugins/docker-buildx")).unwrap();
        fs::write(at("runtime"), RUNTIME).unwrap();
        fs::set_permissions(at("runtime"), fs::Permissions::from_mode(0o755)).unwrap();
        let settings = json!({
            "default-runtime": "less",
            "runtimes": { "less": { "path": at("runtime") } },
            // What one clone needs, and not of all that tests have ever built.
            "builder": { "gc": { "enabled": true, "defaultKeepStorage": "4GB" } },
        });
        fs::write(at("daemon.json"), settings.to_string()).unwrap();
        let log = File::create(at("log")).unwrap();
        let makes_plugins = !Path::new(PLUGINS).exists();

        // Both end with this process, however it ends.
        let tied = ["--pdeathsig", "TERM", "--"];
        let path = std::env::var("PATH").unwrap();
        let daemon = Command::new("setpriv")
            .args(tied)
            .args([
                "nice",
                "--adjustment=19",
                "unshare",
                "--net",
                "--mount",
                "dockerd",
            ])
            .args([Path::new("--config-file"), &at("daemon.json")])
            .args([Path::new("--data-root"), &kept.join("data")])
            .args([Path::new("--exec-root"), &at("run")])
            .args([Path::new("--pidfile"), &at("run/pid")])
            .args(["--group", GROUP, "--host"])
            .arg(format!("unix://{}", at("docker.sock").display()))
            // Addresses of nobody's, and the resolver that slirp4netns offers.
            .args(["--bip", "192.0.2.1/24", "--dns", "10.0.2.3"])
            .args(["--ip6tables=false", "--userland-proxy=false"])
            .env(
                "PATH",
                format!("{0}/usr/sbin:{0}/usr/bin:{path}", packages.display()),
            )
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let own = fs::read_link("/proc/self/ns/net").unwrap();
        let its = format!("/proc/{}/ns/net", daemon.id());
        eventually("the daemon has a network of its own", DEADLINE, || {
            fs::read_link(&its).is_ok_and(|its| its != own)
        });
        let network = Command::new("setpriv")
            .args(tied)
            .arg(packages.join("usr/bin/slirp4netns"))
            .args(["--configure", "--mtu=65520", "--disable-host-loopback"])
            .args([&daemon.id().to_string(), "tap0"])
            .env("LD_LIBRARY_PATH", libraries(&packages))
            .stdout(File::create(at("network")).unwrap())
            .stderr(File::create(at("network")).unwrap())
            .spawn()
            .unwrap();
        let docker = Self {
            folder,
            daemon,
            network,
            makes_plugins,
            _turn: turn,
        };
        eventually("Docker answers", DEADLINE, || {
            docker.command(&["version"]).output().unwrap().status.success()
        });
        docker
    }

    /// The client, for this daemon.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.folder.path().join("bin/docker"));
        command.envs(self.environment()).args(arguments);
        command
    }

    /// What leads to this daemon, and to the stand-ins for the official images.
    pub(crate) fn environment(&self) -> [(&'static str, String); 5] {
        let at = |path: &str| self.folder.path().join(path).display().to_string();
        let path = std::env::var("PATH").unwrap();
        [
            ("PATH", format!("{}:{path}", at("bin"))),
            ("DOCKER_HOST", format!("unix://{}", at("docker.sock"))),
            ("DOCKER_CONFIG", at("config")),
            ("RUST_IMAGE", self.base()),
            ("DEBIAN_IMAGE", self.base()),
        ]
    }

    /// The stand-in's name, which says what is in it.
    pub(crate) fn base(&self) -> String {
        format!(
            "localhost/lab/rust-unoptimised:{}",
            env!("CARGO_PKG_RUST_VERSION")
        )
    }

    /// Makes the stand-in for the official images of Rust and Debian, where it is not kept from an earlier test.
    pub(crate) fn make_base(&self) {
        let known = self
            .command(&["image", "inspect", &self.base()])
            .output()
            .unwrap();
        if known.status.success() {
            return;
        }
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let files = folder.path().join("rust.tar");
        succeed(Command::new(checkout().join("docker/stand-in-base")).arg(&files));
        let (variables, base) = (format!("ENV {QUICK}"), self.base());
        let import = ["import", "--change", &variables, files.to_str().unwrap(), &base];
        succeed(&mut self.command(&import));
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        for child in [&mut self.daemon, &mut self.network] {
            let _ = kill_process(Pid::from_child(child), Signal::TERM);
            let _ = child.wait();
        }
        // The daemon leaves these; they stay where they are in use.
        if self.makes_plugins {
            for folder in ["bin", "lib", ""] {
                let _ = fs::remove_dir(Path::new(PLUGINS).join(folder));
            }
        }
        let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
        let hierarchies = hierarchies.map(|hierarchy| hierarchy.path());
        for hierarchy in hierarchies.chain([PathBuf::from("/sys/fs/cgroup")]) {
            for group in ["docker/buildkit", "docker"] {
                let _ = fs::remove_dir(hierarchy.join(group));
            }
        }
    }
}

/// Runs it to its end, requires success and gives what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// What the next test finds again.
fn kept() -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docker");
    fs::create_dir_all(&kept).unwrap();
    kept
}

/// The unpacked packages.
pub(crate) fn packages() -> PathBuf {
    kept().join("packages")
}

/// Fetches and unpacks the packages that are not there yet.
fn unpack() {
    let packages = packages();
    if !packages.exists() {
        let folder = tempfile::tempdir_in(kept()).unwrap();
        let download = || {
            let mut command = Command::new("apt-get");
            command.arg("download").args(PACKAGES).current_dir(&folder);
            command.output().unwrap().status.success()
        };
        if !download() {
            succeed(Command::new("apt-get").args(["update", "--quiet"]));
            assert!(download(), "apt-get download {PACKAGES:?}");
        }
        let root = folder.path().join("root");
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            succeed(Command::new("dpkg-deb").arg("--extract").args([&file, &root]));
        }
        fs::rename(&root, &packages).unwrap();
    }
}

fn libraries(packages: &Path) -> PathBuf {
    packages.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH))
}

/// Builds kind and buildx into a folder, from their Go modules.
fn tools(folder: &Path) {
    let cache = Layout::new("lab", DEFAULT_NETWORK).unwrap().cache;
    succeed(
        Command::new("go")
            .args(["build", "-gcflags=all=-l -dwarf=false", "-ldflags=-s -w", "-o"])
            .arg(folder)
            .args(["sigs.k8s.io/kind", "github.com/docker/buildx/cmd/buildx"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/docker/tools"))
            .env("CGO_ENABLED", "0")
            .env("GOMODCACHE", cache.join("go/mod"))
            .env("GOCACHE", cache.join("go/build"))
            .env("GOFLAGS", "-modcacherw -mod=readonly -buildvcs=false -trimpath"),
    );
}
