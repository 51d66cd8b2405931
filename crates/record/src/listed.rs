//! The objects of a namespace.

use std::sync::Arc;

use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod, Service},
    discovery::v1::EndpointSlice,
};
use story::Fact;

use crate::read::{Objects, deployment, event, pod, slice};

/// The objects of a namespace, each once. Kinds that may not be looked at are empty: then fewer facts come of it, and no others.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Its pods.
    pub pods: Vec<Arc<Pod>>,
    /// Its EndpointSlices.
    pub slices: Vec<Arc<EndpointSlice>>,
    /// Its Deployments.
    pub deployments: Vec<Arc<Deployment>>,
    /// Its ReplicaSets.
    pub replica_sets: Vec<Arc<ReplicaSet>>,
    /// Its Services. No fact comes of them; they say what is in front of which pods.
    pub services: Vec<Arc<Service>>,
    /// Its events.
    pub events: Vec<Arc<Event>>,
}

impl Listed {
    /// What all of it tells of the past, numbered from 1 in the order of time.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let objects = Objects::of(self);
        let mut facts: Vec<_> = self
            .pods
            .iter()
            .flat_map(|found| pod::facts(found, &objects))
            .collect();
        facts.extend(self.slices.iter().flat_map(|found| slice::facts(found, &objects)));
        facts.extend(self.deployments.iter().flat_map(|found| deployment::facts(found)));
        facts.extend(self.events.iter().flat_map(|found| event::facts(found, &objects)));
        facts.sort_by_key(|fact| (fact.when.earliest(), fact.when.latest()));
        for (id, fact) in (1..).zip(&mut facts) {
            fact.id = id;
        }
        facts
    }
}
