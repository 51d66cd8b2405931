//! How an image gets into a cluster that somebody else set up, where no registry has it: each kind has a command for that.

use std::path::Path;

use k8s_openapi::api::core::v1::Node;
use kube::ResourceExt;

/// The command line that gives an image to a cluster of this kind; none where only a registry does.
pub(crate) fn loader(context: &str, nodes: &[Node], archive: &Path) -> Option<Vec<String>> {
    let node = nodes.first()?;
    let provider = node
        .spec
        .as_ref()
        .and_then(|spec| spec.provider_id.as_deref())
        .unwrap_or_default();
    let archive = archive.to_string_lossy();
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    if let Some(name) = provider
        .strip_prefix("kind://")
        .and_then(|rest| rest.split('/').nth(1))
    {
        return words(&["kind", "load", "image-archive", &archive, "--name", name]);
    }
    if let Some(name) = node.labels().get("minikube.k8s.io/name") {
        return words(&["minikube", "--profile", name, "image", "load", &archive]);
    }
    if let Some(name) = provider.strip_prefix("k3s://k3d-").and_then(k3d_cluster) {
        return words(&["k3d", "image", "import", &archive, "--cluster", name]);
    }
    if provider.starts_with("k3s://") {
        return words(&["k3s", "ctr", "images", "import", &archive]);
    }
    if context == "docker-desktop" {
        return words(&["docker", "load", "--input", &archive]);
    }
    None
}

/// The cluster that a k3d node belongs to: nodes are named `CLUSTER-server-0` or `CLUSTER-agent-0`.
fn k3d_cluster(node: &str) -> Option<&str> {
    let (rest, _number) = node.rsplit_once('-')?;
    rest.strip_suffix("-server")
        .or_else(|| rest.strip_suffix("-agent"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::loader;

    /// The command for a node with a provider id and labels, as such clusters give them to their nodes.
    fn command(context: &str, provider_id: &str, labels: &[(&str, &str)]) -> Option<String> {
        let labels: serde_json::Map<_, _> = labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!(value)))
            .collect();
        let node = json!({ "metadata": { "labels": labels }, "spec": { "providerID": provider_id } });
        let node = serde_json::from_value(node).unwrap();
        loader(context, &[node], Path::new("i.tar")).map(|words| words.join(" "))
    }

    #[test]
    fn each_kind_of_cluster_has_its_loader_whatever_its_context_is_called() {
        let minikube = [
            ("minikube.k8s.io/name", "class"),
            ("minikube.k8s.io/primary", "true"),
        ];
        for (context, provider_id, labels, expected) in [
            (
                "kind-class",
                "kind://docker/class/class-control-plane",
                &[][..],
                "kind load image-archive i.tar --name class",
            ),
            (
                "renamed",
                "kind://podman/kind/kind-worker2",
                &[],
                "kind load image-archive i.tar --name kind",
            ),
            (
                "class",
                "",
                &minikube,
                "minikube --profile class image load i.tar",
            ),
            (
                "renamed",
                "k3s://k3d-my-class-server-0",
                &[],
                "k3d image import i.tar --cluster my-class",
            ),
            (
                "k3d-class",
                "k3s://k3d-class-agent-12",
                &[],
                "k3d image import i.tar --cluster class",
            ),
            ("default", "k3s://laptop", &[], "k3s ctr images import i.tar"),
            ("docker-desktop", "", &[], "docker load --input i.tar"),
        ] {
            assert_eq!(
                command(context, provider_id, labels).as_deref(),
                Some(expected),
                "{context}"
            );
        }
    }

    #[test]
    fn where_only_a_registry_does_there_is_no_loader() {
        assert_eq!(command("prod", "gce://project/zone/node", &[]), None);
        assert_eq!(command("default", "kind://", &[]), None);
        assert_eq!(loader("kind-kind", &[], Path::new("i.tar")), None);
    }
}
