//! The Debian packages with the programs and files that the cluster needs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Problem, error::quoted};

/// The packages, each with its programs.
const PACKAGES: [(&str, &[&str]); 10] = [
    ("containerd", &["containerd", "ctr"]),
    ("runc", &["runc"]),
    ("iptables", &["iptables"]),
    ("conntrack", &["conntrack"]),
    ("iproute2", &["ip"]),
    ("tini", &["tini"]),
    ("util-linux", &["nsenter", "unshare", "setpriv", "setsid"]),
    ("buildah", &["buildah"]),
    ("mmdebstrap", &["mmdebstrap"]),
    ("curl", &["curl"]),
];

/// Where distributions put the CNI plugins.
const CNI_FOLDERS: [&str; 3] = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const CNI_PACKAGE: &str = "containernetworking-plugins";

/// The keys of Debian's archive, from which mmdebstrap takes the database. It finds those that apt trusts by itself, as
/// Debian's does, and otherwise this file, if gpg is there to read it (mmdebstrap(1), `--keyring`).
const KEYRINGS: [&str; 2] = [
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
];
const TRUSTED_KEYRINGS: &str = "/etc/apt/trusted.gpg.d";
const KEYRING_PACKAGE: &str = "debian-archive-keyring";

/// A package that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Its name in Debian.
    package: &'static str,
    /// A file of it that was looked for, without its folder.
    file: &'static str,
}

/// The folder of the CNI plugins, if they are installed.
pub(crate) fn cni_plugins() -> Option<PathBuf> {
    let mut folders = CNI_FOLDERS.into_iter().map(PathBuf::from);
    folders.find(|folder| folder.join("ptp").exists())
}

/// The names of the Debian packages that are missing.
#[must_use]
pub fn missing_packages() -> Vec<&'static str> {
    missing().into_iter().map(|missing| missing.package).collect()
}

/// The packages that are missing.
pub(crate) fn missing() -> Vec<Missing> {
    let first_absent = |(package, programs): (&'static str, &'static [&'static str])| {
        let file = programs
            .iter()
            .find(|program| programs::find(program).is_none())?;
        Some(Missing { package, file })
    };
    let mut missing: Vec<_> = PACKAGES.into_iter().filter_map(first_absent).collect();
    if cni_plugins().is_none() {
        missing.push(Missing {
            package: CNI_PACKAGE,
            file: "ptp",
        });
    }
    missing.extend(missing_keys(
        apt_trusts_debian(),
        KEYRINGS.iter().any(|file| Path::new(file).exists()),
        programs::find("gpg").is_some(),
    ));
    missing
}

/// Whether apt trusts Debian's archive without being told its keys.
fn apt_trusts_debian() -> bool {
    let files = fs::read_dir(TRUSTED_KEYRINGS).into_iter().flatten().flatten();
    let mut names = files.map(|file| file.file_name());
    names.any(|name| name.to_string_lossy().starts_with("debian-archive-"))
}

fn missing_keys(apt_has_them: bool, file_is_there: bool, has_gpg: bool) -> Vec<Missing> {
    let keyring = Missing {
        package: KEYRING_PACKAGE,
        file: "debian-archive-keyring.gpg",
    };
    let gpg = Missing {
        package: "gpg",
        file: "gpg",
    };
    let needs = [(keyring, file_is_there), (gpg, has_gpg)];
    let absent = needs.into_iter().filter(|(_, there)| !apt_has_them && !there);
    absent.map(|(missing, _)| missing).collect()
}

/// What is not installed, with the way to install it here.
#[must_use]
pub fn not_installed() -> Option<Problem> {
    problem(&missing())
}

/// Whether the PATH leads past the programs that each system has. What else it does not find may well be installed.
pub(crate) fn pathless() -> Option<Problem> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    programs::find("sh").is_none().then(|| Problem {
        what: format!(
            "the PATH, {}, has none of the folders with the system's programs, such as sh",
            quoted(&path.to_string_lossy())
        ),
        cure: "Add them: export PATH=\"$PATH:/usr/local/bin:/usr/bin:/bin\"".into(),
    })
}

