//! Whether the quotas of a namespace know of the pods that are there. They look at a pod when it is made, and never again: one
//! that came before a quota, or before the quota was lowered, stays, and no other would be made in its place.

use guide::{Message, goal::Resource};
use k8s_openapi::api::core::v1::{Pod, ResourceQuota, ResourceRequirements};
use kube::ResourceExt;

use super::quantity::{amount, written};

/// What quotas count of a pod's containers.
struct Key<'a> {
    name: &'a str,
    resource: Resource,
    is_limit: bool,
}

impl<'a> Key<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let (is_limit, resource) = match name.split_once('.') {
            Some(("limits", resource)) => (true, resource),
            Some(("requests", resource)) => (false, resource),
            None => (false, name),
            Some(_) => return None,
        };
        let resource = [Resource::Cpu, Resource::Memory]
            .into_iter()
            .find(|known| known.name() == resource)?;
        Some(Self {
            name,
            resource,
            is_limit,
        })
    }

    /// How much of it is written there; none if nothing is.
    fn written(&self, resources: Option<&ResourceRequirements>) -> Option<f64> {
        let values = if self.is_limit {
            &resources?.limits
        } else {
            &resources?.requests
        };
        amount(&values.as_ref()?.get(self.resource.name())?.0)
    }

    /// What a pod has of it: what is written for the pod as a whole, or else for each container.
    fn of_pod(&self, pod: &Pod) -> Option<f64> {
        let spec = pod.spec.as_ref()?;
        self.written(spec.resources.as_ref()).or_else(|| {
            let each = spec.containers.iter();
            each.map(|container| self.written(container.resources.as_ref()))
                .sum()
        })
    }
}

/// Why the quotas would not let these pods come again, if so.
pub(super) fn outlived(pods: &[&Pod], quotas: &[ResourceQuota]) -> Option<Message> {
    for quota in quotas.iter().filter(|quota| !is_scoped(quota)) {
        let hard = quota.spec.as_ref().and_then(|spec| spec.hard.as_ref());
        for (name, limited) in hard.into_iter().flatten() {
            let Some(key) = Key::of(name) else { continue };
            let used: Vec<_> = pods.iter().map(|pod| key.of_pod(pod)).collect();
            let silent = used.iter().filter(|used| used.is_none()).count();
            if silent > 0 {
                let message = Message::new("goal-workload-uncounted");
                return Some(
                    message
                        .with("count", silent)
                        .with("quota", quota.name_any())
                        .with("key", key.name),
                );
            }
            let used: f64 = used.iter().flatten().sum();
            let limited = amount(&limited.0).unwrap_or_default();
            if used > limited * 1.000_001 {
                let message = Message::new("goal-workload-over-quota");
                return Some(
                    message
                        .with("quota", quota.name_any())
                        .with("key", key.name)
                        .with("used", written(key.resource, used))
                        .with("limited", written(key.resource, limited)),
                );
            }
        }
    }
    None
}

/// Whether a quota counts only some pods.
pub(super) fn is_scoped(quota: &ResourceQuota) -> bool {
    quota.spec.as_ref().is_some_and(|spec| {
        let named = spec.scopes.as_ref().is_some_and(|scopes| !scopes.is_empty());
        named || spec.scope_selector.is_some()
    })
}
