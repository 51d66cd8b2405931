//! kwok, built from its Go module.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use cluster::Layout;
use ipnet::Ipv4Net;

use crate::crowd;

const MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/scale/kwok");

/// A kwok that was built.
pub(crate) struct Kwok(PathBuf);

/// A kwok that runs, until it is dropped.
pub(crate) struct Running(Child);

impl Kwok {
    /// Builds it, in the folders in which the cluster was built.
    pub(crate) fn build(layout: &Layout) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kwok");
        fs::create_dir_all(&folder)?;
        let program = folder.join("kwok");
        let built = Command::new("go")
            .args(["build", "-gcflags=all=-l -dwarf=false", "-ldflags=-s -w", "-o"])
            .args([&program, Path::new("sigs.k8s.io/kwok/cmd/kwok")])
            .current_dir(MODULE)
            .env("CGO_ENABLED", "0")
            .env("GOMODCACHE", layout.cache.join("go/mod"))
            .env("GOCACHE", layout.cache.join("go/build"))
            .env("GOFLAGS", "-modcacherw -mod=readonly -buildvcs=false -trimpath")
            .output()
            .context("cannot start go, which kwok is built with")?;
        ensure!(
            built.status.success(),
            "kwok is not built: {}",
            String::from_utf8_lossy(&built.stderr)
        );
        Ok(Self(folder))
    }

    pub(crate) fn start(self, layout: &Layout) -> Result<Running> {
        let log = File::create(self.0.join("log"))?;
        let pods: Ipv4Net = crowd::pods(layout)?;
        let child = Command::new(self.0.join("kwok"))
            .arg(format!("--config={MODULE}/stages.yaml"))
            .arg(format!("--kubeconfig={}", layout.kubeconfig().display()))
            .args([
                format!("--cidr={pods}"),
                format!("--node-ip={}", crowd::address(layout, 0)),
            ])
            .args([
                "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
                "--node-lease-duration-seconds=40",
            ])
            // Neither a proxy nor settings of the person's.
            .env_clear()
            .env("HOME", &self.0)
            // Ctrl-C is for the benchmark, which has pods to remove.
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        Ok(Running(child))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
