//! The manifests in `k8s/`, without a cluster: against Kubernetes' published schema, and against what the chapter says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chapter;
mod rules;
mod schema;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// One object and the file that it stands in, relative to `k8s/`.
struct Manifest {
    file: String,
    object: Value,
}

impl Manifest {
    fn kind(&self) -> &str {
        self.object["kind"].as_str().unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.object["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// Whether it is a pod, or makes some.
    fn has_pods(&self) -> bool {
        matches!(self.kind(), "Deployment" | "Job" | "Pod")
    }

    /// The pod that it is, or what it makes its pods of.
    fn pod(&self) -> &Value {
        match self.kind() {
            "Pod" => &self.object,
            _ => &self.object["spec"]["template"],
        }
    }

    /// Those of its pods, also those that prepare them.
    fn containers(&self) -> impl Iterator<Item = &Value> {
        let pod = &self.pod()["spec"];
        let lists = ["initContainers", "containers"].map(|list| pod[list].as_array());
        lists.into_iter().flatten().flatten()
    }

    fn container(&self) -> &Value {
        &self.pod()["spec"]["containers"][0]
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s")
}

fn manifests() -> Vec<Manifest> {
    let mut files = Vec::new();
    collect(&folder(), &mut files);
    files.sort();
    let manifests: Vec<_> = files.iter().flat_map(|file| read(file)).collect();
    assert!(
        manifests.len() >= 37,
        "only {} objects found in {}",
        manifests.len(),
        folder().display()
    );
    manifests
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // kubectl takes .yml and .json too; one ending for all lets no file slip past a check.
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => files.push(path),
            // The solution, which depends on the node; a test of its own looks at what it prints.
            Some("md" | "sh") => {}
            // What the guide's commands wrote there.
            Some("txt") => {}
            _ => panic!(
                "{}: a file in k8s/ is a .yaml, a .sh or a .md, not {name}",
                path.display()
            ),
        }
    }
}

fn read(path: &Path) -> Vec<Manifest> {
    let file = path.strip_prefix(folder()).unwrap().display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    parse(&file, &text)
}

fn parse(file: &str, text: &str) -> Vec<Manifest> {
    let objects: Vec<Value> =
        serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(!objects.is_empty(), "{file} holds no object");
    objects
        .into_iter()
        .map(|object| Manifest {
            file: file.to_owned(),
            object,
        })
        .collect()
}
