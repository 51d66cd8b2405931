//! What an exercise's commands put on a cluster, read from the commands and the manifests that they apply.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Exercise, command_line::calls};

/// What the commands of an exercise make and delete, as far as it can be told from them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Footprint {
    /// The objects of the manifests.
    pub objects: Vec<Object>,
    /// The Helm releases that are installed.
    pub releases: Vec<String>,
    /// The labels by which namespaces are deleted.
    pub deletes: Vec<String>,
    /// The ports that Services of type `LoadBalancer` take, of manifests and of the charts' own values.
    #[serde(default)]
    pub ports: BTreeSet<u16>,
}

/// As much of an object as is needed to find it, and to know whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Such as `apps/v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name and labels.
    pub metadata: Metadata,
}

/// The part of an object's metadata that is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Its namespace, if it is not the one of the commands.
    pub namespace: Option<String>,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl Footprint {
    /// Reads the commands of an exercise, and the manifests below `manifests` that they apply.
    ///
    /// # Errors
    /// A manifest cannot be read, or a command has a flag that is not known here.
    pub fn of(exercise: &Exercise, manifests: &Path) -> std::io::Result<Self> {
        Self::of_commands(exercise.commands(), manifests)
    }

    /// Reads some commands.
    ///
    /// # Errors
    /// A manifest cannot be read, or a command has a flag that is not known here.
    pub fn of_commands<'a>(
        commands: impl IntoIterator<Item = &'a String>,
        manifests: &Path,
    ) -> std::io::Result<Self> {
        let mut applied = Self::default();
        for command in commands {
            let verbs = ["apply", "create", "delete", "install", "replace", "upgrade"];
            for call in calls(command, &verbs).map_err(std::io::Error::other)? {
                let first = call.arguments.first();
                if matches!(call.verb.as_str(), "install" | "upgrade") {
                    applied.releases.extend(first.cloned());
                    for chart in call.arguments.iter().skip(1) {
                        let values = manifests.join(chart).join("values.yaml");
                        if values.exists() {
                            applied.ports.extend(ports_of_values(&parsed::<Value>(&values)?));
                        }
                    }
                    continue;
                }
                let mut kinds = first.into_iter().flat_map(|kinds| kinds.split(','));
                if call.verb == "delete"
                    && kinds.any(|kind| matches!(kind, "ns" | "namespace" | "namespaces"))
                {
                    applied.deletes.extend(call.values("selector").map(str::to_owned));
                }
                let asked = call.values("namespace").next_back();
                for path in call.values("filename").flat_map(|paths| paths.split(',')) {
                    for file in files(&manifests.join(path))? {
                        for Manifest { mut object, spec } in parsed(&file)? {
                            applied.ports.extend(ports(&object.kind, &spec));
                            let namespace = object.metadata.namespace.take();
                            object.metadata.namespace = namespace.or(asked.map(str::to_owned));
                            applied.objects.push(object);
                        }
                    }
                }
            }
        }
        applied.releases.sort();
        applied.releases.dedup();
        Ok(applied)
    }

    /// The namespaces that are made.
    pub fn namespaces(&self) -> impl Iterator<Item = &Metadata> {
        self.objects
            .iter()
            .filter(|object| object.kind == "Namespace")
            .map(|object| &object.metadata)
    }

    /// The part that reaches beyond the namespace of the commands, which is all that others have to know.
    #[must_use]
    pub fn beyond(&self) -> Self {
        Self {
            objects: self
                .objects
                .iter()
                .filter(|object| object.kind == "Namespace")
                .cloned()
                .collect(),
            releases: vec![],
            deletes: self.deletes.clone(),
            ports: self.ports.clone(),
        }
    }

    /// The same where each Service gets an address of its own, so that ports never meet.
    #[must_use]
    pub fn with_own_addresses(self) -> Self {
        Self {
            ports: BTreeSet::new(),
            ..self
        }
    }

    /// Whether two exercises would disturb each other on one cluster, each in a namespace of its own. Where all Services get
    /// one address, as with k3s or Docker Desktop, the second that wants a port stays without.
    #[must_use]
    pub fn clashes(&self, other: &Self) -> bool {
        let mut namespaces = self.namespaces();
        let shared = namespaces.any(|own| other.namespaces().any(|its| its.name == own.name));
        shared || self.deletes_of(other) || other.deletes_of(self) || !self.ports.is_disjoint(&other.ports)
    }

    fn deletes_of(&self, other: &Self) -> bool {
        let mut labels = self.deletes.iter().filter_map(|label| label.split_once('='));
        labels.any(|(key, value)| {
            let carries =
                |labels: &BTreeMap<_, String>| labels.get(key).is_some_and(|carried| carried == value);
            other.namespaces().any(|namespace| carries(&namespace.labels))
        })
    }
}

/// The file, or the manifests in the folder, as kubectl takes them; nothing where there is neither: the command will say so.
pub(crate) fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(path.exists().then(|| path.to_owned()).into_iter().collect());
    }
    let files = std::fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
    let mut files: Vec<_> = files.collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    Ok(files)
}

/// An object of a manifest, with what only some kinds have.
#[derive(Deserialize)]
struct Manifest {
    #[serde(flatten)]
    object: Object,
    #[serde(default)]
    spec: Value,
}

