//! The programs that the cluster calls, and the Debian packages that have them.

use std::path::PathBuf;

use crate::Problem;

const PROGRAMS: [(&str, &str); 13] = [
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("ip", "iproute2"),
    ("tini", "tini"),
    ("nsenter", "util-linux"),
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
    ("buildah", "buildah"),
    ("mmdebstrap", "mmdebstrap"),
    ("curl", "curl"),
];

/// Where distributions put the CNI plugins.
const CNI_FOLDERS: [&str; 3] = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const CNI_PACKAGE: &str = "containernetworking-plugins";

/// The folder of the CNI plugins, if they are installed.
pub(crate) fn cni_plugins() -> Option<PathBuf> {
    let mut folders = CNI_FOLDERS.into_iter().map(PathBuf::from);
    folders.find(|folder| folder.join("ptp").exists())
}

/// The Debian packages that are missing.
#[must_use]
pub fn missing_packages() -> Vec<&'static str> {
    let absent = PROGRAMS
        .iter()
        .filter(|(program, _)| which::which(program).is_err());
    let mut packages: Vec<_> = absent.map(|(_, package)| *package).collect();
    if cni_plugins().is_none() {
        packages.push(CNI_PACKAGE);
    }
    packages.dedup();
    packages
}

pub(crate) fn problem(missing: &[&str]) -> Option<Problem> {
    let missing = missing.join(" ");
    (!missing.is_empty()).then(|| Problem {
        what: format!("these programs are not installed: {missing}"),
        cure: format!(
            "apt-get install --no-install-recommends {missing}   (or add --install: `lab up --install`)"
        ),
    })
}
