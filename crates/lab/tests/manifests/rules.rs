//! What holds for each of them.

use std::path::Path;

use serde_json::json;

use super::{Manifest, folder, manifests};

#[test]
fn everything_carries_the_label_of_the_clean_up() {
    for manifest in manifests() {
        let Manifest { file, object } = &manifest;
        let label = match file.split('/').next() {
            Some("lab") => "ch12-lab",
            Some("resources") => "ch12-resources",
            _ => "ch12",
        };
        assert_eq!(object["metadata"]["labels"]["kiamol"], label, "{file}");
        if manifest.has_pods() {
            let pods = &manifest.pod()["metadata"]["labels"];
            assert_eq!(pods["kiamol"], label, "{file}: the pods");
        }
    }
}

#[test]
fn every_pod_meets_the_restricted_standard() {
    // The fields that https://kubernetes.io/docs/concepts/security/pod-security-standards/ requires; what it forbids
    // (host namespaces, host paths and so on) is in no manifest, which the next line sees to.
    let allowed = [
        "containers",
        "initContainers",
        "securityContext",
        "terminationGracePeriodSeconds",
        "volumes",
    ];
    let of_resources = [
        "affinity",
        "automountServiceAccountToken",
        "priorityClassName",
        "restartPolicy",
    ];
    for manifest in manifests().iter().filter(|manifest| manifest.has_pods()) {
        let more = match manifest.file.starts_with("resources/") {
            true => &of_resources[..],
            false => &[],
        };
        restricted(manifest, &[&allowed[..], more].concat());
    }
}

pub(super) fn restricted(manifest: &Manifest, allowed: &[&str]) {
    let file = &manifest.file;
    let pod = &manifest.pod()["spec"];
    let fields = pod.as_object().unwrap();
    assert!(
        fields.keys().all(|field| allowed.contains(&field.as_str())),
        "{file}: {:?}",
        fields.keys()
    );
    assert_eq!(pod["containers"].as_array().unwrap().len(), 1, "{file}");
    let mut context = pod["securityContext"].clone();
    // Whose group a volume has is free.
    context.as_object_mut().unwrap().remove("fsGroup");
    assert_eq!(
        context,
        json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}),
        "{file}"
    );
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        assert!(
            volume["emptyDir"].is_object() || volume["secret"].is_object(),
            "{file}: {volume}"
        );
    }
    for container in manifest.containers() {
        assert_eq!(
            container["securityContext"],
            json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}),
            "{file}"
        );
    }
}

/// Of which program the pods of a Deployment are: most are called like it.
fn program(manifest: &Manifest) -> &str {
    match manifest.name() {
        // The database's image has a shell.
        "slow-start" | "diary" => "todo-db",
        "steady-api" => "numbers-api",
        name => name,
    }
}

#[test]
fn every_image_is_the_program_of_this_version_from_the_one_registry() {
    let root = folder().join("..");
    let registry = lab::image_source::current(&root).unwrap();
    for manifest in manifests().iter().filter(|manifest| manifest.has_pods()) {
        let version = match manifest.file.as_str() {
            "todo-list/db/update/todo-db-bad-command.yaml" => "1.1.0",
            _ => env!("CARGO_PKG_VERSION"),
        };
        for container in manifest.containers() {
            let image = container["image"].as_str().unwrap();
            let is = |name: &&str| image == format!("{registry}/{name}:{version}");
            let name = lab::image_source::IMAGES.into_iter().find(is);
            let name = name.unwrap_or_else(|| panic!("{}: {image}", manifest.file));
            // Only what a Deployment runs goes by the program's name.
            if manifest.kind() == "Deployment" {
                assert_eq!(name, program(manifest), "{}", manifest.file);
            }
        }
    }
}

#[test]
fn services_and_deployments_find_their_pods() {
    for Manifest { file, object } in manifests() {
        let selector = json!({"app": object["metadata"]["name"]});
        match object["kind"].as_str().unwrap() {
            "Deployment" => {
                assert_eq!(
                    object["spec"]["selector"],
                    json!({"matchLabels": selector}),
                    "{file}"
                );
                let labels = &object["spec"]["template"]["metadata"]["labels"];
                assert_eq!(labels["app"], object["metadata"]["name"], "{file}");
            }
            "Service" => assert_eq!(object["spec"]["selector"], selector, "{file}"),
            "PodDisruptionBudget" => {
                assert_eq!(
                    object["spec"]["selector"],
                    json!({"matchLabels": selector}),
                    "{file}"
                );
            }
            _ => {}
        }
    }
}

/// An update is the same Deployment, or `kubectl apply` would start a second application beside the first.
#[test]
fn an_update_changes_what_the_folder_above_started() {
    let manifests = manifests();
    let updates: Vec<_> = manifests
        .iter()
        .filter(|manifest| manifest.file.contains("/update/"))
        .collect();
    assert_eq!(updates.len(), 8);
    for update in updates {
        let application = Path::new(&update.file).ancestors().nth(2);
        let first = manifests.iter().find(|manifest| {
            manifest.kind() == "Deployment" && Path::new(&manifest.file).parent() == application
        });
        let first = first.unwrap_or_else(|| panic!("{}: nothing to update", update.file));
        assert_eq!(
            (update.kind(), update.name()),
            (first.kind(), first.name()),
            "{}",
            update.file
        );
        assert_eq!(
            update.object["spec"]["replicas"], first.object["spec"]["replicas"],
            "{}",
            update.file
        );
        // One breaks by what it adds.
        if !update.file.ends_with("that-breaks.yaml") {
            assert_eq!(
                update.container()["env"],
                first.container()["env"],
                "{}",
                update.file
            );
        }
        assert_ne!(update.object, first.object, "{} changes nothing", update.file);
    }
}
