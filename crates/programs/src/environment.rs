//! The environment of the programs that the lab calls. Nothing of the person's gets there but what is named here: the
//! variables that change what a program does are more than anybody can list (each manual has some, and each release new
//! ones), those that it needs are few.

use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use rustix::fs::Mode;

/// How far a program has to reach. It gets the variables for that, a PATH and a locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// This machine.
    Machine,
    /// Registries of packages as well: the proxy on the way there, and the certificates of the company that has it.
    Registries,
    /// Whatever the person has set up besides, such as a cluster or a container engine: credentials' plugins and agents.
    Person,
}

/// Who the person is, for programs that keep something in the home folder or are wrappers of another that is there, as
/// rustup's are of the toolchains in its own.
const PERSON: [&str; 4] = ["HOME", "LOGNAME", "RUSTUP_HOME", "USER"];
const REGISTRIES: [&str; 10] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];
const SET_UP: [&str; 5] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
];
/// What the names of such variables begin with: those of clouds' credential plugins, of container engines and of clusters
/// in containers.
const SET_UP_FAMILIES: [&str; 10] = [
    "AWS_",
    "AZURE_",
    "BUILDX_",
    "CLOUDSDK_",
    "DOCKER_",
    "GOOGLE_",
    "KIND_",
    "KUBELOGIN_",
    "MINIKUBE_",
    "PODMAN_",
];
/// Where the programs of administrators are. `su` without `-` keeps a user's PATH, which lacks them.
const ADMINISTRATORS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/// The PATH where the person has none.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The locale that each system has, and in which bash has nothing to complain of.
const LOCALE: &str = if cfg!(target_os = "macos") {
    "en_US.UTF-8"
} else {
    "C.UTF-8"
};

/// The whole environment of a program that reaches so far.
#[must_use]
pub fn environment(reach: Reach) -> BTreeMap<OsString, OsString> {
    made_of(
        env::vars_os().filter(|(name, value)| is_usable(name, value)),
        reach,
    )
}

/// Whether a program could do with a variable what it would. A home folder that is not there is one that it would make.
fn is_usable(name: &OsStr, value: &OsStr) -> bool {
    let folder = Path::new(value);
    name != "HOME" || (folder.is_absolute() && folder.is_dir())
}

fn made_of(
    theirs: impl IntoIterator<Item = (OsString, OsString)>,
    reach: Reach,
) -> BTreeMap<OsString, OsString> {
    // Set and empty means the same as not set, for most programs; the others get the same here.
    let mut theirs: BTreeMap<_, _> = theirs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let path = path(theirs.remove(OsStr::new("PATH")).as_deref());
    theirs.retain(|name, _| {
        name.to_str()
            .and_then(needed_by)
            .is_some_and(|needs| needs <= reach)
    });
    theirs.extend([("PATH".into(), path), ("LC_ALL".into(), LOCALE.into())]);
    theirs
}

/// How far a program reaches that needs this variable.
fn needed_by(name: &str) -> Option<Reach> {
    if PERSON.contains(&name) || REGISTRIES.contains(&name) {
        Some(Reach::Registries)
    } else if SET_UP.contains(&name) || SET_UP_FAMILIES.iter().any(|family| name.starts_with(family)) {
        Some(Reach::Person)
    } else {
        None
    }
}

/// The person's PATH, or the usual one where it is empty or not set, without folders that depend on where somebody is, and with those of administrators.
fn path(theirs: Option<&OsStr>) -> OsString {
    let theirs = theirs.filter(|theirs| !theirs.is_empty());
    let theirs = theirs.unwrap_or(OsStr::new(USUAL_PATH));
    let mut folders: Vec<_> = env::split_paths(theirs)
        .filter(|folder| folder.is_absolute())
        .collect();
    for folder in ADMINISTRATORS.map(PathBuf::from) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    // What was split at colons has none.
    env::join_paths(folders).unwrap_or_else(|_| USUAL_PATH.into())
}

/// Where a program is that is called by its name, as [`crate::command`] would find it.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let path = path(env::var_os("PATH").as_deref());
    which::which_in_global(program, Some(path)).ok()?.next()
}

