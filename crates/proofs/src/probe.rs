//! Which kind of proof is looked at how: by the file of the kind.

use guide::Proof;

use crate::Probe;

/// The way to look at a proof of any kind.
#[must_use]
pub fn probe(proof: &Proof) -> &dyn Probe {
    match proof {
        Proof::Address(kind) => kind,
        Proof::File(kind) => kind,
        Proof::Service(kind) => kind,
        Proof::Pods(kind) => kind,
        Proof::Replicas(kind) => kind,
        Proof::Rollout(kind) => kind,
        Proof::Budget(kind) => kind,
        Proof::Log(kind) => kind,
        Proof::Computation(kind) => kind,
        Proof::Release(kind) => kind,
        Proof::Nothing(kind) => kind,
    }
}
