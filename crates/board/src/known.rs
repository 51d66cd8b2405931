//! What is known of a namespace.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use access::{selector_of, selects};
use guide::Message;
use jiff::Timestamp;
use k8s_openapi::{
    api::{
        core::v1::{Pod, Service},
        discovery::v1::EndpointSlice,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use crate::{Happened, happened::is_named_after};

/// What is known of a namespace at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its name.
    pub namespace: &'a str,
    /// Its Services.
    pub services: &'a [Arc<Service>],
    /// Its pods.
    pub pods: &'a [Arc<Pod>],
    /// Its EndpointSlices.
    pub slices: &'a [Arc<EndpointSlice>],
    /// What happened in it.
    pub happened: &'a Happened,
    /// What its containers use, by the uids of their pods and their names.
    pub usage: &'a BTreeMap<(String, String), Usage>,
    /// The names of the objects that the board is about, with all that is named after them; empty where it is about everything.
    pub about: &'a BTreeSet<String>,
    /// What is not seen of it, such as kinds that may not be listed.
    pub lacks: &'a [Message],
}

impl<'a> Known<'a> {
    /// The Services that are shown, by name: those that select pods, and that the board is about.
    pub fn shown_services(&self) -> impl Iterator<Item = &'a Arc<Service>> + use<'a> {
        let mut shown: Vec<_> = self
            .services
            .iter()
            .filter(|service| selector_of(service).is_some())
            .collect();
        shown.retain(|service| self.is_about(name(&service.metadata)));
        shown.sort_by_key(|service| &service.metadata.name);
        shown.into_iter()
    }

    /// The pods that a Service selects.
    pub fn pods_of(&self, service: &Service) -> impl Iterator<Item = &'a Arc<Pod>> {
        let selector = selector_of(service);
        self.pods
            .iter()
            .filter(move |pod| selector.is_some_and(|selector| selects(selector, &pod.metadata)))
    }

    /// The pods that no Service selects, whichever are shown.
    pub(crate) fn pods_of_none(&self) -> impl Iterator<Item = &'a Arc<Pod>> {
        let selectors: Vec<_> = self
            .services
            .iter()
            .filter_map(|service| selector_of(service))
            .collect();
        let of_none = |pod: &&Arc<Pod>| !selectors.iter().any(|selector| selects(selector, &pod.metadata));
        let about = |pod: &&Arc<Pod>| self.is_about(name(&pod.metadata));
        self.pods
            .iter()
            .filter(of_none)
            .filter(about)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The pods that are shown.
    pub(crate) fn shown_pods(&self) -> impl Iterator<Item = &'a Arc<Pod>> {
        let behind: Vec<_> = self
            .shown_services()
            .flat_map(|service| self.pods_of(service))
            .collect();
        behind.into_iter().chain(self.pods_of_none())
    }

    /// What happened to objects of other names than these is not told.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        is_named_after(name, self.about)
    }
}

fn name(meta: &ObjectMeta) -> &str {
    meta.name.as_deref().unwrap_or_default()
}

/// What a container uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// When it was sampled.
    pub at: Timestamp,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// How many it may use; none without a limit.
    pub memory_limit_bytes: Option<u64>,
    /// How many processors it used of late; none where that is not known.
    pub cpu_cores: Option<f64>,
    /// How many it may use; none without a limit.
    pub cpu_limit_cores: Option<f64>,
    /// In which share of the periods, from 0 to 1, it was held back; none where that is not known.
    pub throttled_share: Option<f64>,
}
