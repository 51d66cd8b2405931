//! One object of which all of something is so, whatever it is called and whoever made it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{field::Field, told::Told, workload::labels};
use crate::{
    Claim, Message,
    claim::{in_namespace, namespace_named},
};

/// The most restarts that a person may be asked for: they wait longer for each.
const MOST_RESTARTS: u32 = 9;
/// The longest that a container may be asked to run, in seconds: longer than it takes to see that nobody restarts it.
const LONGEST: u32 = 300;

/// What kind of object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectKind {
    /// A pod.
    #[default]
    Pod,
    /// A Deployment.
    Deployment,
}

/// An object with these labels. All that is written has to be so of one and the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectGoal {
    /// The namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What it is.
    #[serde(default)]
    pub kind: ObjectKind,
    /// Its labels, as `key=value`, with commas between several.
    pub of: String,
    /// Its fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// How often each of these containers, sidecars among them, was restarted: 0 is never, more is at least so often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub restarts: BTreeMap<String, u32>,
    /// An event about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// That a container waits longer and longer before it is started again, or did so before its last start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// That it failed its readiness probe and is ready again, in the same run of its container.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
    /// That it came in the place of another pod of the same Deployment.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaced: bool,
    /// That the same fields were so in an earlier version of its Deployment, which an update has replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub updated: bool,
    /// That its containers have run for so many seconds, 1 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u32>,
    /// That it is ready.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ready: bool,
}

/// One thing that has to be so of an object.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A field.
    Field(&'a Field),
    /// How often a container was restarted.
    Restarts(&'a str, u32),
    /// An event.
    Told(&'a Told),
    /// See [`ObjectGoal::paused`].
    Paused,
    /// See [`ObjectGoal::recovered`].
    Recovered,
    /// See [`ObjectGoal::replaced`].
    Replaced,
    /// See [`ObjectGoal::updated`].
    Updated,
    /// See [`ObjectGoal::runs`].
    Runs(u32),
    /// See [`ObjectGoal::ready`].
    Ready,
}

impl Part<'_> {
    /// What it says, as a part of a sentence.
    #[must_use]
    pub fn describe(&self) -> Message {
        match self {
            Self::Field(field) => field.describe(),
            Self::Restarts(container, 0) => {
                Message::new("object-restarts-none").with("container", *container)
            }
            Self::Restarts(container, least) => Message::new("object-restarts")
                .with("container", *container)
                .with("count", *least),
            Self::Told(told) => told.describe(),
            Self::Paused => Message::new("object-paused"),
            Self::Recovered => Message::new("object-recovered"),
            Self::Replaced => Message::new("object-replaced"),
            Self::Updated => Message::new("object-updated"),
            Self::Runs(seconds) => Message::new("object-runs").with("seconds", *seconds),
            Self::Ready => Message::new("object-ready"),
        }
    }
}

impl ObjectGoal {
    /// All that has to be so, in the order in which a person gets there.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut parts: Vec<_> = self.fields.iter().map(Part::Field).collect();
        parts.extend(
            self.restarts
                .iter()
                .map(|(name, least)| Part::Restarts(name, *least)),
        );
        parts.extend(self.told.as_ref().map(Part::Told));
        for (asked, part) in [
            (self.paused, Part::Paused),
            (self.recovered, Part::Recovered),
            (self.updated, Part::Updated),
            (self.replaced, Part::Replaced),
        ] {
            parts.extend(asked.then_some(part));
        }
        parts.extend(self.runs.map(Part::Runs));
        parts.extend(self.ready.then_some(Part::Ready));
        parts
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        labels(&self.of).unwrap_or_default()
    }

    /// The kind, as manifests have it.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            ObjectKind::Pod => "Pod",
            ObjectKind::Deployment => "Deployment",
        }
    }
}

impl Claim for ObjectGoal {
    fn validate(&self) -> Result<(), String> {
        namespace_named(self.namespace.as_deref())?;
        if labels(&self.of).is_none() {
            return Err(format!("of: {:?} is not key=value, or several of them", self.of));
        }
        self.fields.iter().try_for_each(Field::validate)?;
        self.told.as_ref().map_or(Ok(()), Told::validate)?;
        if let Some(restarts) = self.restarts.values().find(|least| **least > MOST_RESTARTS) {
            return Err(format!("restarts: {restarts} is not 0 to {MOST_RESTARTS}"));
        }
        if self.runs.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
            return Err(format!("runs: write 1 to {LONGEST} seconds"));
        }
        let parts = self.parts();
        if parts.is_empty() {
            return Err("this asks for nothing; write fields, restarts, told or another part".into());
        }
        let of_pods = |part: &Part<'_>| !matches!(part, Part::Field(_) | Part::Told(_));
        if self.kind != ObjectKind::Pod && parts.iter().any(of_pods) {
            return Err("kind: of what is no pod, write fields and told".into());
        }
        if self.updated && self.fields.is_empty() {
            return Err("updated: write the fields that both versions have".into());
        }
        Ok(())
    }

    fn describe(&self) -> Message {
        Message::new("goal-object")
            .with("kind", self.kind_name())
            .with("of", &self.of)
            .with(
                "facts",
                Message::joined(", ", self.parts().iter().map(Part::describe)),
            )
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        let kind = self.kind_name().to_lowercase();
        vec![
            format!("{kubectl} describe {kind} -l {}", self.of),
            format!("{kubectl} get {kind} -l {} -o yaml", self.of),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}
