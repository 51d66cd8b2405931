//! What can be proved about the cluster: few kinds, put together in a guide's `yaml proof` blocks.
//!
//! A kind has a file of its own (with its sentences and hints beside it, where they are many), in the order in which it is
//! used: what the guide may write, how that reads as a sentence, what is fetched, and, without the cluster, whether it
//! holds and what to hint at if it does not.

mod address;
mod computation;
mod file;
mod http;
mod log;
mod nothing;
mod pods;
mod release;
mod replicas;
mod rollout;
mod service;
mod view;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::guide::Language;

pub use self::{
    address::Address, computation::Computation, file::File, http::Expected, log::Log, nothing::Nothing,
    pods::Pods, release::Release, replicas::Replicas, rollout::Rollout, service::Service, view::View,
};

/// Something that has to be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// A Service has an address outside the cluster.
    Address(Address),
    /// A file in the folder where the commands run.
    File(File),
    /// A Service: who is in its endpoints, and what callers from outside meet.
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

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether all of it was so.
    pub holds: bool,
    /// What was there, in words.
    pub observed: String,
    /// What a learner may look at or do next. Empty exactly when it holds.
    pub hint: String,
}

impl Verdict {
    /// `hint` counts only where it does not hold.
    fn new(holds: bool, observed: impl Into<String>, hint: impl FnOnce() -> String) -> Self {
        Self {
            holds,
            observed: observed.into(),
            hint: if holds { String::new() } else { hint() },
        }
    }
}

/// What every kind of check can do.
trait Kind {
    /// What is fetched.
    type Facts;

    /// Refuses what would prove nothing, or could not be asked: what is wrong and what is allowed.
    fn validate(&self) -> Result<(), String>;

    /// What is expected, as a sentence without a full stop.
    fn describe(&self, language: Language) -> String;

    /// Looks once.
    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error>;

    /// Decides, without the cluster.
    fn judge(&self, facts: &Self::Facts, language: Language) -> Verdict;

    /// What a person may look at to see what this check sees, as commands that begin with `kubectl`.
    fn look_at(&self, kubectl: &str) -> Vec<String>;
}

/// Does the same with a check of any kind.
macro_rules! of_any_kind {
    ($check:expr, $kind:ident => $what:expr) => {
        match $check {
            Check::Address($kind) => $what,
            Check::File($kind) => $what,
            Check::Service($kind) => $what,
            Check::Pods($kind) => $what,
            Check::Replicas($kind) => $what,
            Check::Rollout($kind) => $what,
            Check::Log($kind) => $what,
            Check::Computation($kind) => $what,
            Check::Release($kind) => $what,
            Check::Nothing($kind) => $what,
        }
    };
}

impl Check {
    /// Refuses what would prove nothing, or could not be asked.
    ///
    /// # Errors
    /// What is wrong and what is allowed.
    pub fn validate(&self) -> Result<(), String> {
        of_any_kind!(self, kind => kind.validate())
    }

    /// What is expected, as a sentence without a full stop.
    #[must_use]
    pub fn describe(&self, language: Language) -> String {
        of_any_kind!(self, kind => kind.describe(language))
    }

    /// Looks once, and decides.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn verdict(&self, view: &View, language: Language) -> Result<Verdict, kube::Error> {
        of_any_kind!(self, kind => {
            let facts = kind.look(view).await?;
            Ok(kind.judge(&facts, language))
        })
    }

    /// What a person may look at to see what this check sees, as commands; all take the namespace from `kubectl`, unless
    /// the check names one.
    #[must_use]
    pub fn look_at(&self, kubectl: &str) -> Vec<String> {
        of_any_kind!(self, kind => kind.look_at(kubectl))
    }

    /// How long it has to stay so.
    #[must_use]
    pub fn stays(&self) -> Option<Duration> {
        match self {
            Self::Service(service) => service.for_seconds.map(Duration::from_secs),
            _ => None,
        }
    }

    /// Whether it has to hold before the step, all the time, and after it; other checks must not hold before.
    #[must_use]
    pub fn throughout(&self) -> bool {
        match self {
            Self::Service(service) => service.throughout,
            Self::Pods(pods) => pods.throughout,
            _ => false,
        }
    }

    /// Whether it needs a Service's address outside the cluster.
    #[must_use]
    pub fn calls_from_outside(&self) -> bool {
        match self {
            Self::Address(_) | Self::Computation(_) => true,
            Self::Service(service) => service.callers.is_some(),
            _ => false,
        }
    }

    /// Whether it says only that something is not there, as on a cluster where nothing was ever done.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Nothing(_) => true,
            Self::Release(release) => release.is_none(),
            _ => false,
        }
    }

    /// The namespace that it names, if it is not the one of the commands.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Self::Service(Service { namespace, .. })
            | Self::Pods(Pods { namespace, .. })
            | Self::Replicas(Replicas { namespace, .. })
            | Self::Rollout(Rollout { namespace, .. })
            | Self::Log(Log { namespace, .. })
            | Self::Computation(Computation { namespace, .. }) => namespace.as_deref(),
            Self::Address(_) | Self::File(_) | Self::Release(_) | Self::Nothing(_) => None,
        }
    }
}

/// `kubectl` for a check's own namespace: the last `-n` counts.
fn in_namespace(kubectl: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(
        || kubectl.to_owned(),
        |namespace| format!("{kubectl} -n {namespace}"),
    )
}

/// What a check names, with the namespace where that is not the one of the commands.
fn place(name: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// The same in the language of the guide.
fn say(language: Language, en: impl Into<String>, ko: impl Into<String>) -> String {
    match language {
        Language::En => en.into(),
        Language::Ko => ko.into(),
    }
}
