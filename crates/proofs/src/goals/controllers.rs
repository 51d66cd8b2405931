//! Whatever makes pods: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and ReplicationControllers, all read alike.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::jiff::Timestamp;
use kube::{ResourceExt, api::DynamicObject};
use serde_json::Value;

/// Something that makes pods.
#[derive(Clone, Debug)]
pub(super) struct Controller {
    pub(super) name: String,
    /// Such as `ReplicaSet`.
    pub(super) kind: String,
    pub(super) uid: String,
    /// The uid of what made it, as a Deployment makes ReplicaSets.
    owner: Option<String>,
    created: Option<Timestamp>,
    /// How many pods it wants.
    pub(super) wanted: usize,
    /// The labels of its pods.
    pub(super) labels: BTreeMap<String, String>,
    /// Why it cannot make a pod, where it has a condition for that.
    failure: Option<String>,
    /// Its own labels.
    pub(super) own_labels: BTreeMap<String, String>,
    /// All of it.
    pub(super) object: Value,
}

impl Controller {
    pub(super) fn of(kind: &str, object: &DynamicObject) -> Self {
        let data = &object.data;
        let number = |path: &str| data.pointer(path).and_then(Value::as_u64);
        // A Job makes no more pods at a time than it has work left for.
        let at_once = number("/spec/parallelism");
        let at_once = at_once.map(|count| count.min(number("/spec/completions").unwrap_or(count)));
        let wanted = number("/spec/replicas")
            .or(at_once)
            .or_else(|| number("/status/desiredNumberScheduled"));
        let labels = data.pointer("/spec/template/metadata/labels");
        let labels = labels.and_then(|labels| serde_json::from_value(labels.clone()).ok());
        Self {
            name: object.name_any(),
            kind: kind.to_owned(),
            uid: object.uid().unwrap_or_default(),
            owner: owner(object).map(str::to_owned),
            created: created(object),
            wanted: usize::try_from(wanted.unwrap_or_default()).unwrap_or(usize::MAX),
            labels: labels.unwrap_or_default(),
            failure: failure(data),
            own_labels: object.labels().clone(),
            object: serde_json::to_value(object).unwrap_or_default(),
        }
    }

    /// Whether another of these made it.
    pub(super) fn is_made_by(&self, others: &[Self]) -> bool {
        others.iter().any(|other| self.owner.as_ref() == Some(&other.uid))
    }

    /// Whether the same made both, as a Deployment makes a ReplicaSet for each version.
    pub(super) fn is_sister_of(&self, other: &Self) -> bool {
        self.owner.is_some() && self.owner == other.owner
    }

    /// Which version of its Deployment it is; the first is 1.
    pub(super) fn revision(&self) -> u64 {
        let annotations = &self.object["metadata"]["annotations"];
        let revision = annotations["deployment.kubernetes.io/revision"].as_str();
        revision
            .and_then(|revision| revision.parse().ok())
            .unwrap_or_default()
    }

    /// When it was made.
    pub(super) fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// It and those that it made, as a Deployment makes ReplicaSets.
    pub(super) fn family<'a>(&'a self, all: &'a [Self]) -> impl Iterator<Item = &'a Self> {
        all.iter()
            .filter(|other| other.uid == self.uid || other.is_made_by(std::slice::from_ref(self)))
    }

    /// Whether it makes no pods itself, but what makes them. What a Deployment says of a refusal may be about a version that has gone:
    /// it keeps the first words for a reason.
    pub(super) fn makes_others(&self, all: &[Self]) -> bool {
        all.iter()
            .any(|other| other.is_made_by(std::slice::from_ref(self)))
    }

    /// Those of `pods` that it made itself.
    pub(super) fn own<'a>(&self, pods: &'a [Pod]) -> Vec<&'a Pod> {
        pods.iter()
            .filter(|pod| owner(*pod) == Some(self.uid.as_str()))
            .collect()
    }

    /// What the API server said when it refused the pods that are missing now.
    pub(super) fn refusal(&self, pods: &[Pod], events: &[Event]) -> Option<String> {
        let own = self.own(pods);
        if own.len() >= self.wanted {
            return None;
        }
        if self.failure.is_some() {
            return self.failure.clone();
        }
        let youngest = own.iter().filter_map(|pod| created(*pod)).max();
        let about = events
            .iter()
            .filter(|event| event.involved_object.uid.as_ref() == Some(&self.uid));
        // A pod that came after a refusal says that it was the last word no more.
        about
            .filter_map(|event| Some((access::last_seen(event)?, event.message.clone()?)))
            .filter(|(at, _)| youngest.is_none_or(|youngest| *at >= youngest))
            .max_by_key(|(at, _)| *at)
            .map(|(_, message)| message)
    }
}

/// When an object was made.
pub(super) fn created(object: &impl ResourceExt) -> Option<Timestamp> {
    object.creation_timestamp().map(|time| time.0)
}

/// Whether nothing that is known here made it.
pub(super) fn is_bare(pod: &Pod, controllers: &[Controller]) -> bool {
    let owner = owner(pod);
    !controllers
        .iter()
        .any(|controller| owner == Some(controller.uid.as_str()))
}

fn owner(object: &impl ResourceExt) -> Option<&str> {
    let references = object.owner_references();
    references
        .iter()
        .find(|reference| reference.controller == Some(true))
        .map(|reference| reference.uid.as_str())
}

fn failure(data: &Value) -> Option<String> {
    let conditions = data.pointer("/status/conditions")?.as_array()?;
    let failed = conditions
        .iter()
        .find(|condition| condition["type"] == "ReplicaFailure" && condition["status"] == "True")?;
    failed["message"].as_str().map(str::to_owned)
}