pub(crate) fn problem(missing: &[Missing]) -> Option<Problem> {
    let files: Vec<_> = missing.iter().map(|missing| missing.file).collect();
    let about = ["/etc/os-release", "/usr/lib/os-release"];
    let about = about.iter().find_map(|file| fs::read_to_string(file).ok());
    (!missing.is_empty()).then(|| Problem {
        what: format!("these are not installed: {}", files.join(" ")),
        cure: if programs::find("apt-get").is_some() {
            let packages: Vec<_> = missing.iter().map(|missing| missing.package).collect();
            let packages = packages.join(" ");
            format!(
                "apt-get install --no-install-recommends {packages}   (or add --install: `lab up --install`)"
            )
        } else {
            elsewhere(missing, &about.unwrap_or_default())
        },
    })
}

/// The cure on another distribution than Debian's family, by what its `os-release` says (os-release(5)).
fn elsewhere(missing: &[Missing], about: &str) -> String {
    let value = |key: &str| {
        let of_key = |line: &str| line.strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
        let value = about.lines().find_map(of_key).unwrap_or_default();
        value.trim_matches(['"', '\'']).to_owned()
    };
    let families = format!("{} {}", value("ID"), value("ID_LIKE"));
    let is_of = |family: &str| families.split_whitespace().any(|word| word.starts_with(family));
    let looking = [
        ("fedora", "dnf provides"),
        ("rhel", "dnf provides"),
        ("suse", "zypper search --file-list"),
        ("opensuse", "zypper search --file-list"),
        ("arch", "pacman -F"),
    ];
    let looking = looking.into_iter().find(|(family, _)| is_of(family));
    let packages: Vec<_> = missing.iter().map(|missing| missing.package).collect();
    let packages = packages.join(" ");
    let install = match looking {
        Some((family, search)) => {
            let files: Vec<_> = missing
                .iter()
                .map(|missing| match family {
                    "arch" => missing.file.to_owned(),
                    _ => format!("'*/{}'", missing.file),
                })
                .collect();
            format!(
                "Debian's packages are {packages}; `{search} {}` finds out what they are called here.",
                files.join(" ")
            )
        }
        None => format!("Debian's packages are {packages}; install what has the same here."),
    };
    let name = value("PRETTY_NAME");
    let name = if name.is_empty() {
        "this distribution"
    } else {
        &name
    };
    format!("{install} What {name} has no package of, a machine with Debian or Ubuntu has.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_keys_are_needed_where_apt_does_not_have_them() {
        let names = |keys: [bool; 3]| -> Vec<_> {
            let missing = missing_keys(keys[0], keys[1], keys[2]);
            missing.into_iter().map(|missing| missing.package).collect()
        };
        assert!(names([true, false, false]).is_empty());
        assert!(names([false, true, true]).is_empty());
        assert_eq!(names([false, false, true]), [KEYRING_PACKAGE]);
        assert_eq!(names([false, false, false]), [KEYRING_PACKAGE, "gpg"]);
    }

    #[test]
    fn other_distributions_have_their_own_way() {
        let missing = [Missing {
            package: "conntrack",
            file: "conntrack",
        }];
        let fedora = "ID=fedora\nPRETTY_NAME=\"Fedora Linux 41 (Workstation Edition)\"\n";
        assert_eq!(
            elsewhere(&missing, fedora),
            "Debian's packages are conntrack; `dnf provides '*/conntrack'` finds out what they are called here. \
             What Fedora Linux 41 (Workstation Edition) has no package of, a machine with Debian or Ubuntu has."
        );
        for (about, way) in [
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                "`dnf provides '*/",
            ),
            (
                "ID=opensuse-leap\nID_LIKE='suse opensuse'\n",
                "`zypper search --file-list '*/",
            ),
            ("ID=endeavouros\nID_LIKE=arch\n", "`pacman -F conntrack`"),
            ("ID=void\n", "install what has the same here"),
            ("", "What this distribution has no package of"),
        ] {
            let cure = elsewhere(&missing, about);
            assert!(cure.contains(way), "{cure}");
        }
    }
}