/// Makes new files readable for others, and writable for their owner alone, in this process and in those that it starts.
/// A stricter mask of the person's would get into images and packages; what is private here has its modes set.
pub fn set_umask() {
    rustix::process::umask(Mode::WGRP | Mode::WOTH);
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// Variables that the manuals of these programs name, and some that no manual has, each with nonsense.
    const THEIRS: [&str; 60] = [
        "APT_CONFIG",
        "AWS_PROFILE",
        "BASH_ENV",
        "BASH_FUNC_kubectl%%",
        "BASHOPTS",
        "BUILDAH_FORMAT",
        "CARGO_BUILD_TARGET",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_PROFILE_IMAGE_LTO",
        "CC",
        "CDPATH",
        "CFLAGS",
        "COLUMNS",
        "CONTAINERS_CONF",
        "CURL_HOME",
        "DOCKER_HOST",
        "DPKG_ROOT",
        "ENV",
        "GIT_DIR",
        "GLOBIGNORE",
        "GOENV",
        "GOEXPERIMENT",
        "GOFLAGS",
        "GOOS",
        "GOTOOLCHAIN",
        "HELM_DRIVER",
        "HELM_KUBECONTEXT",
        "HELM_NAMESPACE",
        "HOME",
        "HTTPS_PROXY",
        "IFS",
        "KUBECONFIG",
        "KUBECTL_EXTERNAL_DIFF",
        "KUBERC",
        "LANG",
        "LC_ALL",
        "LC_MESSAGES",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "LIBRARY_PATH",
        "NO_COLOR",
        "POSIXLY_CORRECT",
        "PS4",
        "PYTHONPATH",
        "REGISTRY",
        "REGISTRY_AUTH_FILE",
        "RUSTC_WRAPPER",
        "RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
        "SHELLOPTS",
        "SOURCE_DATE_EPOCH",
        "SSH_AUTH_SOCK",
        "STORAGE_DRIVER",
        "TAR_OPTIONS",
        "TERM",
        "TMPDIR",
        "VERSION",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "http_proxy",
    ];

    fn passed_on(reach: Reach) -> Vec<String> {
        let theirs = THEIRS.map(|name| (name.into(), "nonsense".into()));
        let made = made_of(theirs, reach);
        assert_eq!(made[OsStr::new("LC_ALL")], LOCALE);
        made.into_iter()
            .filter(|(_, value)| value == "nonsense")
            .filter_map(|(name, _)| name.into_string().ok())
            .collect()
    }

    #[test]
    fn a_program_gets_what_it_needs_and_nothing_else() {
        assert_eq!(passed_on(Reach::Machine), [""; 0]);
        assert_eq!(
            passed_on(Reach::Registries),
            ["HOME", "HTTPS_PROXY", "http_proxy"]
        );
        assert_eq!(
            passed_on(Reach::Person),
            [
                "AWS_PROFILE",
                "DOCKER_HOST",
                "HOME",
                "HTTPS_PROXY",
                "SSH_AUTH_SOCK",
                "XDG_DATA_HOME",
                "http_proxy"
            ]
        );
    }

    #[test]
    fn what_is_set_and_empty_is_not_set() {
        let theirs = ["HOME", "https_proxy", "PATH"].map(|name| (name.into(), OsString::new()));
        let made = made_of(theirs, Reach::Person);
        assert_eq!(made.len(), 2, "{made:?}");
        assert!(
            made[OsStr::new("PATH")]
                .to_str()
                .is_some_and(|path| path.starts_with(USUAL_PATH))
        );
    }

    #[test]
    fn a_home_that_is_not_there_is_not_passed_on() {
        let folder = tempfile::tempdir().unwrap();
        let (home, absent) = (OsStr::new("HOME"), folder.path().join("absent"));
        assert!(is_usable(home, folder.path().as_os_str()));
        assert!(is_usable(OsStr::new("HTTPS_PROXY"), OsStr::new("proxy.example")));
        for none in [absent.as_os_str(), OsStr::new("."), OsStr::new("")] {
            assert!(!is_usable(home, none), "{none:?}");
        }
    }

    #[test]
    fn administrators_programs_are_found_and_none_that_depends_on_the_folder() {
        for (theirs, expected) in [
            (
                Some(""),
                "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            ),
            (
                Some("/home/me/bin:/usr/bin"),
                "/home/me/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/sbin",
            ),
            (
                Some(".:bin::/usr/sbin:/bin"),
                "/usr/sbin:/bin:/usr/local/sbin:/sbin",
            ),
            (
                None,
                "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            ),
        ] {
            assert_eq!(path(theirs.map(OsStr::new)), expected);
        }
    }

    #[test]
    fn a_program_is_called_with_it() {
        // Through a second process, as the environment of this one is all tests'.
        let own = env::current_exe().unwrap();
        if env::var_os("TEST_OF_ENVIRONMENT").is_some() {
            let mut printed = crate::command("env", [""; 0]);
            let printed = printed.as_std_mut().stdout(Stdio::piped()).output().unwrap();
            print!("{}", String::from_utf8(printed.stdout).unwrap());
            return;
        }
        let output = Command::new(own)
            .args([
                "--exact",
                "environment::tests::a_program_is_called_with_it",
                "--nocapture",
            ])
            .env("TEST_OF_ENVIRONMENT", "1")
            .envs(THEIRS.map(|name| (name, "nonsense")))
            .env("PATH", "/usr/bin:/bin")
            .env_remove("LD_PRELOAD")
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(
            printed.contains("\nLC_ALL=") && printed.contains("PATH=/usr/bin:/bin:"),
            "{printed}"
        );
        assert!(!printed.contains("nonsense"), "{printed}");
    }
}
