//! What an exercise's commands have put on the cluster by the end of each step: the manifests, whole.

mod kinds;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use self::kinds::kind_of;

use crate::{Call, Exercise, Object, calls, footprint::files};

/// Commands that change what is there. Others only look.
const VERBS: [&str; 11] = [
    "apply",
    "create",
    "replace",
    "delete",
    "install",
    "uninstall",
    "rollout",
    "scale",
    "set",
    "patch",
    "edit",
];
/// What `kubectl delete all` leaves, of the kinds that the chapter has.
pub const LEFT_BY_ALL: [&str; 8] = [
    "Namespace",
    "ResourceQuota",
    "LimitRange",
    "PriorityClass",
    "PodDisruptionBudget",
    "Secret",
    "ConfigMap",
    "PersistentVolumeClaim",
];
/// What tells an object from all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    /// Its namespace, if it is not that of the commands; a Namespace has none.
    pub namespace: Option<String>,
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// An object as a file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The file, below the folder of the manifests.
    pub file: PathBuf,
    /// All of it.
    pub body: Value,
    /// Whether commands such as `kubectl set` have changed it since: then the file does not say what it is like.
    pub changed: bool,
}

/// Steps in a row after which the same objects are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The first of the steps, from 1; 0 is the time before the first step.
    pub first: usize,
    /// The last of them.
    pub last: usize,
    /// What is there.
    pub objects: BTreeMap<ObjectName, Manifest>,
    /// Which of these the stage before had already, as they are.
    pub inherited: BTreeSet<ObjectName>,
    /// The Helm releases that are there.
    pub releases: BTreeSet<String>,
}

/// All stages of an exercise whose manifests are below `manifests`, in order. The first is before the first step, with nothing.
///
/// # Errors
/// A manifest cannot be read, or a command has a flag that is not known here.
pub fn stages(exercise: &Exercise, manifests: &Path) -> io::Result<Vec<Stage>> {
    let mut all = vec![Stage {
        first: 0,
        last: 0,
        objects: BTreeMap::new(),
        inherited: BTreeSet::new(),
        releases: BTreeSet::new(),
    }];
    let mut there = There::default();
    for (index, step) in exercise.steps.iter().enumerate() {
        for command in &step.action.commands {
            // Nothing but looks and HTTP in there, which may hold anything.
            for call in calls(command, &VERBS).map_err(io::Error::other)? {
                there.take(&call, manifests, step.action.must_fail)?;
            }
        }
        let (objects, releases) = there.now();
        match all.last_mut() {
            Some(stage) if stage.objects == objects && stage.releases == releases && !there.restored => {
                stage.last = index + 1;
            }
            before => {
                let had = |name: &ObjectName, manifest: &Manifest| {
                    before
                        .as_ref()
                        .is_some_and(|before| before.objects.get(name) == Some(manifest))
                };
                let inherited = objects.iter().filter(|(name, manifest)| had(name, manifest));
                let inherited = inherited.map(|(name, _)| name.clone()).collect();
                all.push(Stage {
                    first: index + 1,
                    last: index + 1,
                    objects,
                    inherited,
                    releases,
                });
            }
        }
        there.restored = false;
    }
    Ok(all)
}

/// Every object of every manifest below a folder, with its file.
///
/// # Errors
/// A manifest cannot be read.
pub fn manifests(folder: &Path) -> io::Result<Vec<(ObjectName, Manifest)>> {
    let mut found = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        for file in files(&next)? {
            found.extend(read(&file, folder, None)?);
        }
    }
    Ok(found)
}

/// What is there, each object with all its forms, the latest at the end: `kubectl rollout undo` goes back by one.
#[derive(Default)]
struct There {
    objects: BTreeMap<ObjectName, Vec<Manifest>>,
    releases: BTreeSet<String>,
    /// Whether something was taken back in this step: it looks as it did, and is a stage of its own.
    restored: bool,
}

impl There {
    fn now(&self) -> (BTreeMap<ObjectName, Manifest>, BTreeSet<String>) {
        let objects = self.objects.iter();
        let objects = objects.filter_map(|(name, forms)| Some((name.clone(), forms.last()?.clone())));
        (objects.collect(), self.releases.clone())
    }

