//! What is not as an exercise wants it, told from one look: each kind of thing in a file of its own.

mod objects;
mod pods;
mod services;

use guide::{Message, ObjectName, Stage};

use crate::{finding::Finding, scene::Scene};

pub(crate) use objects::{Files, cost, is_there};

/// All that is found where `stage` should be.
pub(crate) fn all(scene: &Scene, stage: &Stage, union: &[ObjectName], files: &Files) -> Vec<Finding> {
    let mut found = objects::find(scene, stage, union, files);
    for (name, room) in &scene.rooms {
        if room.goes() {
            let goes = Message::new("find-namespace-goes").with("namespace", name);
            found.push(Finding::fact(goes));
        }
        let ours = |kind: &str| {
            let mut objects = stage.objects.keys();
            objects.any(|object| {
                object.kind == kind && scene.room(object).is_some_and(|own| std::ptr::eq(own, room))
            })
        };
        if ours("Deployment") || !stage.releases.is_empty() && *name == scene.home {
            found.extend(pods::find(room, stage));
        }
    }
    found.extend(services::find(scene, stage));
    found.dedup();
    found
}
