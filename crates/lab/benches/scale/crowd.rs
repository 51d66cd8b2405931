//! The nodes and pods, which are objects and nothing else.

use std::{net::Ipv4Addr, time::Duration};

use access::{Access, is_ready, wait};
use anyhow::{Context, Result};
use cluster::Layout;
use ipnet::Ipv4Net;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Namespace, Node, Pod, Service},
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) const NAMESPACE: &str = "scale";
/// How many pods there are.
pub(crate) const PODS: usize = DEPLOYMENTS * REPLICAS;
const DEPLOYMENTS: usize = 5;
const REPLICAS: usize = 200;
const NODES: u32 = 10;
/// How many of them wait for another start, and how many have started again.
const WAITING: usize = 2;
const RESTARTED: usize = 10;

/// The label of all that is made, and the taint that keeps others from its nodes.
const MARK: &str = "lab-scale";
/// By when kube-controller-manager, which makes 20 pods a second, has made them, or removed them.
const WITHIN: Duration = Duration::from_secs(300);

/// Pods that are there.
pub(crate) struct Crowd {
    /// Those that are ready and whose containers have never ended.
    pub(crate) pods: Vec<Pod>,
}

/// Addresses of the cluster's own range, that of its pods, which it gives from its other end.
pub(crate) fn pods(layout: &Layout) -> Result<Ipv4Net> {
    Ok(Ipv4Net::new(above(layout, 0x7000), 20)?)
}

/// The address of a node, at which no kubelet answers.
pub(crate) fn address(layout: &Layout, node: u32) -> Ipv4Addr {
    above(layout, 0x6f00 + node)
}

fn above(layout: &Layout, offset: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(layout.network.network()) + offset)
}

/// Removes all of it, also what an earlier run has left.
pub(crate) async fn remove(access: &Access) -> Result<()> {
    let (spaces, nodes): (Api<Namespace>, Api<Node>) =
        (Api::all(access.client.clone()), Api::all(access.client.clone()));
    if spaces.get_opt(NAMESPACE).await?.is_some() {
        let pods: Api<Pod> = Api::namespaced(access.client.clone(), NAMESPACE);
        wait::patiently(async || spaces.delete(NAMESPACE, &DeleteParams::background()).await).await?;
        let now = DeleteParams::default().grace_period(0);
        let gone = wait::until(WITHIN, async || {
            // Where no kwok runs, nobody but us lets pods go. For a thousand this takes longer than an answer may: it goes on then.
            let _ = pods.delete_collection(&now, &ListParams::default()).await;
            let left = wait::patiently(async || spaces.get_opt(NAMESPACE).await).await?;
            Ok::<_, kube::Error>(left.is_none().then_some(()))
        });
        gone.await?
            .with_context(|| format!("the namespace {NAMESPACE} is still there"))?;
    }
    nodes
        .delete_collection(&DeleteParams::default(), &ListParams::default().labels(MARK))
        .await?;
    Ok(())
}

impl Crowd {
    /// Makes all of it, and waits until it is there.
    pub(crate) async fn gather(access: &Access, layout: &Layout) -> Result<Self> {
        let client = &access.client;
        for number in 1..=NODES {
            create::<Node>(Api::all(client.clone()), node(number, address(layout, number))).await?;
        }
        let space = json!({ "metadata": { "name": NAMESPACE } });
        create::<Namespace>(Api::all(client.clone()), space).await?;
        let service = json!({
            "metadata": { "name": "crowd" },
            "spec": { "selector": { "app": "crowd" }, "ports": [{ "port": 80 }] },
        });
        create::<Service>(Api::namespaced(client.clone(), NAMESPACE), service).await?;
        for number in 1..=DEPLOYMENTS {
            create::<Deployment>(Api::namespaced(client.clone(), NAMESPACE), deployment(number)).await?;
        }
        let pods: Api<Pod> = Api::namespaced(client.clone(), NAMESPACE);
        until(&pods, PODS).await?;
        let all = pods.list(&ListParams::default()).await?.items;
        let (waiting, others) = all.split_at(WAITING);
        let (restarted, others) = others.split_at(RESTARTED);
        let ask = async |pods_asked: &[Pod], name: &str, value: &str| {
            let asked = json!({ "metadata": { "annotations": { name: value } } });
            for pod in pods_asked {
                pods.patch(&pod.name_any(), &PatchParams::default(), &Patch::Merge(&asked))
                    .await?;
            }
            Ok::<_, kube::Error>(())
        };
        ask(waiting, "scale/back-off", "5m0s").await?;
        ask(restarted, "scale/restarts", "2").await?;
        until(&pods, PODS - WAITING).await?;
        Ok(Self {
            pods: others.to_vec(),
        })
    }

    /// How many of its pods get traffic.
    pub(crate) fn ready() -> usize {
        PODS - WAITING
    }
}

/// Waits until so many pods are ready.
async fn until(pods: &Api<Pod>, ready: usize) -> Result<()> {
    let found = wait::until(WITHIN, async || {
        let all = pods.list(&ListParams::default()).await?.items;
        Ok::<_, kube::Error>((all.iter().filter(|pod| is_ready(*pod)).count() == ready).then_some(()))
    });
    found.await?.with_context(|| {
        format!("there are not {ready} ready pods within {WITHIN:?}; kwok's log is in target/tmp/kwok")
    })
}

async fn create<K>(api: Api<K>, object: Value) -> Result<()>
where
    K: Clone + std::fmt::Debug + DeserializeOwned + serde::Serialize,
{
    api.create(&PostParams::default(), &serde_json::from_value(object)?)
        .await?;
    Ok(())
}

fn node(number: u32, address: Ipv4Addr) -> Value {
    json!({
        "metadata": {
            "name": format!("{MARK}-{number}"),
            "labels": { MARK: "", "kubernetes.io/os": "linux" },
            "annotations": { "kwok.x-k8s.io/node": "fake", "scale/address": address },
        },
        "spec": { "taints": [{ "key": MARK, "effect": "NoSchedule" }] },
    })
}

fn deployment(number: usize) -> Value {
    let name = format!("crowd-{number}");
    let labels = json!({ "app": "crowd", "part": name });
    json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": REPLICAS,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": {
                    "nodeSelector": { MARK: "" },
                    "tolerations": [{ "key": MARK, "operator": "Exists" }],
                    "automountServiceAccountToken": false,
                    "containers": [{ "name": "app", "image": "kwok" }],
                },
            },
        },
    })
}