/// The documents of a file.
fn parsed<T: serde::de::DeserializeOwned>(file: &Path) -> std::io::Result<Vec<T>> {
    let text = std::fs::read_to_string(file)?;
    serde_saphyr::from_multiple(&text)
        .map_err(|error| std::io::Error::other(format!("{}: {error}", file.display())))
}

/// The ports that an object takes outside of the cluster.
fn ports(kind: &str, spec: &Value) -> Vec<u16> {
    let ports = spec["ports"]
        .as_array()
        .filter(|_| kind == "Service" && is_balanced(spec));
    ports.into_iter().flatten().filter_map(port).collect()
}

/// Those of a chart: wherever its values have the type of a Service, its port stands beside it.
fn ports_of_values(values: &[Value]) -> Vec<u16> {
    let of = |value: &Value| match value {
        Value::Object(keys) => {
            let within: Vec<_> = keys.values().cloned().collect();
            let own = is_balanced(value).then(|| port(value)).flatten();
            ports_of_values(&within).into_iter().chain(own).collect()
        }
        _ => vec![],
    };
    values.iter().flat_map(of).collect()
}

fn is_balanced(service: &Value) -> bool {
    service["type"] == "LoadBalancer"
}

fn port(service: &Value) -> Option<u16> {
    service["port"].as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    fn applied(commands: &[&str]) -> Footprint {
        let commands: Vec<_> = commands.iter().map(|command| (*command).to_owned()).collect();
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s");
        Footprint::of_commands(&commands, &manifests).unwrap()
    }

    fn namespaces(applied: &Footprint) -> Vec<&str> {
        applied
            .namespaces()
            .map(|namespace| namespace.name.as_str())
            .collect()
    }

    #[test]
    fn what_exercises_make_decides_which_clash() {
        let memory = applied(&["kubectl apply -f memory-allocator/namespace-with-quota/"]);
        assert_eq!(namespaces(&memory), ["kiamol-ch12-memory"]);
        let cpu = applied(&["kubectl apply \\\n  -f pi/namespace-with-quota/"]);
        assert_eq!(namespaces(&cpu), ["kiamol-ch12-cpu"]);
        let numbers = applied(&["kubectl apply -f numbers/", "kubectl apply -f no/such/"]);
        assert!(namespaces(&numbers).is_empty());
        let kinds: Vec<_> = numbers
            .objects
            .iter()
            .map(|object| object.kind.as_str())
            .collect();
        assert_eq!(kinds, ["Service", "Deployment"]);
        let deletes = applied(&["kubectl delete --wait namespaces --selector=kiamol=ch12"]);
        assert_eq!(
            deletes.deletes,
            applied(&["kubectl delete ns -l kiamol=ch12"]).deletes
        );
        assert!(memory.clashes(&memory) && !memory.clashes(&cpu) && !memory.clashes(&numbers));
        assert!(deletes.clashes(&cpu) && cpu.clashes(&deletes) && !deletes.clashes(&numbers));
    }

    #[test]
    fn exercises_meet_at_the_ports_of_one_address() {
        let ports = |commands: &[&str]| applied(commands).ports.into_iter().collect::<Vec<_>>();
        assert_eq!(ports(&["kubectl apply -f numbers/"]), [8013]);
        assert_eq!(
            ports(&["kubectl apply -f todo-list/db/ -f todo-list/web/"]),
            [8081]
        );
        assert_eq!(ports(&["helm install todo-list ../helm/todo-list"]), [8081]);
        assert_eq!(ports(&["kubectl apply -f lab/"]), [8012, 8013, 8014]);
        assert!(ports(&["kubectl apply -f memory-allocator/"]).is_empty());

        let (numbers, pi) = (
            applied(&["kubectl apply -f numbers/"]),
            applied(&["kubectl apply -f pi/"]),
        );
        assert!(numbers.clashes(&numbers) && !numbers.clashes(&pi));
        // Other runs have to see it, too.
        assert!(numbers.beyond().clashes(&numbers));
        assert!(!numbers.clone().with_own_addresses().clashes(&numbers));
    }

    #[test]
    fn a_manifest_goes_where_its_command_says() {
        let there = applied(&[
            "kubectl apply --filename lab/web/pi-web.yaml --namespace pi-dev",
            "kubectl apply -f=lab/",
            "kubectl get pods -f lab/",
        ]);
        let namespaces: Vec<_> = there
            .objects
            .iter()
            .filter(|object| object.kind != "Namespace")
            .map(|object| object.metadata.namespace.as_deref())
            .collect();
        assert_eq!(
            namespaces,
            [Some("pi-dev"), Some("pi-dev"), Some("pi-test"), Some("pi-uat")]
        );
    }

    #[test]
    fn releases_are_found_by_name() {
        let commands = [
            "helm install --wait --timeout 60s \\\n  --rollback-on-failure todo-list ../helm/todo-list",
            "helm upgrade todo-list ../helm/todo-list --wait",
        ];
        assert_eq!(applied(&commands).releases, ["todo-list"]);
    }

    #[test]
    fn all_commands_of_the_guide_can_be_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for id in crate::list(&root, Language::En).unwrap() {
            let exercise = Exercise::load(&root, Language::En, &id).unwrap();
            let with_helm_3 = exercise.steps.iter().flat_map(|step| &step.action.with_helm_3);
            Footprint::of_commands(exercise.commands().chain(with_helm_3), &root.join("k8s")).unwrap();
        }
    }
}
