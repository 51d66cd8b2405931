//! The environment of the commands of a run: what every program gets that the lab calls, and what leads to the run's own
//! cluster and files.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use programs::{Reach, environment};

use super::Settings;

/// What commands get in `folder`.
pub(super) fn of_commands(settings: &Settings, folder: &Path) -> BTreeMap<OsString, OsString> {
    let mut all = environment(match settings.embedded {
        Some(_) => Reach::Machine,
        None => Reach::Person,
    });
    let mut file = |name: &str, path: PathBuf| all.insert(name.into(), path.into());
    file("KUBECONFIG", folder.join("kubeconfig"));
    // A large heredoc is a file, and not every /tmp may be written to.
    file("TMPDIR", folder.into());
    file("CURL_HOME", folder.into());
    file("HELM_CACHE_HOME", folder.join("helm-cache"));
    file("HELM_CONFIG_HOME", folder.join("helm-config"));
    file("HELM_DATA_HOME", folder.join("helm-data"));
    // Off: a person's preferences can give kubectl's flags other defaults.
    all.insert("KUBERC".into(), "off".into());
    if let Some(embedded) = &settings.embedded {
        // No credentials are in the home folder, so that it need not be there at all.
        all.insert("HOME".into(), folder.into());
        all.insert("KUBECACHEDIR".into(), embedded.discovery.clone().into());
        if let Some(path) = all.get_mut(OsStr::new("PATH")) {
            *path = with(path, &embedded.programs);
        }
    }
    all
}

/// The PATH, with the embedded cluster's programs last: for those who have none of their own.
fn with(path: &OsStr, programs: &Path) -> OsString {
    let folders = std::env::split_paths(path).chain([programs.to_owned()]);
    // Only a folder with a colon in its name cannot be joined.
    std::env::join_paths(folders).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Embedded, tests::settings};

    #[test]
    fn commands_have_their_own_files_and_only_those_for_a_foreign_cluster_a_home_folder() {
        let foreign = settings(kube::config::Kubeconfig::default());
        let embedded = Settings {
            embedded: Some(Embedded {
                programs: "/lab/bin".into(),
                discovery: "/lab/discovery".into(),
            }),
            ..foreign.clone()
        };
        let is = |all: &BTreeMap<OsString, OsString>, name: &str, value: &str| {
            assert_eq!(all.get(OsStr::new(name)), Some(&value.into()), "{name}");
        };
        let of_embedded = of_commands(&embedded, Path::new("/run"));
        is(&of_embedded, "HOME", "/run");
        is(&of_embedded, "KUBECACHEDIR", "/lab/discovery");
        let path = of_embedded[OsStr::new("PATH")].to_str().unwrap();
        assert!(path.ends_with(":/lab/bin"), "{path}");

        let of_foreign = of_commands(&foreign, Path::new("/run"));
        assert_eq!(
            of_foreign.get(OsStr::new("HOME")),
            std::env::var_os("HOME").as_ref()
        );
        for all in [of_embedded, of_foreign] {
            is(&all, "KUBECONFIG", "/run/kubeconfig");
            is(&all, "KUBERC", "off");
            is(&all, "TMPDIR", "/run");
        }
    }
}
