//! The command that loads an image into a cluster without a registry: each kind of cluster has its own.

use std::{
    net::{IpAddr, UdpSocket},
    path::Path,
};

use k8s_openapi::api::core::v1::Node;
use kube::ResourceExt;

/// The command line that loads an image into a cluster of this kind.
///
/// # Errors
/// The reason why there is none.
pub(super) fn load_command(
    context: &str,
    nodes: &[Node],
    archive: &Path,
) -> Result<Vec<String>, &'static str> {
    let Some(node) = nodes.first() else {
        return Err("it has no node");
    };
    let provider = node
        .spec
        .as_ref()
        .and_then(|spec| spec.provider_id.as_deref())
        .unwrap_or_default();
    let archive = archive.to_string_lossy();
    let words = |words: &[&str]| Ok(words.iter().map(|word| (*word).to_owned()).collect());
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
    let info = node.status.as_ref().and_then(|status| status.node_info.as_ref());
    let runs_docker = info.is_some_and(|info| info.container_runtime_version.starts_with("docker://"));
    let nerdctl = ["nerdctl", "--namespace", "k8s.io", "load", "--input", &archive];
    // These are k3s in a virtual machine, with a client of the engine outside.
    if context == "rancher-desktop" || node.name_any() == "lima-rancher-desktop" {
        return if runs_docker {
            words(&["docker", "load", "--input", &archive])
        } else {
            words(&nerdctl)
        };
    }
    if context.starts_with("colima") && node.name_any().starts_with("colima") {
        return if runs_docker {
            words(&["docker", "load", "--input", &archive])
        } else {
            let profile = context.strip_prefix("colima-").unwrap_or("default");
            words(
                &[
                    &["colima", "--profile", profile][..],
                    &["nerdctl", "--"],
                    &nerdctl[1..],
                ]
                .concat(),
            )
        };
    }
    let local = if provider.starts_with("k3s://") {
        Some("k3s")
    } else {
        node.labels()
            .contains_key("microk8s.io/cluster")
            .then_some("microk8s")
    };
    if let Some(program) = local {
        return if nodes.iter().all(is_this_machine) {
            words(&[program, "ctr", "images", "import", &archive])
        } else {
            Err(
                "each of its nodes takes images only from its own machine: with one node, run this command there",
            )
        };
    }
    if context == "docker-desktop" {
        return words(&["docker", "load", "--input", &archive]);
    }
    Err("this kind of cluster takes images only from a registry")
}

/// Whether a node has the name or an address of this machine.
fn is_this_machine(node: &Node) -> bool {
    let machine = rustix::system::uname();
    let is_name = |name: &str| {
        name.as_bytes()
            .eq_ignore_ascii_case(machine.nodename().to_bytes())
    };
    // Only an address of this machine can be bound to.
    let is_address = |address: IpAddr| UdpSocket::bind((address, 0)).is_ok();
    let addresses = node.status.as_ref().and_then(|status| status.addresses.as_ref());
    let mut addresses = addresses.into_iter().flatten().map(|address| &address.address);
    is_name(&node.name_any())
        || addresses.any(|address| address.parse().map_or_else(|_| is_name(address), is_address))
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

    use super::load_command;

    /// The command for a node with a provider id and labels, as such clusters give them to their nodes.
    fn command(context: &str, provider_id: &str, labels: &[(&str, &str)]) -> Option<String> {
        let labels: serde_json::Map<_, _> = labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!(value)))
            .collect();
        let node = json!({ "metadata": { "labels": labels }, "spec": { "providerID": provider_id } });
        on(context, &[node])
    }

    fn on(context: &str, nodes: &[serde_json::Value]) -> Option<String> {
        let nodes: Vec<_> = nodes
            .iter()
            .map(|node| serde_json::from_value(node.clone()).unwrap())
            .collect();
        let words = load_command(context, &nodes, Path::new("i.tar"));
        words.ok().map(|words| words.join(" "))
    }

    /// A node of k3s.
    fn k3s(name: &str, address: &str) -> serde_json::Value {
        json!({
            "metadata": { "name": name },
            "spec": { "providerID": format!("k3s://{name}") },
            "status": { "addresses": [{ "type": "InternalIP", "address": address }] },
        })
    }

    #[test]
    fn each_kind_of_cluster_has_its_command_whatever_its_context_is_called() {
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
            (
                "rancher-desktop",
                "k3s://winpc",
                &[],
                "nerdctl --namespace k8s.io load --input i.tar",
            ),
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
    fn where_only_a_registry_does_no_command_loads_images() {
        assert_eq!(command("prod", "gce://project/zone/node", &[]), None);
        assert_eq!(command("default", "kind://", &[]), None);
        assert_eq!(on("kind-kind", &[]), None);
    }

    #[test]
    fn only_nodes_that_are_this_machine_are_loaded_with_its_own_programs() {
        let name = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .to_uppercase();
        // 192.0.2.0/24 is nobody's.
        let (by_address, by_name) = (k3s("other", "127.0.0.1"), k3s(&name, "192.0.2.1"));
        let other = k3s("other", "192.0.2.1");
        let expected = Some("k3s ctr images import i.tar".to_owned());
        assert_eq!(on("default", std::slice::from_ref(&by_address)), expected);
        assert_eq!(on("default", std::slice::from_ref(&by_name)), expected);
        assert_eq!(on("default", std::slice::from_ref(&other)), None);
        assert_eq!(on("default", &[by_address, other]), None);

        let labels = json!({ "microk8s.io/cluster": "true" });
        let microk8s = |name: &str| json!({ "metadata": { "name": name, "labels": labels } });
        let expected = Some("microk8s ctr images import i.tar".to_owned());
        assert_eq!(on("microk8s", &[microk8s(&name)]), expected);
        assert_eq!(on("microk8s", &[microk8s("other")]), None);
    }

    #[test]
    fn k3s_in_a_virtual_machine_is_loaded_by_the_engine_that_it_runs() {
        let mut node = k3s("lima-rancher-desktop", "192.0.2.1");
        let expected = Some("nerdctl --namespace k8s.io load --input i.tar".to_owned());
        assert_eq!(on("renamed", std::slice::from_ref(&node)), expected);
        let info = json!({ "containerRuntimeVersion": "docker://29.1.0", "architecture": "", "bootID": "",
            "kernelVersion": "", "kubeProxyVersion": "", "kubeletVersion": "", "machineID": "",
            "operatingSystem": "", "osImage": "", "systemUUID": "" });
        node["status"]["nodeInfo"] = info;
        assert_eq!(
            on("renamed", &[node.clone()]),
            Some("docker load --input i.tar".into())
        );

        node["metadata"]["name"] = json!("colima-class");
        assert_eq!(
            on("colima-class", &[node]),
            Some("docker load --input i.tar".into())
        );
        let expected = "colima --profile class nerdctl -- --namespace k8s.io load --input i.tar";
        let node = k3s("colima-class", "192.0.2.1");
        assert_eq!(on("colima-class", &[node]), Some(expected.into()));
    }
}
