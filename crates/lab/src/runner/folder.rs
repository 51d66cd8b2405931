//! The folder of a run: a copy of the manifests, and what commands there have to find.

use std::{collections::BTreeMap, ffi::OsString, path::Path};

use kube::config::Kubeconfig;
use tempfile::TempDir;

use super::{Settings, shell::Shell};
use crate::guide::Exercise;

/// curl's settings, in place of a learner's own: no bar of progress, which is drawn where nobody sees it; no proxy; and
/// no waiting for ever.
const CURLRC: &str = "silent\nshow-error\nnoproxy = \"*\"\nconnect-timeout = 10\nmax-time = 20\n";

/// Makes it, with a shell in it. It is removed when the first of the two goes.
pub(super) fn prepare(settings: &Settings, kubeconfig: &Kubeconfig) -> std::io::Result<(TempDir, Shell)> {
    // Nobody but the user may enter it, so the kubeconfig needs no further protection.
    let folder = tempfile::Builder::new().prefix("self-healing-lab-").tempdir()?;
    let commands = folder.path().join("k8s");
    copy(&settings.clone.join("k8s"), &commands, is_note)?;
    let charts = settings.clone.join("helm");
    if charts.is_dir() {
        copy(&charts, &folder.path().join("helm"), |_| false)?;
    }
    std::fs::write(folder.path().join(".curlrc"), CURLRC)?;
    let kubeconfig_file = folder.path().join("kubeconfig");
    // JSON is YAML.
    std::fs::write(&kubeconfig_file, serde_json::to_vec(kubeconfig)?)?;
    let mut environment = BTreeMap::from([
        ("PATH", path(settings)),
        ("KUBECONFIG", kubeconfig_file.into_os_string()),
        ("CURL_HOME", folder.path().as_os_str().to_owned()),
    ]);
    if let Some(embedded) = &settings.embedded {
        environment.extend(["NO_PROXY", "no_proxy"].map(|name| (name, embedded.network.clone().into())));
        environment.insert("KUBECACHEDIR", embedded.discovery.clone().into());
    }
    Ok((
        folder,
        Shell {
            folder: commands,
            environment,
        },
    ))
}

/// The programs that an exercise calls, with the shell that calls them.
pub(super) fn programs(exercise: &Exercise) -> Vec<String> {
    let mut programs = vec!["bash".to_owned()];
    for command in exercise.commands() {
        if let Some(program) = command.split_whitespace().next()
            && !programs.iter().any(|known| known == program)
        {
            programs.push(program.to_owned());
        }
    }
    programs
}

/// The PATH for commands: the person's own, then the embedded cluster's programs.
fn path(settings: &Settings) -> OsString {
    let own = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&own).chain(settings.embedded.iter().map(|embedded| embedded.programs.clone()));
    // Only a folder with a colon in its name cannot be joined, and the person's own cannot have one.
    std::env::join_paths(folders).unwrap_or(own)
}

/// Copies a folder, links as links. Files that `left` says a learner's own commands left there are passed over.
fn copy(from: &Path, to: &Path, left: fn(&Path) -> bool) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    let named =
        |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", from.display()));
    for entry in std::fs::read_dir(from).map_err(named)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&source, &target, left)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(&source)?, target)?;
        } else if kind.is_file() && !left(&source) {
            std::fs::copy(source, target)?;
        }
    }
    Ok(())
}

/// The guide's commands write their notes, such as addresses, into text files.
fn is_note(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "txt")
}
