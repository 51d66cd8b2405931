#![doc = include_str!("../README.md")]

mod address;
mod callers;
mod computation;
mod file;
mod learner;
mod log;
mod nothing;
mod place;
mod pods;
mod release;
mod replicas;
mod rollout;
mod service;

use futures::future::{FutureExt, LocalBoxFuture};
use guide::{Message, Proof};

pub use self::{
    learner::{Learner, Standing, tidies_up},
    place::Place,
};

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether all of it was so.
    pub holds: bool,
    /// What was there.
    pub observed: Message,
    /// What a learner may look at or do next. None exactly when it holds.
    pub hint: Option<Message>,
}

impl Verdict {
    fn holds(observed: Message) -> Self {
        Self {
            holds: true,
            observed,
            hint: None,
        }
    }

    fn missed(observed: Message, hint: Message) -> Self {
        Self {
            holds: false,
            observed,
            hint: Some(hint),
        }
    }

    /// Holds exactly where there is nothing to hint at.
    fn of(observed: Message, hint: Option<Message>) -> Self {
        Self {
            holds: hint.is_none(),
            observed,
            hint,
        }
    }
}

/// Something that can be looked at.
pub trait Probe {
    /// Looks once, and decides.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    fn verdict<'a>(&'a self, place: &'a Place) -> LocalBoxFuture<'a, Result<Verdict, kube::Error>>;
}

/// How a kind of proof is looked at.
trait Kind {
    /// What is fetched.
    type Facts;

    /// Looks once.
    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error>;

    /// Decides, without the cluster.
    fn judge(&self, facts: &Self::Facts) -> Verdict;
}

impl<K: Kind> Probe for K {
    fn verdict<'a>(&'a self, place: &'a Place) -> LocalBoxFuture<'a, Result<Verdict, kube::Error>> {
        async move { Ok(self.judge(&self.look(place).await?)) }.boxed_local()
    }
}

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
        Proof::Log(kind) => kind,
        Proof::Computation(kind) => kind,
        Proof::Release(kind) => kind,
        Proof::Nothing(kind) => kind,
    }
}
