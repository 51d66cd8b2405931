//! What the board is about.

use std::collections::{BTreeMap, BTreeSet};

use guide::{Exercise, Footprint, Language, Proof};

use crate::workspace;

/// What the board is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The exercise's heading, or the namespace.
    pub(super) title: String,
    /// The namespaces, first that of the commands.
    pub(super) namespaces: Vec<String>,
    /// The names of the objects that the exercise is about; empty where all are shown.
    pub(super) about: BTreeSet<String>,
    /// The path that the exercise's own callers ask, by Service: for pods without a readiness probe.
    pub(super) paths: BTreeMap<String, String>,
}

impl Scope {
    /// An exercise, or all of the namespace `home`.
    ///
    /// # Errors
    /// There is no such exercise, or the guide cannot be read.
    pub(super) fn of(id: Option<&str>, home: String, language: Language) -> anyhow::Result<Self> {
        let Some(id) = id else {
            return Ok(Self {
                title: home.clone(),
                namespaces: vec![home],
                ..Self::default()
            });
        };
        let root = workspace::find()?;
        let exercise = Exercise::load(&root, language, id)?;
        let footprint = Footprint::of(&exercise, &root.join("k8s"))?;
        Ok(Self::of_exercise(&exercise, &footprint, home))
    }

    fn of_exercise(exercise: &Exercise, footprint: &Footprint, home: String) -> Self {
        let mut namespaces = vec![home];
        let (mut about, mut paths) = (BTreeSet::new(), BTreeMap::new());
        for object in &footprint.objects {
            let namespace = match object.kind.as_str() {
                "Namespace" => Some(&object.metadata.name),
                _ => {
                    about.insert(object.metadata.name.clone());
                    object.metadata.namespace.as_ref()
                }
            };
            if let Some(namespace) = namespace.filter(|namespace| !namespaces.contains(namespace)) {
                namespaces.push(namespace.clone());
            }
        }
        about.extend(footprint.releases.iter().cloned());
        for proof in exercise.steps.iter().flat_map(|step| &step.action.proofs) {
            if let Proof::Service(service) = proof {
                about.insert(service.name.clone());
                if let Some(callers) = &service.callers {
                    paths
                        .entry(service.name.clone())
                        .or_insert_with(|| callers.get.clone());
                }
            }
        }
        Self {
            title: format!("{} {}", exercise.id, exercise.title),
            namespaces,
            about,
            paths,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_is_about_what_its_commands_and_proofs_name() {
        let of = |id| Scope::of(Some(id), "default".into(), Language::En).unwrap();
        let readiness = of("12.1");
        assert_eq!(readiness.namespaces, ["default"]);
        assert_eq!(readiness.paths["numbers-api"], "/healthz");
        assert!(readiness.title.starts_with("12.1 "), "{}", readiness.title);
        let limits = of("12.4");
        assert_eq!(
            limits.namespaces,
            ["default", "kiamol-ch12-memory", "kiamol-ch12-cpu"]
        );
        assert!(limits.about.contains("memory-allocator"));
        let all = Scope::of(None, "a".into(), Language::Ko).unwrap();
        assert!(all.about.is_empty() && all.title == "a");
        assert!(Scope::of(Some("9.9"), "a".into(), Language::En).is_err());
    }
}
