//! The environment of the commands of a run: made for it, so that what a person has set changes nothing that is proven.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::Path,
};

use super::Settings;

/// Who the person is, for programs that ask.
const PERSON: [&str; 3] = ["HOME", "LOGNAME", "USER"];
/// What reaching a cluster that somebody else set up may need beside its kubeconfig: the proxy before it, certificates of
/// the company that has it, and the agents that the credential plugins of clouds ask.
const WAY: [&str; 14] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];
/// The same, for the variables of the large clouds' credential plugins.
const CLOUDS: [&str; 5] = ["AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_", "KUBELOGIN_"];
/// The locale that each system has, and in which bash has nothing to complain of.
const LOCALE: &str = if cfg!(target_os = "macos") {
    "en_US.UTF-8"
} else {
    "C.UTF-8"
};

/// What commands get in `folder` of all that the person has, `theirs`, and nothing else: no `HELM_*`, which could lead to
/// another cluster, no `BASH_ENV`, no exported functions.
pub(super) fn of_commands(
    settings: &Settings,
    folder: &Path,
    theirs: impl IntoIterator<Item = (OsString, OsString)>,
) -> BTreeMap<OsString, OsString> {
    let mut theirs: BTreeMap<_, _> = theirs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let path = path(settings, &theirs.remove(OsStr::new("PATH")).unwrap_or_default());
    let foreign = settings.embedded.is_none();
    theirs.retain(|name, _| {
        let name = name.to_str().unwrap_or_default();
        PERSON.contains(&name)
            || foreign && (WAY.contains(&name) || CLOUDS.iter().any(|prefix| name.starts_with(prefix)))
    });
    let ours = [
        ("PATH", path),
        ("LC_ALL", LOCALE.into()),
        ("KUBECONFIG", folder.join("kubeconfig").into()),
        // Off: a person's preferences can give kubectl's flags other defaults.
        ("KUBERC", "off".into()),
        ("CURL_HOME", folder.into()),
        ("HELM_CACHE_HOME", folder.join("helm-cache").into()),
        ("HELM_CONFIG_HOME", folder.join("helm-config").into()),
        ("HELM_DATA_HOME", folder.join("helm-data").into()),
    ];
    theirs.extend(ours.map(|(name, value)| (name.into(), value)));
    if let Some(embedded) = &settings.embedded {
        theirs.insert("KUBECACHEDIR".into(), embedded.discovery.clone().into());
    }
    theirs
}

/// The PATH for commands: the person's own, then the embedded cluster's programs.
fn path(settings: &Settings, own: &OsStr) -> OsString {
    let programs = settings.embedded.iter().map(|embedded| embedded.programs.clone());
    // Only a folder with a colon in its name cannot be joined, and the person's own cannot have one.
    std::env::join_paths(std::env::split_paths(own).chain(programs)).unwrap_or_else(|_| own.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Embedded, tests::settings};

    /// The names of what commands get of what the person has.
    fn passed_on(embedded: bool) -> Vec<String> {
        let theirs = [
            "PATH",
            "HOME",
            "AWS_PROFILE",
            "HTTPS_PROXY",
            "HELM_KUBECONTEXT",
            "HELM_NAMESPACE",
            "HELM_DRIVER",
            "KUBECONFIG",
            "BASH_ENV",
            "BASH_FUNC_kubectl%%",
            "SHELLOPTS",
            "LC_ALL",
            "COLUMNS",
        ];
        let embedded = embedded.then(|| Embedded {
            programs: "/lab/bin".into(),
            discovery: "/lab/discovery".into(),
        });
        let settings = Settings {
            embedded,
            ..settings(kube::config::Kubeconfig::default())
        };
        let theirs = theirs.map(|name| (name.into(), "theirs".into()));
        let all = of_commands(&settings, Path::new("/run"), theirs);
        let path = if settings.embedded.is_some() {
            "theirs:/lab/bin"
        } else {
            "theirs"
        };
        assert_eq!(all[OsStr::new("PATH")], path);
        all.into_iter()
            .filter(|(name, value)| value == "theirs" && name != "PATH")
            .filter_map(|(name, _)| name.into_string().ok())
            .collect()
    }

    #[test]
    fn nothing_reaches_commands_that_could_lead_elsewhere_or_change_what_they_print() {
        assert_eq!(passed_on(true), ["HOME"]);
        assert_eq!(passed_on(false), ["AWS_PROFILE", "HOME", "HTTPS_PROXY"]);
    }
}
