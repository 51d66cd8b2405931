//! Objects that are missing, still there, or not as their manifest has them.

use guide::{Manifest, Message, ObjectName, Stage};

use crate::{
    difference::{Difference, differences},
    finding::{Finding, title},
    scene::{Room, Scene},
};

/// Every manifest of the chapter, to tell which one an object is from.
pub(crate) type Files = Vec<(ObjectName, Manifest)>;

/// How many fields of one object are told.
const TOLD: usize = 4;

/// An object that is there without belonging there weighs as much as this many fields that differ, and one that is missing a
/// little less: who has begun a stage is nearer to it than to the one before.
const STILL_THERE: usize = 4;
const MISSING: usize = 3;
/// A label of the pods says more than any other field which step an object is from.
const POD_LABEL: usize = 2;

/// What it would take to make of what is there a stage.
pub(crate) fn cost(scene: &Scene, stage: &Stage, union: &[ObjectName]) -> usize {
    let objects = union
        .iter()
        .map(|name| match (stage.objects.get(name), is_there(scene, name)) {
            (Some(_), false) => MISSING,
            (None, true) => STILL_THERE,
            (Some(manifest), true) => differing(scene, name, manifest).iter().map(weight).sum(),
            (None, false) => 0,
        });
    objects.sum()
}

fn weight(difference: &Difference) -> usize {
    if difference.field.starts_with("template.metadata.labels") {
        POD_LABEL
    } else {
        1
    }
}

/// Whether an object is there and is to stay.
pub(crate) fn is_there(scene: &Scene, name: &ObjectName) -> bool {
    scene
        .object(name)
        .is_some_and(|object| object["metadata"]["deletionTimestamp"].is_null())
}

fn differing(scene: &Scene, name: &ObjectName, manifest: &Manifest) -> Vec<Difference> {
    let Some(there) = scene.object(name).filter(|_| !manifest.changed) else {
        return vec![];
    };
    let mut found = differences(&manifest.body, there);
    found.retain(|difference| !difference.is_surplus());
    found
}

/// Says what differs from a stage.
pub(super) fn find(scene: &Scene, stage: &Stage, union: &[ObjectName], files: &Files) -> Vec<Finding> {
    let mut found = vec![];
    for (name, manifest) in &stage.objects {
        if is_there(scene, name) {
            found.extend(fields(scene, name, manifest, files));
        } else if !scene.room(name).is_some_and(Room::goes) {
            // What goes with its namespace is told by that.
            let mut missing = missing(scene, name, manifest);
            // Whoever skipped a part of the page that has nothing to do with this one has made no mistake here.
            missing.wrong &= !stage.inherited.contains(name);
            found.push(missing);
        }
    }
    for name in union.iter().filter(|name| !stage.objects.contains_key(name)) {
        if is_there(scene, name) {
            let message = Message::new("find-still-there").with("object", title(name));
            found.push(Finding::fact(message));
        }
    }
    found
}

/// The object as `kubectl apply` had it last, which it notes down.
fn last_applied(scene: &Scene, name: &ObjectName) -> Option<serde_json::Value> {
    let annotations = &scene.object(name)?["metadata"]["annotations"];
    let applied = annotations["kubectl.kubernetes.io/last-applied-configuration"].as_str()?;
    serde_json::from_str(applied).ok()
}

fn missing(scene: &Scene, name: &ObjectName, manifest: &Manifest) -> Finding {
    let hidden = scene
        .room(name)
        .is_some_and(|room| room.hidden.contains(&name.kind));
    if hidden {
        let message = Message::new("find-hidden").with("object", title(name));
        return Finding::fact(message);
    }
    // A Service beside a Deployment of its name is as it should be.
    let stands_for = ["StatefulSet", "DaemonSet", "Deployment", "ReplicaSet"];
    let other = stands_for.iter().find(|kind| {
        let other = ObjectName {
            kind: (**kind).to_owned(),
            ..name.clone()
        };
        name.kind == "Deployment" && name.kind != **kind && is_there(scene, &other)
    });
    let message = match other {
        Some(kind) => Message::new("find-other-kind")
            .with("name", &name.name)
            .with("there", *kind)
            .with("wanted", &name.kind),
        None => Message::new("find-missing")
            .with("object", title(name))
            .with("file", manifest.file.display().to_string()),
    };
    Finding::wrong(message)
}

fn fields(scene: &Scene, name: &ObjectName, manifest: &Manifest, files: &Files) -> Vec<Finding> {
    let differing = differing(scene, name, manifest);
    if differing.is_empty() {
        return vec![];
    }
    let from = files.iter().find(|(other, file)| {
        let same = other.kind == name.kind && other.name == name.name && file.file != manifest.file;
        let there = scene.object(name);
        same && there.is_some_and(|there| differences(&file.body, there).iter().all(Difference::is_surplus))
    });
    let mut found = vec![];
    if let Some((_, other)) = from {
        let message = Message::new("find-other-file")
            .with("object", title(name))
            .with("there", other.file.display().to_string())
            .with("file", manifest.file.display().to_string());
        found.push(Finding::wrong(message));
    }
    let applied = last_applied(scene, name);
    let by_apply = |difference: &Difference| {
        let applied = applied
            .as_ref()
            .map(|applied| differences(&manifest.body, applied));
        applied.is_none_or(|applied| applied.iter().any(|other| other.field == difference.field))
    };
    let messages = differing.iter().take(TOLD).map(|difference| {
        let message = match (&difference.wanted, &difference.there) {
            (Some(wanted), Some(there)) => Message::new("find-differs")
                .with("wanted", wanted)
                .with("there", there),
            (Some(wanted), None) => Message::new("find-lacks").with("wanted", wanted),
            (None, there) => {
                // What another command has set stays when the manifest is applied.
                let message = match by_apply(difference) {
                    true => Message::new("find-extra"),
                    false => Message::new("find-extra-set"),
                };
                message.with("there", there.as_deref().unwrap_or_default())
            }
        };
        let message = message
            .with("object", title(name))
            .with("field", &difference.field)
            .with("file", manifest.file.display().to_string());
        Finding::wrong(message)
    });
    found.extend(messages);
    if let Some(more @ 1..) = differing.len().checked_sub(TOLD) {
        let message = Message::new("find-more")
            .with("object", title(name))
            .with("count", more);
        found.push(Finding::wrong(message));
    }
    found
}
