//! What objects say of each other.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::api::{apps::v1::ReplicaSet, core::v1::Pod};
use story::Subject;

use super::meta::{controller, subject};

/// Pods and ReplicaSets by their uids, and who controls whom.
pub(crate) struct Relations<'a> {
    pods: BTreeMap<&'a str, &'a Pod>,
    replica_sets: BTreeMap<&'a str, &'a ReplicaSet>,
}

impl<'a> Relations<'a> {
    pub(crate) fn of(pods: &'a [Arc<Pod>], replica_sets: &'a [Arc<ReplicaSet>]) -> Self {
        let pods = pods
            .iter()
            .filter_map(|pod| Some((pod.metadata.uid.as_deref()?, &**pod)));
        let sets = replica_sets
            .iter()
            .filter_map(|set| Some((set.metadata.uid.as_deref()?, &**set)));
        Self {
            pods: pods.collect(),
            replica_sets: sets.collect(),
        }
    }

    /// The pod with that uid.
    pub(super) fn pod(&self, uid: &str) -> Option<&'a Pod> {
        self.pods.get(uid).copied()
    }

    /// The pod as a subject, with its controllers.
    pub(super) fn of_pod(&self, pod: &Pod) -> Subject {
        let set = controller(&pod.metadata);
        let above = set.and_then(|uid| controller(&self.replica_sets.get(uid)?.metadata));
        Subject {
            owners: set.into_iter().chain(above).map(str::to_owned).collect(),
            ..subject("Pod", &pod.metadata)
        }
    }

    /// The ReplicaSet with that uid as a subject, with its controller.
    pub(super) fn of_replica_set(&self, uid: &str) -> Option<Subject> {
        self.replica_sets.get(uid).map(|set| with_owner(set))
    }

    /// The same by its name, which is unique as long as it is there; with how long a new pod has to stay ready, in seconds.
    pub(super) fn replica_set_named(&self, namespace: &str, name: &str) -> Option<(Subject, u32)> {
        let mut sets = self.replica_sets.values();
        let set = sets.find(|set| {
            set.metadata.name.as_deref() == Some(name) && set.metadata.namespace.as_deref() == Some(namespace)
        });
        set.map(|set| {
            let min_ready = set.spec.min_ready_seconds;
            let min_ready = min_ready.and_then(|seconds| u32::try_from(seconds).ok());
            (with_owner(set), min_ready.unwrap_or_default())
        })
    }
}

fn with_owner(set: &ReplicaSet) -> Subject {
    Subject {
        owners: controller(&set.metadata).into_iter().map(str::to_owned).collect(),
        ..subject("ReplicaSet", &set.metadata)
    }
}
