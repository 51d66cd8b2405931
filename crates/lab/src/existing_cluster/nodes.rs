//! Asks the nodes of a cluster which images they have. A node's own list (`status.images`) has the 50 largest only, is late,
//! and has ids that depend on who loaded an image. So on each node a pod starts a container of each name that may not be
//! pulled: the kubelet says at once which image that is, or that there is none.

use std::time::Duration;

use access::{is_ready, wait};
use anyhow::{Context, bail, ensure};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::{ContainerStatus, Node, Pod};
use kube::{Api, Client, ResourceExt, api::PostParams};
use runner::preflight::Trial;
use serde_json::{Value, json};

/// How long a node may take to say it.
pub(super) const SAID_WITHIN: Duration = Duration::from_secs(90);

/// An image that nodes are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The name that manifests have.
    pub(super) name: String,
    /// The name that no image with other content has; none where any of the name will do.
    pub(super) content: Option<String>,
}

/// What a node has in place of an image that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instead {
    /// No image of its name.
    Nothing,
    /// Another image of its name.
    Another,
}

/// An image that a node does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lacking {
    pub(super) node: String,
    pub(super) name: String,
    pub(super) instead: Instead,
}

/// The nodes that can be asked: those that are ready, and run Linux.
pub(super) fn askable(nodes: &[Node]) -> Vec<&Node> {
    let runs_linux = |node: &Node| {
        node.labels()
            .get("kubernetes.io/os")
            .is_none_or(|system| system == "linux")
    };
    nodes
        .iter()
        .filter(|&node| is_ready(node) && runs_linux(node))
        .collect()
}

/// Which of these images these nodes lack, node by node.
///
/// # Errors
/// The cluster does not answer, refuses the pods, or a node does not say it in time.
pub(super) async fn lacking(
    client: &Client,
    trial: &mut Trial,
    nodes: &[&Node],
    images: &[Wanted],
) -> anyhow::Result<Vec<Lacking>> {
    ensure!(!nodes.is_empty(), "no node that runs Linux is ready");
    let ready = trial.make_for_pods().await.context("making a namespace")?;
    ensure!(
        ready,
        "the namespace {} got no service account",
        trial.namespace()
    );
    let pods: Api<Pod> = Api::namespaced(client.clone(), trial.namespace());
    let asking = nodes.iter().map(|node| ask(&pods, node.name_any(), images));
    Ok(try_join_all(asking).await?.concat())
}

async fn ask(pods: &Api<Pod>, node: String, images: &[Wanted]) -> anyhow::Result<Vec<Lacking>> {
    let pod = serde_json::from_value(pod(&node, images))?;
    let making = format!("making a pod on node {node} to see which images it has");
    let name = pods
        .create(&PostParams::default(), &pod)
        .await
        .context(making)?
        .name_any();
    let mut last = String::new();
    let said = wait::until(SAID_WITHIN, async || {
        match said(&pods.get(&name).await?, &node, images) {
            Ok(lacking) => anyhow::Ok(Some(lacking)),
            Err(missing) => {
                last = missing;
                Ok(None)
            }
        }
    });
    match said.await? {
        Some(lacking) => Ok(lacking),
        None => bail!(
            "node {node} did not say within {} s which images it has: {last}",
            SAID_WITHIN.as_secs()
        ),
    }
}

/// A pod that starts each name once, on a node, whatever else the node is for.
fn pod(node: &str, images: &[Wanted]) -> Value {
    let containers: Vec<_> = containers(images)
        .map(|(name, image)| {
            let mut container = json!({
                "name": name,
                "image": image,
                "imagePullPolicy": "Never",
                "args": ["--version"],
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
            });
            if image.contains("/todo-db:") {
                container["command"] = json!(["/bin/postgres"]);
            }
            container
        })
        .collect();
    json!({
        "metadata": { "generateName": "images-" },
        "spec": {
            "nodeName": node,
            "restartPolicy": "Never",
            "activeDeadlineSeconds": SAID_WITHIN.as_secs(),
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "tolerations": [{ "operator": "Exists" }],
            "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": containers,
        },
    })
}

/// The containers' names with their images: a place in the list, and whether it is the name by the content.
fn containers(images: &[Wanted]) -> impl Iterator<Item = (String, &str)> {
    images.iter().enumerate().flat_map(|(place, image)| {
        let named = (format!("name-{place}"), image.name.as_str());
        let content = image.content.as_deref();
        [
            Some(named),
            content.map(|content| (format!("content-{place}"), content)),
        ]
        .into_iter()
        .flatten()
    })
}

