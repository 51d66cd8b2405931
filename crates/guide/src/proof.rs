//! What a step has to prove, as data: few kinds, put together in `guide/proofs`.
//!
//! A kind has a file here with what the guide may write and how that reads as a sentence. How it is looked at stands in the
//! crate `proofs`, in a file of the same name.

mod address;
mod answers;
mod budget;
mod computation;
mod file;
mod log;
mod nothing;
mod pods;
mod release;
mod replicas;
mod rollout;
mod service;

use serde::{Deserialize, Serialize};

use crate::Claim;

pub use self::{
    address::Address,
    answers::Answers,
    budget::Budget,
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
    /// A PodDisruptionBudget: how many pods may be evicted.
    Budget(Budget),
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
            Self::Budget(kind) => kind,
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
