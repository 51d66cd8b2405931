//! A fact: one thing that happened, to whom, when, and who says so.

use serde::{Deserialize, Serialize};

use crate::{Moment, What};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its number; no other fact of a story has it.
    pub id: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
    /// To whom.
    pub subject: Subject,
    /// Who did it, if the source says so: a component (`kubelet`), or the manager of a write (`kubectl-client-side-apply`).
    pub who: Option<String>,
    /// When.
    #[serde(flatten)]
    pub when: Moment,
    /// Where it comes from.
    pub source: Source,
    /// Whether it stands for itself and perhaps for more: events are left out once there are too many.
    #[serde(default, skip_serializing_if = "is_false")]
    pub at_least: bool,
    /// The write of an object that it was read from, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<Write>,
}

/// What a fact is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its kind, such as `Pod`.
    pub kind: String,
    /// Its namespace; empty for what has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid: a name may be given again.
    #[serde(default)]
    pub uid: String,
    /// The uids of its controller, of its controller's, and so on: a pod's ReplicaSet, then its Deployment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// The container of the pod, for what happens to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
}

/// A container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// What it is for its pod.
    #[serde(default, skip_serializing_if = "Role::is_only")]
    pub role: Role,
    /// The runtime's id, which is another after each restart; none where the source does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What a container is for its pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The only one that the pod is made for.
    #[default]
    Only,
    /// One of several that it is made for.
    OneOfSeveral,
    /// An init container: it has to end well before the next one starts.
    Init,
    /// A sidecar: an init container that goes on beside the others (`restartPolicy: Always`).
    Sidecar,
    /// An ephemeral container, which somebody added to look at the pod (`kubectl debug`).
    Ephemeral,
}

impl Role {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_only(&self) -> bool {
        *self == Self::Only
    }

    /// Whether its pod is ready only while it is.
    pub(crate) const fn counts_for_readiness(self) -> bool {
        matches!(self, Self::Only | Self::OneOfSeveral | Self::Sidecar)
    }
}

/// A version of an object in the API server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its `resourceVersion`, which orders writes of one kind (KEP-5504) and of no other.
    pub version: u64,
}

/// Where facts come from. Each fact has one source, and its moment is that source's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The pods of the API server.
    Pods,
    /// Its EndpointSlices.
    Slices,
    /// Its Deployments.
    Deployments,
    /// Its ReplicaSets.
    ReplicaSets,
    /// Its Services.
    Services,
    /// Its events: words rather than counts, as reporters leave them out after 25 (client-go, `defaultSpamBurst`).
    Events,
    /// The kubelet's `/metrics/probes`: every probe, counted.
    Probes,
    /// The kubelet's `/metrics/cadvisor`, or a node's cgroup files.
    Usage,
    /// kube-proxy's rules in the kernel of its node.
    Proxy,
    /// Requests of ours.
    Requests,
}

impl Source {
    /// What is watched of the API server, in the order in which it is listed.
    pub const WATCHED: [Self; 6] = [
        Self::Pods,
        Self::Slices,
        Self::Deployments,
        Self::ReplicaSets,
        Self::Services,
        Self::Events,
    ];

    /// Whether it is watched; the others are asked.
    #[must_use]
    pub fn is_watched(self) -> bool {
        Self::WATCHED.contains(&self)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