/// What a node lacks, as its pod shows.
///
/// # Errors
/// It has not said so yet; what is missing.
fn said(pod: &Pod, node: &str, images: &[Wanted]) -> Result<Vec<Lacking>, String> {
    let status = pod.status.as_ref();
    let all = status.and_then(|status| status.container_statuses.as_deref());
    let all = all.unwrap_or_default();
    let id = |container: String| {
        let found = all.iter().find(|status| status.name == container);
        found.map(id).transpose()?.ok_or_else(|| {
            let reason = |status: &k8s_openapi::api::core::v1::PodStatus| {
                status.message.clone().or_else(|| status.reason.clone())
            };
            status
                .and_then(reason)
                .unwrap_or_else(|| "its pod has not begun".to_owned())
        })
    };
    let mut lacking = vec![];
    for (place, image) in images.iter().enumerate() {
        let named = id(format!("name-{place}"))?;
        let instead = match (&named, &image.content) {
            (None, _) => Some(Instead::Nothing),
            (Some(_), None) => None,
            // One image has one id on a node, whatever it is called.
            (Some(_), Some(_)) => (id(format!("content-{place}"))? != named).then_some(Instead::Another),
        };
        lacking.extend(instead.map(|instead| Lacking {
            node: node.to_owned(),
            name: image.name.clone(),
            instead,
        }));
    }
    Ok(lacking)
}

/// The id of a container's image; none where the node has none.
///
/// # Errors
/// The kubelet has not looked yet, or something else keeps it from it.
fn id(container: &ContainerStatus) -> Result<Option<&str>, String> {
    if !container.image_id.is_empty() {
        return Ok(Some(&container.image_id));
    }
    let waiting = container.state.as_ref().and_then(|state| state.waiting.as_ref());
    let (reason, message) = waiting.map_or((None, None), |waiting| {
        (waiting.reason.as_deref(), waiting.message.as_deref())
    });
    match reason {
        Some("ErrImageNeverPull") => Ok(None),
        _ => Err(format!(
            "{}: {}",
            container.image,
            message.or(reason).unwrap_or("nothing is known of it yet")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &str = "localhost/lab/pi-web:1.0.0-00ff";

    fn wanted(content: Option<&str>) -> [Wanted; 1] {
        [Wanted {
            name: "localhost/lab/pi-web:1.0.0".into(),
            content: content.map(str::to_owned),
        }]
    }

    /// A container's status: the id of its image, or else why it waits.
    fn container(name: &str, id: &str, waits: &str) -> Value {
        let mut status =
            json!({ "name": name, "image": name, "imageID": id, "ready": false, "restartCount": 0 });
        if !waits.is_empty() {
            status["state"] = json!({ "waiting": { "reason": waits } });
        }
        status
    }

    fn shown(containers: &[Value], content: Option<&str>) -> Result<Vec<Instead>, String> {
        let pod = json!({ "metadata": {}, "status": { "containerStatuses": containers } });
        let pod = serde_json::from_value(pod).unwrap();
        let lacking = said(&pod, "node", &wanted(content))?;
        Ok(lacking.into_iter().map(|lacking| lacking.instead).collect())
    }

    #[test]
    fn a_name_is_not_enough_where_the_content_is_known() {
        let never = "ErrImageNeverPull";
        let (named, absent) = (container("name-0", "a", ""), container("name-0", "", never));
        let content = |id| container("content-0", id, "");
        let no_content = container("content-0", "", never);
        let both = |one: &Value, other: &Value| shown(&[one.clone(), other.clone()], Some(CONTENT));
        assert_eq!(both(&named, &content("a")), Ok(vec![]));
        assert_eq!(both(&named, &content("b")), Ok(vec![Instead::Another]));
        assert_eq!(both(&named, &no_content), Ok(vec![Instead::Another]));
        // What is under the name counts, even if the image is there under its other one.
        assert_eq!(both(&absent, &content("a")), Ok(vec![Instead::Nothing]));
        assert_eq!(shown(std::slice::from_ref(&named), None), Ok(vec![]));
        assert_eq!(shown(&[absent], None), Ok(vec![Instead::Nothing]));
    }

    #[test]
    fn what_a_node_has_not_said_is_not_taken_for_an_answer() {
        let named = container("name-0", "a", "");
        for other in [
            container("content-0", "", "ContainerCreating"),
            container("content-0", "", "ErrImagePull"),
        ] {
            assert!(shown(&[named.clone(), other], Some(CONTENT)).is_err());
        }
        assert!(shown(&[named], Some(CONTENT)).is_err());
        let pod = json!({ "metadata": {}, "status": { "phase": "Failed", "message": "too many pods" } });
        let pod = serde_json::from_value(pod).unwrap();
        assert_eq!(said(&pod, "node", &wanted(None)), Err("too many pods".into()));
    }

    #[test]
    fn only_ready_nodes_with_linux_are_asked() {
        let node = |name: &str, system: Option<&str>, ready: &str| -> Node {
            let labels = system.map(|system| json!({ "kubernetes.io/os": system }));
            serde_json::from_value(json!({
                "metadata": { "name": name, "labels": labels },
                "status": { "conditions": [{ "type": "Ready", "status": ready }] },
            }))
            .unwrap()
        };
        let nodes = [
            node("plain", None, "True"),
            node("linux", Some("linux"), "True"),
            node("windows", Some("windows"), "True"),
            node("gone", None, "Unknown"),
        ];
        let names: Vec<_> = askable(&nodes).iter().map(|node| node.name_any()).collect();
        assert_eq!(names, ["plain", "linux"]);
    }
}
