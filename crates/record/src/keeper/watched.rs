//! The kinds that are watched.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod, Service},
    discovery::v1::EndpointSlice,
};
use kube::ResourceExt;
use serde::de::DeserializeOwned;
use story::{Fact, Source, Subject, What};

use super::{choice, clocks::Clocks, rules::Rules, scaling, seen::Seen, traffic, wishes};
use crate::{
    read::{
        Objects, event,
        meta::{date, fact, last_status, subject},
        pod,
    },
    slim::Slim,
};

/// The note in which `kubectl apply` keeps the whole of what was applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A kind that is watched.
pub(crate) trait Watched: Slim + Clone + Debug + DeserializeOwned + Send + Sync + 'static {
    /// Its name among sources.
    const SOURCE: Source;

    /// Whether it is asked later who had written a version.
    const KEEPS_WRITES: bool = false;

    /// The objects of the kind.
    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>>;

    /// Takes over from the version before what this one has overwritten, though nobody asked for anything new.
    fn settle(&mut self, _before: &Self) {}

    /// What a version says by itself.
    fn says(&self, _objects: &Objects) -> Vec<Fact> {
        vec![]
    }

    /// What only two versions together say.
    fn compared(
        _old: Option<&Self>,
        _new: Option<&Self>,
        _objects: &Objects,
        _seen: Seen,
        _clocks: &Clocks,
    ) -> Vec<Fact> {
        vec![]
    }

    /// kube-proxy's rules are to follow a version, or that the object is gone, and what that changed.
    fn programmed(
        _old: Option<&Self>,
        _new: Option<&Self>,
        _objects: &Objects,
        _changed: &[Fact],
        _seen: Seen,
        _rules: &mut Rules,
    ) {
    }

    /// What a version says of clocks.
    fn clocks(_new: &Self, _old: Option<&Self>, _seen: Seen, _clocks: &mut Clocks) {}

    /// The object as one that waits for what it is about.
    fn held(self) -> Result<Event, Self> {
        Err(self)
    }

    /// Remembers an object that is gone.
    fn remember(_objects: &mut Objects, _gone: &Arc<Self>) {}

    /// Leaves out what is not needed once it was read, beside what all objects carry.
    fn strip(&mut self) {}
}

impl Watched for Pod {
    const SOURCE: Source = Source::Pods;

    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>> {
        &mut objects.pods
    }

    /// The kubelet deletes a pod that was asked to go once more, without grace, when all of it has ended.
    fn settle(&mut self, before: &Self) {
        let (now, before) = (&mut self.metadata, &before.metadata);
        if now.deletion_grace_period_seconds == Some(0) && before.deletion_timestamp.is_some() {
            now.deletion_grace_period_seconds = before.deletion_grace_period_seconds;
            now.deletion_timestamp = before.deletion_timestamp.clone();
        }
    }

    fn says(&self, objects: &Objects) -> Vec<Fact> {
        pod::facts(self, objects)
    }

    fn compared(
        old: Option<&Self>,
        new: Option<&Self>,
        objects: &Objects,
        seen: Seen,
        clocks: &Clocks,
    ) -> Vec<Fact> {
        let told = match (old, new) {
            (Some(old), Some(new)) => choice::labelled(old, new, objects, seen, clocks),
            (Some(old), None) => gone(objects.of_pod(old), seen, Source::Pods),
            (None, _) => None,
        };
        told.into_iter().collect()
    }

    fn clocks(new: &Self, old: Option<&Self>, seen: Seen, clocks: &mut Clocks) {
        if !seen.in_order {
            return;
        }
        let write = last_status(&new.metadata);
        let Some(noted) = write.and_then(date) else {
            return;
        };
        let ready = |pod: &Self| pod::readiness(pod);
        // Only a write in which the kubelet dated something was made when it did.
        if let (Some(before), Some((value, dated))) = (old.and_then(ready), ready(new))
            && before != (value, dated)
            && write.and_then(|write| write.manager.as_deref()) == Some("kubelet")
        {
            clocks.reported(dated, noted);
            clocks.seen(noted, seen.at);
        }
    }

    fn remember(objects: &mut Objects, gone: &Arc<Self>) {
        objects.remember(gone);
    }
}

impl Watched for EndpointSlice {
    const SOURCE: Source = Source::Slices;

    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>> {
        &mut objects.slices
    }

    fn compared(
        old: Option<&Self>,
        new: Option<&Self>,
        objects: &Objects,
        seen: Seen,
        clocks: &Clocks,
    ) -> Vec<Fact> {
        traffic::changes(old, new, objects, seen, clocks)
    }

