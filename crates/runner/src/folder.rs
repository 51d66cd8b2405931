//! The folder of a run: a copy of the manifests, and the files that its commands have to find.

use std::{
    ffi::OsStr,
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::{Error, Result, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use kube::config::Kubeconfig;
use tempfile::TempDir;

use super::{Settings, environment, shell::Shell};

/// curl's settings, in place of a learner's own: no progress bar, which would be drawn where nobody sees it; no proxy;
/// and no waiting forever.
const CURLRC: &str = "silent\nshow-error\nnoproxy = \"*\"\nconnect-timeout = 10\nmax-time = 20\n";
/// Held by the owner of a folder.
const LOCK: &str = "lock";

/// A folder that only its user may enter. It outlives a run that was killed, and the next run removes it.
pub(super) struct Folder {
    inner: TempDir,
    _owned: File,
}

impl Folder {
    /// Makes a folder below `runs` and removes those whose runs were killed.
    pub(super) fn claim(runs: &Path) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(runs)?;
        // One run at a time makes and removes folders, so none is removed before its owner has locked it.
        let gate = lock_file(runs)?;
        gate.lock()?;
        for entry in std::fs::read_dir(runs)? {
            let folder = entry?.path();
            if folder.is_dir() && lock_file(&folder)?.try_lock().is_ok() {
                std::fs::remove_dir_all(folder)?;
            }
        }
        let inner = tempfile::Builder::new()
            .prefix("run-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(runs)?;
        let owned = lock_file(inner.path())?;
        owned.lock()?;
        Ok(Self { inner, _owned: owned })
    }

    /// Fills the folder, and gives the shell whose commands run in it.
    pub(super) fn prepare(&self, settings: &Settings, kubeconfig: &Kubeconfig) -> Result<Shell> {
        let folder = self.inner.path();
        let commands = folder.join("k8s");
        copy(&settings.clone.join("k8s"), &commands, is_note)?;
        let charts = settings.clone.join("helm");
        if charts.is_dir() {
            copy(&charts, &folder.join("helm"), |_| false)?;
        }
        std::fs::write(folder.join(".curlrc"), CURLRC)?;
        let file = folder.join("kubeconfig");
        // JSON is YAML.
        let content = serde_json::to_vec(&only_current(kubeconfig))?;
        private(true).open(file)?.write_all(&content)?;
        Ok(Shell {
            folder: commands,
            environment: environment::of_commands(settings, folder),
        })
    }
}

/// The current context with its cluster and its user: commands need no other keys.
fn only_current(kubeconfig: &Kubeconfig) -> Kubeconfig {
    let mut kept = kubeconfig.clone();
    kept.contexts
        .retain(|context| Some(&context.name) == kubeconfig.current_context.as_ref());
    let context = kept.contexts.first().and_then(|named| named.context.clone());
    let is = |wanted: Option<&String>, name: &String| wanted == Some(name);
    kept.clusters
        .retain(|named| is(context.as_ref().map(|context| &context.cluster), &named.name));
    kept.auth_infos.retain(|named| {
        is(
            context.as_ref().and_then(|context| context.user.as_ref()),
            &named.name,
        )
    });
    kept
}

fn lock_file(folder: &Path) -> Result<File> {
    private(false).open(folder.join(LOCK))
}

/// Makes files that only their owner may read, whatever the umask.
fn private(truncate: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(truncate).mode(0o600);
    options
}

/// The first program that commands begin with, or the shell that runs them, which the shell would not find.
pub(super) fn missing_program<'a>(
    commands: impl Iterator<Item = &'a String>,
    shell: &Shell,
) -> Option<String> {
    let path = shell.environment.get(OsStr::new("PATH"));
    std::iter::once("bash".to_owned())
        .chain(commands.filter_map(|command| guide::first_program(command)))
        .find(|program| which::which_in(program, path, &shell.folder).is_err())
}

/// Copies a folder, links as links. Files that `left` says a learner's own commands left there are passed over.
fn copy(from: &Path, to: &Path, left: fn(&Path) -> bool) -> Result<()> {
    std::fs::create_dir(to)?;
    let named = |error: Error| Error::new(error.kind(), format!("{}: {error}", from.display()));
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

#[cfg(test)]
mod tests {
    use std::{
        path::PathBuf,
        process::{Command, Output},
    };

    use super::*;

    const SECRET: &str = "of-the-named-context";
    const OTHER: &str = "of-another-context";
    /// Tells the test's second process where to leave a folder behind.
    const RUNS: &str = "LAB_TEST_RUNS";

    /// A kubeconfig with two contexts.
    fn kubeconfig() -> Kubeconfig {
        let named = |name: &str, kind: &str, inner: serde_json::Value| serde_json::json!({ "name": name, kind: inner });
        let all = |kind: &str, inner: fn(&str) -> serde_json::Value| {
            [SECRET, OTHER].map(|name| named(name, kind, inner(name)))
        };
        serde_json::from_value(serde_json::json!({
            "clusters": all("cluster", |_| serde_json::json!({ "server": "https://127.0.0.1:1" })),
            "users": all("user", |name| serde_json::json!({ "token": format!("token-{name}") })),
            "contexts": all("context", |name| serde_json::json!({ "cluster": name, "user": name })),
            "current-context": SECRET,
        }))
        .unwrap()
    }

    fn prepare(runs: &Path) -> Folder {
        let settings = crate::tests::settings(kubeconfig());
        let folder = Folder::claim(runs).unwrap();
        folder.prepare(&settings, &settings.kubeconfig).unwrap();
        folder
    }

    /// The folders of runs.
    fn folders(runs: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(runs)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    }

    /// Prepares a folder under a umask that protects nothing, in a process that is then killed.
    fn killed(runs: &Path) -> Output {
        Command::new("sh")
            .args(["-c", "umask 000; exec \"$0\" --exact \"$1\""])
            .arg(std::env::current_exe().unwrap())
            .arg("folder::tests::nobody_else_reads_the_kubeconfig_and_nothing_outlasts_the_next_run")
            .env(RUNS, runs)
            .output()
            .unwrap()
    }

    #[test]
    fn programs_are_looked_for_where_and_as_the_shell_does() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("try.sh");
        std::fs::write(&script, "").unwrap();
        std::fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
        let shell = Shell {
            folder: folder.path().into(),
            environment: [("PATH".into(), "/usr/bin:/bin".into())].into(),
        };
        let missing = |command: &str| missing_program([&command.to_owned()].into_iter(), &shell);
        for command in ["./try.sh a", "A=1 _b='x y' ls", "'ls' -l", "A=1", "ls 'it"] {
            assert_eq!(missing(command), None, "{command}");
        }
        assert_eq!(missing("A=1 no-such x"), Some("no-such".into()));
        assert_eq!(missing("./no.sh"), Some("./no.sh".into()));
    }

    #[test]
    fn nobody_else_reads_the_kubeconfig_and_nothing_outlasts_the_next_run() {
        if let Some(runs) = std::env::var_os(RUNS) {
            let _folder = prepare(Path::new(&runs));
            std::process::abort();
        }
        let top = tempfile::tempdir().unwrap();
        std::fs::set_permissions(top.path(), Permissions::from_mode(0o755)).unwrap();
        let runs = top.path().join("cache/runs");
        let output = killed(&runs);
        let [left] = &folders(&runs)[..] else {
            panic!("{output:?}")
        };
        let file = left.join("kubeconfig");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&runs), mode(left), mode(&file)), (0o700, 0o700, 0o600));
        let content = std::fs::read_to_string(&file).unwrap();
        assert!(
            content.contains(&format!("token-{SECRET}")) && !content.contains(OTHER),
            "{content}"
        );
        if rustix::process::geteuid().is_root() {
            let stranger = ["--reuid=65534", "--regid=65534", "--clear-groups", "cat"];
            let stolen = Command::new("setpriv")
                .args(stranger)
                .arg(&file)
                .output()
                .unwrap();
            assert!(stolen.stdout.is_empty() && !stolen.status.success(), "{stolen:?}");
        }

        let next = prepare(&runs);
        assert!(!left.exists(), "the killed run's folder is still there");
        let later = prepare(&runs);
        assert_eq!(folders(&runs).len(), 2, "a run that lives lost its folder");
        drop((next, later));
        assert_eq!(folders(&runs), Vec::<PathBuf>::new());
    }
}
