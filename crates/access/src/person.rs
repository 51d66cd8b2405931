//! The person's own kubeconfig.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::ErrorKind,
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
};

use kube::config::{Kubeconfig, KubeconfigError};

use crate::{Error, plainly};

/// The longest kubeconfig, in bytes; one with a hundred clusters has some hundred thousand.
const LIMIT: u64 = 16 << 20;

/// The person's kubeconfig, as kubectl would read it: of the files that KUBECONFIG lists, some may be missing.
///
/// # Errors
/// There is none, or one cannot be read.
pub fn person() -> Result<Kubeconfig, Error> {
    let listed = env::var_os("KUBECONFIG").filter(|listed| !listed.is_empty());
    let listed = match (listed, env::home_dir()) {
        (Some(listed), _) => listed,
        (None, Some(home)) => home.join(".kube/config").into(),
        (None, None) => {
            return Err(Error::Kubeconfig(
                "neither KUBECONFIG nor HOME is set; set KUBECONFIG to a file".into(),
            ));
        }
    };
    all(&listed)
}

/// The kubeconfig in a file.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn read(path: &Path) -> Result<Kubeconfig, Error> {
    one(path)?.ok_or_else(|| missing(&[path.into()]))
}

/// The files of a list, merged.
fn all(listed: &OsStr) -> Result<Kubeconfig, Error> {
    let paths: Vec<_> = env::split_paths(listed)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if paths.is_empty() {
        return Err(Error::Kubeconfig(format!(
            "KUBECONFIG is {listed:?}, which lists no file; name one, or unset it for ~/.kube/config"
        )));
    }
    let mut all = None;
    for path in &paths {
        let Some(one) = one(path)? else { continue };
        let merged = all.unwrap_or_else(Kubeconfig::default).merge(one);
        all = Some(merged.map_err(|error| Error::Kubeconfig(format!("{}: {error}", path.display())))?);
    }
    all.ok_or_else(|| missing(&paths))
}

fn missing(paths: &[PathBuf]) -> Error {
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    Error::Kubeconfig(format!("there is no file {}", names.join(" or ")))
}

/// The kubeconfig in a file; none if that is not there.
fn one(path: &Path) -> Result<Option<Kubeconfig>, Error> {
    let about = |reason: &str| Error::Kubeconfig(format!("{}: {reason}", path.display()));
    let data = match fs::metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(about(&error.to_string())),
    };
    let kind = data.file_type();
    if kind.is_dir() {
        return Err(about("it is a folder; name a file in it"));
    }
    // A pipe, as a shell's <(…), may be read; a device may have no end.
    if !kind.is_file() && !kind.is_fifo() {
        return Err(about("it is a device or a socket; name a file"));
    }
    if data.len() > LIMIT {
        return Err(about(&format!(
            "it has {} bytes; allowed: up to {LIMIT}",
            data.len()
        )));
    }
    match Kubeconfig::read_from(path) {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(KubeconfigError::ReadConfig(error, _)) if error.kind() == ErrorKind::InvalidData => {
            Err(about("it is no text in UTF-8; is it a kubeconfig?"))
        }
        Err(KubeconfigError::ReadConfig(error, _)) => Err(about(&error.to_string())),
        // The lines themselves are not shown: they may hold a token, or be no text at all.
        Err(KubeconfigError::Parse(error)) => {
            let reason = error.without_snippet().to_string();
            let reason: String = reason
                .chars()
                .filter(|char| !char.is_control())
                .take(200)
                .collect();
            Err(about(&format!("it is no kubeconfig in YAML: {reason}")))
        }
        Err(error) => Err(about(&plainly(&error))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_that_are_missing_are_passed_over_unless_all_are() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("good");
        fs::write(&good, "current-context: mine\n").unwrap();
        let bad = folder.path().join("bad");
        fs::write(&bad, ": [").unwrap();
        let missing = folder.path().join("missing");
        let read = |paths: &[&Path]| all(&env::join_paths(paths).unwrap());
        for paths in [[&*good, &missing], [&*missing, &good]] {
            assert_eq!(read(&paths).unwrap().current_context.as_deref(), Some("mine"));
        }
        let error = read(&[&missing]).unwrap_err().to_string();
        assert!(
            error.ends_with(&format!("there is no file {}", missing.display())),
            "{error}"
        );
        assert!(read(&[&good, &bad]).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_named_with_the_reason_and_none_of_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let utf_16: Vec<_> = "users: []".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = of("wide", &utf_16);
        let long = folder.path().join("long");
        fs::File::create(&long).unwrap().set_len(LIMIT + 1).unwrap();
        for (path, expected) in [
            (folder.path(), "it is a folder; name a file"),
            (Path::new("/dev/zero"), "it is a device"),
            (&of("binary", b"\x7fELF\xff\xfe"), "it is no text in UTF-8"),
            (&wide, "it is no kubeconfig in YAML: "),
            (
                &of("broken", b"users: [\n- token: hidden"),
                "it is no kubeconfig in YAML: ",
            ),
            (&of("list", b"[hidden]"), "it is no kubeconfig in YAML: "),
            (&long, "bytes; allowed: up to 16777216"),
        ] {
            let error = read(path).unwrap_err().to_string();
            let start = format!(
                "cannot read the kubeconfig (KUBECONFIG says where it is): {}: ",
                path.display()
            );
            assert!(error.starts_with(&start) && error.contains(expected), "{error}");
            assert!(
                !error.contains("hidden") && !error.contains(char::is_control),
                "{error}"
            );
        }
        let none = all(OsStr::new("::")).unwrap_err().to_string();
        assert!(
            none.contains("KUBECONFIG is \"::\", which lists no file; name one"),
            "{none}"
        );
    }
}
