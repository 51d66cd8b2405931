//! Where and how to run.

use std::{path::PathBuf, time::Duration};

use access::Route;
use guide::Language;
use kube::config::Kubeconfig;

use super::pause::Enter;

/// Where and how to run.
#[derive(Clone)]
pub struct Settings {
    /// How to reach the cluster; its current context counts.
    pub kubeconfig: Kubeconfig,
    /// What differs when the cluster is the embedded one.
    pub embedded: Option<Embedded>,
    /// The namespace that is made for the run, as from [`namespace_name`].
    pub namespace: String,
    /// The clone. The commands run in copies of its folder `k8s/`, and of `helm/` beside it, which may be changed.
    pub clone: PathBuf,
    /// The folder in which each run makes one of its own.
    pub runs: PathBuf,
    /// The language of what is told.
    pub language: Language,
    /// How long a step's outcome is waited for.
    pub deadline: Duration,
    /// Whether to keep the namespace at the end, unless somebody asked to stop.
    pub keep: bool,
    /// What to wait for before and after each step, if for anything.
    pub enter: Option<Enter>,
}

impl Settings {
    /// The kubeconfig that leads to the namespace of the run.
    pub(crate) fn kubeconfig(&self) -> Kubeconfig {
        let mut kubeconfig = self.kubeconfig.clone();
        let mut contexts = kubeconfig.contexts.iter_mut();
        let named = contexts.find(|named| Some(&named.name) == self.kubeconfig.current_context.as_ref());
        if let Some(context) = named.and_then(|named| named.context.as_mut()) {
            context.namespace = Some(self.namespace.clone());
        }
        kubeconfig
    }
}

/// What commands need to know of the embedded cluster.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The folder with `kubectl`, for those who have none of their own.
    pub programs: PathBuf,
    /// Where kubectl and helm keep what they find out about the cluster.
    pub discovery: PathBuf,
}

impl Embedded {
    /// The way to a cluster, which is direct where it is the embedded one.
    #[must_use]
    pub fn route(embedded: Option<&Self>) -> Route {
        match embedded {
            Some(_) => Route::Direct,
            None => Route::Person,
        }
    }
}

/// A namespace's name, which `random` keeps apart from those of other runs.
#[must_use]
pub fn namespace_name(exercise: &str, random: u32) -> String {
    format!("lab-{}-{random:08x}", exercise.replace('.', "-"))
}
