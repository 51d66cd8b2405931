//! What a step has to prove, as data: few kinds, put together in the guide's `yaml proof` blocks.
//!
//! A kind has a file here with what the guide may write and how that reads as a sentence. How it is looked at stands in the
//! crate `proofs`, in a file of the same name.

mod address;
mod answers;
mod computation;
mod file;
mod log;
mod nothing;
mod pods;
mod release;
mod replicas;
mod rollout;
mod service;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Message;

pub use self::{
    address::Address,
    answers::Answers,
    computation::Computation,
    file::File,
    log::Log,
    nothing::Nothing,
    pods::{PodFacts, Pods, ended},
    release::Release,
    replicas::Replicas,
    rollout::Rollout,
    service::Service,
};

/// Something that has to be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// A Service has an address outside the cluster.
    Address(Address),
    /// A file in the folder where the commands run.
    File(File),
    /// A Service: its endpoints, and what callers from outside meet.
    Service(Service),
    /// Pods: what their status says, and what each answers when it is asked by itself.
    Pods(Pods),
    /// A Deployment's newest ReplicaSet: how many pods it wants, and has.
    Replicas(Replicas),
    /// How far a Deployment's update has come.
    Rollout(Rollout),
    /// The last line that pods logged.
    Log(Log),
    /// Decimals of pi, and what computing them cost.
    Computation(Computation),
    /// A Helm release.
    Release(Release),
    /// That nothing with a label is left.
    Nothing(Nothing),
}

impl Proof {
    /// What every kind can say without looking.
    #[must_use]
    pub fn claim(&self) -> &dyn Claim {
        match self {
            Self::Address(kind) => kind,
            Self::File(kind) => kind,
            Self::Service(kind) => kind,
            Self::Pods(kind) => kind,
            Self::Replicas(kind) => kind,
            Self::Rollout(kind) => kind,
            Self::Log(kind) => kind,
            Self::Computation(kind) => kind,
            Self::Release(kind) => kind,
            Self::Nothing(kind) => kind,
        }
    }

    /// Tells proofs apart: two with the same key look at the same thing in the same way.
    #[must_use]
    pub fn key(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What a proof claims, and what follows from that without a look at the cluster.
pub trait Claim {
    /// Refuses a claim that would prove nothing, or could not be looked at.
    ///
    /// # Errors
    /// What is wrong and what is allowed.
    fn validate(&self) -> Result<(), String>;

    /// What is expected, as a sentence without a full stop.
    fn describe(&self) -> Message;

    /// Commands, beginning with `kubectl`, that show a person what this proof looks at. The namespace comes with
    /// `kubectl`, unless the proof names one.
    fn look_at(&self, kubectl: &str) -> Vec<String>;

    /// The namespace that it names, if it is not the one of the commands.
    fn namespace(&self) -> Option<&str> {
        None
    }

    /// How long it has to stay so.
    fn stays(&self) -> Option<Duration> {
        None
    }

    /// Whether it has to hold before the step, all the time, and after it; other proofs must not hold before.
    fn throughout(&self) -> bool {
        false
    }

    /// Whether it needs a Service's address outside the cluster.
    fn calls_from_outside(&self) -> bool {
        false
    }

    /// Whether it says only that something is not there, as on a cluster where nothing was ever done.
    fn is_absence(&self) -> bool {
        false
    }
}

/// `kubectl` for a proof's own namespace: the last `-n` counts.
fn in_namespace(kubectl: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(
        || kubectl.to_owned(),
        |namespace| format!("{kubectl} -n {namespace}"),
    )
}

/// A name, with the namespace where that is not the one of the commands.
fn place(name: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// Accepts what names something.
fn named(name: &str, otherwise: &str) -> Result<(), String> {
    if name.is_empty() {
        Err(otherwise.into())
    } else {
        Ok(())
    }
}
