//! The Debian packages with the programs that the cluster calls.

use std::path::PathBuf;

use crate::Problem;

/// The packages, each with its programs.
const PACKAGES: [(&str, &[&str]); 10] = [
    ("containerd", &["containerd", "ctr"]),
    ("runc", &["runc"]),
    ("iptables", &["iptables"]),
    ("conntrack", &["conntrack"]),
    ("iproute2", &["ip"]),
    ("tini", &["tini"]),
    ("util-linux", &["nsenter", "unshare", "setpriv"]),
    ("buildah", &["buildah"]),
    ("mmdebstrap", &["mmdebstrap"]),
    ("curl", &["curl"]),
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
    let is_absent = |program: &&str| programs::find(program).is_none();
    let absent = PACKAGES
        .iter()
        .filter(|(_, programs)| programs.iter().any(is_absent));
    let mut packages: Vec<_> = absent.map(|(package, _)| *package).collect();
    if cni_plugins().is_none() {
        packages.push(CNI_PACKAGE);
    }
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