    fn programmed(
        old: Option<&Self>,
        new: Option<&Self>,
        objects: &Objects,
        changed: &[Fact],
        seen: Seen,
        rules: &mut Rules,
    ) {
        let others = new.or(old).into_iter();
        let others = others.flat_map(|slice| traffic::others(slice, objects));
        rules.wrote(old, new, others, changed, seen);
    }
}

impl Watched for Deployment {
    const SOURCE: Source = Source::Deployments;
    const KEEPS_WRITES: bool = true;

    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>> {
        &mut objects.deployments
    }

    fn compared(
        old: Option<&Self>,
        new: Option<&Self>,
        _objects: &Objects,
        seen: Seen,
        clocks: &Clocks,
    ) -> Vec<Fact> {
        let told = match (old, new) {
            (_, Some(new)) => wishes::changes(old, new, seen, clocks),
            (Some(old), None) => gone(subject("Deployment", &old.metadata), seen, Source::Deployments),
            (None, None) => None,
        };
        told.into_iter().collect()
    }
}

impl Watched for ReplicaSet {
    const SOURCE: Source = Source::ReplicaSets;
    const KEEPS_WRITES: bool = true;

    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>> {
        &mut objects.replica_sets
    }

    fn compared(
        old: Option<&Self>,
        new: Option<&Self>,
        _objects: &Objects,
        seen: Seen,
        clocks: &Clocks,
    ) -> Vec<Fact> {
        let scaled = new.and_then(|new| scaling::changes(old, new, seen, clocks));
        scaled.into_iter().collect()
    }

    fn remember(objects: &mut Objects, gone: &Arc<Self>) {
        objects.remember_set(gone);
    }
}

impl Watched for Service {
    const SOURCE: Source = Source::Services;
    const KEEPS_WRITES: bool = true;

    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>> {
        &mut objects.services
    }

    fn compared(
        old: Option<&Self>,
        new: Option<&Self>,
        _objects: &Objects,
        seen: Seen,
        clocks: &Clocks,
    ) -> Vec<Fact> {
        let told = match (old, new) {
            (_, Some(new)) => choice::chosen(old, new, seen, clocks),
            (Some(old), None) => gone(subject("Service", &old.metadata), seen, Source::Services),
            (None, None) => None,
        };
        let sends = old
            .zip(new)
            .map(|(old, new)| choice::sends(old, new, seen, clocks));
        told.into_iter().chain(sends.into_iter().flatten()).collect()
    }
}

impl Watched for Event {
    const SOURCE: Source = Source::Events;

    fn known(objects: &mut Objects) -> &mut BTreeMap<String, Arc<Self>> {
        &mut objects.events
    }

    fn says(&self, objects: &Objects) -> Vec<Fact> {
        event::facts(self, objects)
    }

    fn held(self) -> Result<Event, Self> {
        // The words of a probe are for a result that may be counted at once.
        match self.reason.as_deref() {
            Some("Unhealthy") => Err(self),
            _ => Ok(self),
        }
    }

    fn strip(&mut self) {
        *self = Self {
            metadata: std::mem::take(&mut self.metadata),
            ..Self::default()
        };
    }
}

/// That an object is gone. No version says when it went.
fn gone(of: Subject, seen: Seen, source: Source) -> Option<Fact> {
    let when = seen.moment()?;
    let what = What::Gone {
        asked: false,
        grace: None,
        idle: false,
    };
    Some(fact(of, what, None, when, source))
}

/// Leaves out what is not needed once its times were read: about half of an object.
pub(super) fn strip<K: Watched>(object: &mut K) {
    object.slim();
    object.strip();
    let meta = object.meta_mut();
    if !K::KEEPS_WRITES {
        meta.managed_fields = None;
    }
    if let Some(notes) = &mut meta.annotations {
        notes.remove(LAST_APPLIED);
    }
}

/// What the versions said with which it begins. They are stripped.
pub(super) fn begin(objects: &mut Objects, said: &mut BTreeMap<String, Vec<Fact>>) {
    fn of<K: Watched>(objects: &mut Objects, said: &mut BTreeMap<String, Vec<Fact>>) {
        for object in K::known(objects).values().cloned().collect::<Vec<_>>() {
            let mut says = object.says(objects);
            says.shrink_to_fit();
            if let Some(uid) = object.uid().filter(|_| !says.is_empty()) {
                said.insert(uid, says);
            }
        }
        for object in K::known(objects).values_mut() {
            strip(Arc::make_mut(object));
        }
    }
    of::<Pod>(objects, said);
    of::<EndpointSlice>(objects, said);
    of::<Deployment>(objects, said);
    of::<ReplicaSet>(objects, said);
    of::<Service>(objects, said);
    of::<Event>(objects, said);
}
