//! `lab env`.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use cluster::Layout;

use crate::Exit;

/// Prints lines for a shell to evaluate.
///
/// # Errors
/// The cluster is not running.
pub(crate) async fn run(layout: &Layout) -> anyhow::Result<Exit> {
    cluster::running(layout).await?;
    // A program that was built anew since has no file any more.
    let program = env::current_exe().ok().filter(|program| program.is_file());
    let folders: Vec<PathBuf> = program
        .iter()
        .filter_map(|program| program.parent())
        .map(Path::to_owned)
        .collect();
    for line in lines(layout, &folders, |name| env::var_os(name)) {
        crate::outln!("{line}");
    }
    Ok(Exit::Done)
}

/// The lines, for sh, bash and others that have `export`. The lab's `kubectl` and `helm` and those in `folders` come
/// first on the PATH, however often the lines are evaluated: other versions would print other things than the guide shows.
fn lines(layout: &Layout, folders: &[PathBuf], variable: impl Fn(&str) -> Option<OsString>) -> Vec<String> {
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let first: Vec<_> = [layout.bin()]
        .into_iter()
        .chain(folders.iter().cloned())
        .collect();
    let mut lines = vec![
        format!(
            "export KUBECONFIG={}",
            quote(&layout.kubeconfig().to_string_lossy())
        ),
        format!("export PATH={}", path(&first, variable("PATH").as_deref(), quote)),
    ];
    let has_proxy = ["http_proxy", "https_proxy", "all_proxy"]
        .iter()
        .any(|name| variable(name).is_some() || variable(&name.to_uppercase()).is_some());
    if has_proxy {
        // curl and kubectl would look for the cluster on the other side of the proxy.
        let present = variable("NO_PROXY")
            .or_else(|| variable("no_proxy"))
            .unwrap_or_default();
        let none = quote(&with(&present.to_string_lossy(), &layout.network.to_string()));
        lines.extend(["NO_PROXY", "no_proxy"].map(|name| format!("export {name}={none}")));
    }
    lines
}

/// The PATH with these folders first and nowhere else. One that a line cannot hold is left to the shell.
fn path(first: &[PathBuf], present: Option<&OsStr>, quote: impl Fn(&str) -> String) -> String {
    let others = present.map(|present| env::split_paths(present).collect::<Vec<_>>());
    let others = others
        .into_iter()
        .flatten()
        .filter(|other| !first.contains(other));
    // No folder with a colon in its name can be on a PATH.
    let usable = first
        .iter()
        .filter(|folder| env::join_paths([folder]).is_ok())
        .cloned();
    let all = env::join_paths(usable.clone().chain(others)).ok();
    match all.as_ref().and_then(|all| all.to_str()) {
        Some(all) => quote(all),
        None => {
            let first: Vec<_> = usable
                .map(|folder| folder.to_string_lossy().into_owned())
                .collect();
            format!("{}:\"$PATH\"", quote(&first.join(":")))
        }
    }
}

/// A list with one more entry, unless it is there.
fn with(list: &str, entry: &str) -> String {
    let mut all: Vec<_> = list.split(',').filter(|part| !part.is_empty()).collect();
    if !all.contains(&entry) {
        all.push(entry);
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use std::{os::unix::ffi::OsStrExt, process::Command};

    use super::*;

    fn layout() -> Layout {
        Layout::new("lab", cluster::DEFAULT_NETWORK).unwrap()
    }

    fn printed(variables: &[(&str, &OsStr)]) -> String {
        let folders = ["/clone/it's mine/target/lab".into()];
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        lines(&layout(), &folders, variable).join("\n")
    }

    /// What a shell makes of the lines: the PATH and NO_PROXY.
    fn evaluated(lines: &str, path: &OsStr) -> (OsString, String) {
        let output = Command::new("/bin/sh")
            .args([
                "-c",
                &format!("{lines}\nprintf '%s\\n%s' \"$PATH\" \"$NO_PROXY\""),
            ])
            .env_clear()
            .env("PATH", path)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let (path, proxy) = output
            .stdout
            .split_at(output.stdout.iter().position(|byte| *byte == b'\n').unwrap());
        (
            OsStr::from_bytes(path).into(),
            String::from_utf8(proxy[1..].to_vec()).unwrap(),
        )
    }

    #[test]
    fn the_labs_programs_come_first_however_often() {
        const FIRST: &str = "/var/lib/self-healing-lab/lab/bin:/clone/it's mine/target/lab";
        let (once, _) = evaluated(
            &printed(&[("PATH", "/usr/bin:/bin".as_ref())]),
            "/usr/bin".as_ref(),
        );
        assert_eq!(once, OsStr::new(&format!("{FIRST}:/usr/bin:/bin")));
        let (twice, _) = evaluated(&printed(&[("PATH", &once)]), &once);
        assert_eq!(twice, once);
        let behind = format!("/usr/bin:{FIRST}:/bin");
        let (moved, _) = evaluated(&printed(&[("PATH", behind.as_ref())]), behind.as_ref());
        assert_eq!(moved, once);
    }

    #[test]
    fn a_path_that_is_no_text_is_not_changed() {
        let strange = OsStr::from_bytes(b"/usr/\xff:/bin");
        let (path, _) = evaluated(&printed(&[("PATH", strange)]), strange);
        assert!(
            path.as_bytes().ends_with(b"/target/lab:/usr/\xff:/bin"),
            "{path:?}"
        );
    }

    #[test]
    fn a_proxy_is_kept_out_only_where_there_is_one() {
        assert!(!printed(&[("NO_PROXY", "a".as_ref())]).contains("PROXY"));
        let proxy = ("https_proxy", OsStr::new("http://proxy"));
        let none = |present: &str| {
            let lines = printed(&[proxy, ("no_proxy", present.as_ref())]);
            evaluated(&lines, "/bin".as_ref()).1
        };
        assert_eq!(none(""), "198.18.0.0/16");
        assert_eq!(none("localhost,198.18.0.0/16"), "localhost,198.18.0.0/16");
        assert_eq!(none("localhost"), "localhost,198.18.0.0/16");
    }
}
