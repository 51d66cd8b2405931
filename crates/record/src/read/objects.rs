//! The objects of a namespace by their uids, and what they say of each other.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod, Service},
    discovery::v1::EndpointSlice,
};
use kube::ResourceExt;
use story::Subject;

use super::meta::{controller, subject};
use crate::Listed;

/// How many pods and ReplicaSets are remembered that are gone: what is still told of them comes soon.
const REMEMBERED: usize = 1000;

/// The objects by their uids, which are unique among all kinds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects {
    pub(crate) pods: BTreeMap<String, Arc<Pod>>,
    pub(crate) slices: BTreeMap<String, Arc<EndpointSlice>>,
    pub(crate) deployments: BTreeMap<String, Arc<Deployment>>,
    pub(crate) replica_sets: BTreeMap<String, Arc<ReplicaSet>>,
    pub(crate) services: BTreeMap<String, Arc<Service>>,
    pub(crate) events: BTreeMap<String, Arc<Event>>,
    gone: VecDeque<Arc<Pod>>,
    gone_sets: VecDeque<Arc<ReplicaSet>>,
}

impl Objects {
    pub(crate) fn of(listed: &Listed) -> Self {
        macro_rules! by_uid {
            ($kind:ident) => {{
                let all = listed.$kind.iter();
                all.filter_map(|found| Some((found.metadata.uid.clone()?, found.clone())))
                    .collect()
            }};
        }
        Self {
            pods: by_uid!(pods),
            slices: by_uid!(slices),
            deployments: by_uid!(deployments),
            replica_sets: by_uid!(replica_sets),
            services: by_uid!(services),
            events: by_uid!(events),
            gone: VecDeque::new(),
            gone_sets: VecDeque::new(),
        }
    }

    pub(crate) fn listed(&self) -> Listed {
        Listed {
            pods: self.pods.values().cloned().collect(),
            slices: self.slices.values().cloned().collect(),
            deployments: self.deployments.values().cloned().collect(),
            replica_sets: self.replica_sets.values().cloned().collect(),
            services: self.services.values().cloned().collect(),
            events: self.events.values().cloned().collect(),
        }
    }

    /// Remembers a pod that is gone, of which slices and events will still tell.
    pub(crate) fn remember(&mut self, pod: &Arc<Pod>) {
        push(&mut self.gone, pod);
    }

    /// Remembers a ReplicaSet that is gone, whose pods are going.
    pub(crate) fn remember_set(&mut self, set: &Arc<ReplicaSet>) {
        push(&mut self.gone_sets, set);
    }

    /// The pod with that uid, which may be gone.
    pub(crate) fn pod(&self, uid: &str) -> Option<&Pod> {
        found(&self.pods, &self.gone, uid)
    }

    /// The pod as a subject, with its controllers.
    pub(crate) fn of_pod(&self, pod: &Pod) -> Subject {
        let set = controller(&pod.metadata);
        let above =
            set.and_then(|uid| controller(&found(&self.replica_sets, &self.gone_sets, uid)?.metadata));
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
        set.map(|set| (with_owner(set), min_ready(set)))
    }
}

/// The object with that uid, which may be gone.
fn found<'a, K: ResourceExt>(
    there: &'a BTreeMap<String, Arc<K>>,
    gone: &'a VecDeque<Arc<K>>,
    uid: &str,
) -> Option<&'a K> {
    let was = || {
        gone.iter()
            .rev()
            .find(|object| object.meta().uid.as_deref() == Some(uid))
    };
    there.get(uid).or_else(was).map(|object| &**object)
}

/// Adds what is gone to what is remembered, in place of the oldest if there is no room.
fn push<K>(remembered: &mut VecDeque<Arc<K>>, gone: &Arc<K>) {
    if remembered.len() == REMEMBERED {
        remembered.pop_front();
    }
    remembered.push_back(gone.clone());
}

/// How many seconds a new pod of it has to stay ready to count.
pub(crate) fn min_ready(set: &ReplicaSet) -> u32 {
    let seconds = set.spec.min_ready_seconds;
    seconds
        .and_then(|seconds| u32::try_from(seconds).ok())
        .unwrap_or_default()
}

pub(crate) fn with_owner(set: &ReplicaSet) -> Subject {
    Subject {
        owners: controller(&set.metadata).into_iter().map(str::to_owned).collect(),
        ..subject("ReplicaSet", &set.metadata)
    }
}
