//! Manifests that were saved and not applied: a file is only a wish.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use guide::{Manifest, ObjectName};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::{difference::differences, learner::Learner};

/// In which `kubectl apply` keeps what it applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// When a file was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// In Unix seconds.
    pub at: i64,
    /// Whether its content was seen to become another one, rather than read from the file's time that it did.
    pub seen: bool,
}

/// An object that a file has otherwise than the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unapplied {
    /// The file, below the folder of the manifests.
    pub file: PathBuf,
    /// Such as `Deployment numbers-api`.
    pub object: String,
}

impl Learner {
    /// The objects of these files that nobody has applied since they were saved.
    ///
    /// A file whose content was seen to change is a wish, whatever it has. Of others it is only told where there is no doubt: the
    /// object was applied before and from no file as it is now, and no other file that is newer than that has it otherwise too,
    /// as those of a fresh clone do.
    #[must_use]
    pub fn unapplied(&self, saved: &BTreeMap<PathBuf, Saved>) -> Vec<Unapplied> {
        let mut wishes: BTreeMap<&ObjectName, Vec<(&Path, Saved)>> = BTreeMap::new();
        // What is there as one of the files has it was applied from that one: the others are other versions.
        let met: BTreeSet<_> = self
            .files
            .iter()
            .filter(|(name, manifest)| {
                let there = self.scene.object(name);
                there.is_some_and(|there| !differs(&manifest.body, there))
            })
            .map(|(name, _)| name)
            .collect();
        for (name, manifest) in &self.files {
            let Some(saved) = saved.get(&manifest.file) else {
                continue;
            };
            let in_doubt = !saved.seen && met.contains(name);
            if !in_doubt && is_wish(manifest, *saved, self.scene.object(name)) {
                wishes.entry(name).or_default().push((&manifest.file, *saved));
            }
        }
        let told = wishes.into_iter().flat_map(|(name, mut files)| {
            if files.iter().any(|(_, saved)| saved.seen) {
                files.retain(|(_, saved)| saved.seen);
            } else if files.len() > 1 {
                files.clear();
            }
            files.into_iter().map(|(file, _)| Unapplied {
                file: file.to_owned(),
                object: format!("{} {}", name.kind, name.name),
            })
        });
        told.collect()
    }
}

/// Whether a file has an object otherwise than it was applied, and was saved later.
fn is_wish(manifest: &Manifest, saved: Saved, there: Option<&Value>) -> bool {
    // What is not there at all is for whoever says what comes next.
    let Some(there) = there else {
        return false;
    };
    let last = applied(there);
    let later = saved.seen || last.is_some_and(|last| saved.at > last.as_second());
    later && differs(&manifest.body, there)
}

/// When somebody last wrote what the object should be.
fn applied(object: &Value) -> Option<Timestamp> {
    let writes = object["metadata"]["managedFields"].as_array()?;
    let own = writes.iter().filter(|write| {
        let manager = write["manager"].as_str().unwrap_or_default();
        write["subresource"].is_null() && manager.starts_with("kubectl")
    });
    own.filter_map(|write| write["time"].as_str()?.parse().ok()).max()
}

fn differs(manifest: &Value, there: &Value) -> bool {
    let last = there["metadata"]["annotations"][LAST_APPLIED].as_str();
    match last.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        Some(last) => plain(&last) != plain(manifest),
        // Applied on the server's side, or made in another way.
        None => !differences(manifest, there).is_empty(),
    }
}

/// A manifest without what kubectl adds to it.
fn plain(manifest: &Value) -> Value {
    let mut manifest = manifest.clone();
    if let Some(metadata) = manifest["metadata"].as_object_mut() {
        metadata.remove("namespace");
        metadata.retain(|key, value| {
            key != "annotations" || value.as_object().is_some_and(|all| !all.is_empty())
        });
    }
    manifest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(replicas: u32) -> Manifest {
        Manifest {
            file: "a.yaml".into(),
            body: json!({"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": replicas}}),
            changed: false,
        }
    }

    fn there(replicas: u32, at: &str) -> Value {
        let last = json!({"kind": "Deployment", "metadata": {"annotations": {}, "name": "a", "namespace": "x"},
            "spec": {"replicas": replicas}});
        json!({"metadata": {
            "annotations": {LAST_APPLIED: last.to_string()},
            "managedFields": [
                {"manager": "kubectl-client-side-apply", "time": at},
                {"manager": "kube-controller-manager", "time": "2026-03-01T20:00:00Z"},
                {"manager": "kubectl", "subresource": "scale", "time": "2026-03-01T20:00:00Z"},
            ],
        }})
    }

    #[test]
    fn a_file_is_a_wish_until_it_is_applied() {
        // 2026-03-01T14:00:00Z
        let noon = 1_772_373_600;
        let before = there(2, "2026-03-01T13:59:00Z");
        let seen = Saved { at: noon, seen: true };
        let read = Saved {
            at: noon,
            seen: false,
        };
        assert!(is_wish(&manifest(3), seen, Some(&before)));
        assert!(is_wish(&manifest(3), read, Some(&before)));
        assert!(!is_wish(&manifest(3), seen, None));
        assert!(!is_wish(&manifest(2), seen, Some(&before)));
        // Something else was applied since: this file is one of several, and not the one that is meant.
        assert!(!is_wish(
            &manifest(3),
            read,
            Some(&there(2, "2026-03-01T14:01:00Z"))
        ));
        assert!(!is_wish(&manifest(3), read, Some(&json!({}))));
    }

    #[test]
    fn what_was_not_applied_by_kubectl_is_compared_field_by_field() {
        let there = json!({"spec": {"replicas": 2, "paused": false}});
        assert!(!differs(&manifest(2).body, &there));
        assert!(differs(&manifest(3).body, &there));
    }
}