    fn take(&mut self, call: &Call, manifests: &Path, must_fail: bool) -> io::Result<()> {
        if call.values("dry-run").any(|way| way != "none") {
            return Ok(());
        }
        let first = call.arguments.first();
        match call.verb.as_str() {
            "install" if !must_fail => self.releases.extend(first.cloned()),
            "uninstall" => self.releases.retain(|release| Some(release) != first),
            // What is refused is not there.
            "apply" | "create" | "replace" if must_fail => {}
            "apply" | "create" | "replace" => {
                for (name, manifest) in named_files(call, manifests)? {
                    self.objects.entry(name).or_default().push(manifest);
                }
            }
            "delete" => self.delete(call, manifests)?,
            "rollout" if first.is_some_and(|first| first == "undo") => {
                if let Some(forms) = self.object(call, call.arguments.get(1..).unwrap_or_default()) {
                    forms.pop();
                    self.restored = true;
                }
            }
            "scale" | "set" | "patch" | "edit" => {
                let skip = usize::from(call.verb == "set");
                let of = self.object(call, call.arguments.get(skip..).unwrap_or_default());
                if let Some(manifest) = of.and_then(|forms| forms.last_mut()) {
                    manifest.changed = true;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The object that `kind name` or `kind/name` names.
    fn object(&mut self, call: &Call, words: &[String]) -> Option<&mut Vec<Manifest>> {
        let (kind, name) = match words {
            [both, ..] if both.contains('/') => both.split_once('/')?,
            [kind, name, ..] => (kind.as_str(), name.as_str()),
            _ => return None,
        };
        let namespace = call.values("namespace").next_back().map(str::to_owned);
        self.objects.get_mut(&ObjectName {
            namespace,
            kind: kind_of(kind)?.to_owned(),
            name: name.to_owned(),
        })
    }

    fn delete(&mut self, call: &Call, manifests: &Path) -> io::Result<()> {
        for (name, _) in named_files(call, manifests)? {
            self.objects.remove(&name);
        }
        let Some((kinds, names)) = call.arguments.split_first() else {
            return Ok(());
        };
        let labels: Vec<_> = call
            .values("selector")
            .filter_map(|label| label.split_once('='))
            .collect();
        let namespace = call.values("namespace").next_back();
        let goes = |object: &ObjectName, forms: &Vec<Manifest>| {
            let kind = kinds.split(',').any(|kind| match kind {
                "all" => !LEFT_BY_ALL.contains(&object.kind.as_str()),
                kind => kind_of(kind) == Some(object.kind.as_str()),
            });
            let named = names.contains(&object.name)
                || !labels.is_empty()
                    && forms
                        .last()
                        .is_some_and(|manifest| carries(&manifest.body, &labels));
            kind && named && (object.kind == "Namespace" || object.namespace.as_deref() == namespace)
        };
        let gone = self.objects.iter().filter(|(name, forms)| goes(name, forms));
        let gone: BTreeSet<_> = gone.map(|(name, _)| name.clone()).collect();
        let namespaces: BTreeSet<_> = gone
            .iter()
            .filter(|name| name.kind == "Namespace")
            .map(|name| &name.name)
            .collect();
        self.objects.retain(|name, _| {
            let with_its_namespace = name
                .namespace
                .as_ref()
                .is_some_and(|own| namespaces.contains(own));
            !with_its_namespace && !gone.contains(name)
        });
        Ok(())
    }
}

fn carries(body: &Value, labels: &[(&str, &str)]) -> bool {
    let own = &body["metadata"]["labels"];
    labels.iter().all(|(key, value)| own[key] == *value)
}

fn named_files(call: &Call, manifests: &Path) -> io::Result<Vec<(ObjectName, Manifest)>> {
    let asked = call.values("namespace").next_back();
    let mut found = vec![];
    for path in call.values("filename").flat_map(|paths| paths.split(',')) {
        for file in files(&manifests.join(path))? {
            found.extend(read(&file, manifests, asked)?);
        }
    }
    Ok(found)
}

/// The objects of a file, in `asked` where they name no namespace.
fn read(file: &Path, folder: &Path, asked: Option<&str>) -> io::Result<Vec<(ObjectName, Manifest)>> {
    let unreadable = |error: String| io::Error::other(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file)?;
    let bodies: Vec<Value> =
        serde_saphyr::from_multiple(&text).map_err(|error| unreadable(error.to_string()))?;
    let named = bodies.into_iter().map(|body| {
        let object: Object =
            serde_json::from_value(body.clone()).map_err(|error| unreadable(error.to_string()))?;
        let namespace = match object.kind.as_str() {
            "Namespace" => None,
            _ => object.metadata.namespace.or(asked.map(str::to_owned)),
        };
        let name = ObjectName {
            namespace,
            kind: object.kind,
            name: object.metadata.name,
        };
        let file = file.strip_prefix(folder).unwrap_or(file).to_owned();
        let manifest = Manifest {
            file,
            body,
            changed: false,
        };
        Ok((name, manifest))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    fn of(id: &str) -> (Exercise, Vec<Stage>) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let exercise = Exercise::load(&root, Language::En, id).unwrap();
        let stages = stages(&exercise, &root.join("k8s")).unwrap();
        (exercise, stages)
    }

    /// The file that each stage has a Deployment from.
    fn files_of(id: &str, name: &str) -> Vec<Option<String>> {
        let (_, stages) = of(id);
        let file = |stage: &Stage| {
            let mut objects = stage.objects.iter();
            let found = objects.find(|(object, _)| object.kind == "Deployment" && object.name == name);
            found.map(|(_, manifest)| manifest.file.display().to_string())
        };
        stages.iter().map(file).collect()
    }

    #[test]
    fn each_update_begins_a_stage() {
        let (exercise, stages) = of("12.1");
        assert_eq!(
            (stages[0].first, stages[0].last, stages[0].objects.len()),
            (0, 0, 0)
        );
        assert_eq!(stages[1].first, 1);
        assert_eq!(stages.last().unwrap().last, exercise.steps.len());
        let file = |file: &str| Some(file.to_owned());
        assert_eq!(
            files_of("12.1", "numbers-api"),
            [
                None,
                file("numbers/numbers-api.yaml"),
                file("numbers/update/api-with-readiness.yaml")
            ]
        );
        for pair in stages.windows(2) {
            assert_eq!(pair[0].last + 1, pair[1].first);
        }
    }

    #[test]
    fn what_is_undone_or_deleted_is_as_before_or_gone() {
        let database = files_of("12.2", "todo-db");
        let bad = Some("todo-list/db/update/todo-db-bad-command.yaml".to_owned());
        let good = Some("todo-list/db/todo-db.yaml".to_owned());
        assert_eq!(database[database.len() - 4..], [good.clone(), bad, good, None]);
        let (_, stages) = of("12.2");
        assert!(stages.last().unwrap().objects.is_empty(), "{stages:?}");
        let (_, stages) = of("12.6");
        assert!(stages.last().unwrap().objects.is_empty());
        assert_eq!(
            files_of("12.4", "memory-allocator").last().unwrap().as_deref(),
            Some("memory-allocator/namespace-with-quota/memory-allocator.yaml")
        );
        let (_, stages) = of("12.5");
        assert_eq!(stages.len(), 3);
        // It has a dry run, too.
        let (_, stages) = of("12.7");
        let mut manifests = stages.iter().flat_map(|stage| stage.objects.values());
        assert!(stages.last().unwrap().objects.is_empty() && manifests.all(|manifest| !manifest.changed));
        let (_, stages) = of("12.8");
        assert!(stages.last().unwrap().objects.is_empty(), "{stages:?}");
        // What was refused has never been there.
        let too_large = |stage: &Stage| stage.objects.keys().any(|name| name.name == "too-large");
        assert!(!stages.iter().any(too_large));
    }

    #[test]
    fn a_release_is_there_until_it_is_uninstalled() {
        let (_, stages) = of("12.3");
        let there: Vec<_> = stages.iter().map(|stage| stage.releases.len()).collect();
        assert_eq!(there, [0, 1, 0]);
    }

    #[test]
    fn all_manifests_are_found() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s");
        let all = manifests(&root).unwrap();
        let deployments = all.iter().filter(|(name, _)| name.kind == "Deployment");
        assert!(deployments.count() >= 11);
    }
}
