//! The person's own kubeconfig.

use std::{env, ffi::OsStr, io::ErrorKind};

use kube::config::{Kubeconfig, KubeconfigError};

use crate::Error;

/// The person's kubeconfig, as kubectl would read it: of the files that KUBECONFIG lists, some may be missing.
///
/// # Errors
/// There is none, or one cannot be read.
pub fn person() -> Result<Kubeconfig, Error> {
    let listed = env::var_os("KUBECONFIG").filter(|listed| !listed.is_empty());
    match listed {
        Some(listed) => all(&listed),
        None => Kubeconfig::read(),
    }
    .map_err(Error::Kubeconfig)
}

/// The files of a list, merged.
fn all(listed: &OsStr) -> Result<Kubeconfig, KubeconfigError> {
    let mut all = None;
    let mut missing = None;
    for path in env::split_paths(listed).filter(|path| !path.as_os_str().is_empty()) {
        match Kubeconfig::read_from(path) {
            Ok(one) => all = Some(all.unwrap_or_else(Kubeconfig::default).merge(one)?),
            Err(KubeconfigError::ReadConfig(error, path)) if error.kind() == ErrorKind::NotFound => {
                missing = Some(KubeconfigError::ReadConfig(error, path));
            }
            Err(error) => return Err(error),
        }
    }
    all.ok_or_else(|| missing.unwrap_or(KubeconfigError::FindPath))
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
        let read = |paths: &[&std::path::Path]| all(&env::join_paths(paths).unwrap());
        for paths in [[&*good, &missing], [&*missing, &good]] {
            assert_eq!(read(&paths).unwrap().current_context.as_deref(), Some("mine"));
        }
        assert!(matches!(read(&[&missing]), Err(KubeconfigError::ReadConfig(_, path)) if path == missing));
        assert!(read(&[&good, &bad]).is_err());
    }
}
