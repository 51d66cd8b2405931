//! What `lab check` finds where a learner has made a mistake: every manifest with each field that matters broken in turn, and
//! what people did on their way through the guide.

mod broken;
mod by_hand;
mod release;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use access::wait::patiently;
use guide::{Exercise, Language, ObjectName, Stage};
use jiff::Timestamp;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
    discovery::ApiCapabilities,
};
use learner::{Learner, Position, Standing};
use proofs::Place;
use serde_json::{Value, json};
use testkit::eventually_async;

use crate::programs::{Namespace, WITHIN, fed, layout, printed};

/// A clone of the guide and the manifests in which no name but those of a test's own is used, and a learner's namespace.
struct Lab {
    root: tempfile::TempDir,
    namespace: Namespace,
    place: Place,
    kinds: Vec<(ApiResource, ApiCapabilities)>,
}

impl Lab {
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let namespace = Namespace::new();
        let own = format!("ch12-{:06x}", rand::random::<u32>() & 0x00ff_ffff);
        for folder in ["guide", "k8s"] {
            copy(
                &crate::exercises::root().join(folder),
                &root.path().join(folder),
                &own,
            );
        }
        let client = cluster::client(&layout().kubeconfig()).await.unwrap();
        let kinds = access::kinds(&client).await.unwrap();
        let place = Place::new(client, namespace.0.clone(), root.path().join("k8s"));
        Self {
            root,
            namespace,
            place,
            kinds,
        }
    }

    fn manifests(&self) -> PathBuf {
        self.root.path().join("k8s")
    }

    fn exercise(&self, id: &str) -> Exercise {
        Exercise::load(self.root.path(), Language::En, id).unwrap()
    }

    fn stages(&self, id: &str) -> Vec<Stage> {
        guide::stages(&self.exercise(id), &self.manifests()).unwrap()
    }

    /// Where the learner stands, once the cluster says so: beside tests that fill the disk it may not answer in time.
    async fn look(&self, id: &str, reached: Option<usize>) -> Standing {
        let (exercises, manifests) = (&[self.exercise(id)], &self.manifests());
        eventually_async("an answer of the cluster", WITHIN, || async move {
            let now = Timestamp::now().as_second();
            let learner = Learner::look(&self.place, exercises, manifests, now).await?;
            learner.standing(&exercises[0], reached).await
        })
        .await
    }

    /// Applies objects, in the learner's namespace where they name none. Without a kubectl for each, a hundred take seconds.
    async fn apply(&self, objects: &[Value]) {
        for object in objects {
            let kind = object["kind"].as_str().unwrap();
            let (resource, _) = self
                .kinds
                .iter()
                .find(|(resource, _)| resource.kind == kind)
                .unwrap();
            let namespace = object["metadata"]["namespace"]
                .as_str()
                .unwrap_or(&self.namespace.0);
            let client = self.place.client.clone();
            let api: Api<DynamicObject> = match kind {
                "Namespace" => Api::all_with(client, resource),
                _ => Api::namespaced_with(client, namespace, resource),
            };
            let name = object["metadata"]["name"].as_str().unwrap();
            let learner = PatchParams::apply("learner").force();
            let applied = async || api.patch(name, &learner, &Patch::Apply(object)).await;
            patiently(applied).await.unwrap();
        }
    }

    fn kubectl(&self, arguments: &[&str]) {
        printed(&self.namespace.kubectl(arguments));
    }

    /// The namespaces that a stage makes, which a test has to remove itself.
    fn namespaces(stage: &Stage) -> BTreeSet<String> {
        let names = stage.objects.keys();
        names
            .filter(|name| name.kind == "Namespace")
            .map(|name| name.name.clone())
            .collect()
    }
}

fn copy(from: &Path, to: &Path, own: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target, own);
        } else if let Ok(text) = fs::read_to_string(&path)
            && path
                .extension()
                .is_some_and(|extension| extension == "md" || extension == "yaml")
        {
            fs::write(target, text.replace("ch12", own)).unwrap();
        }
    }
}

/// The ids of what was found.
fn found(standing: &Standing) -> Vec<&'static str> {
    standing
        .findings
        .iter()
        .filter_map(|finding| finding.message.id())
        .collect()
}

/// What was found, in words.
fn told(standing: &Standing) -> String {
    let findings = standing
        .findings
        .iter()
        .map(|finding| Language::En.tell(&finding.message));
    findings.collect::<Vec<_>>().join("\n")
}
