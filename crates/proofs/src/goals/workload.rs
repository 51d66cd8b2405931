//! Pods that are ready, whatever made them.

use access::{is_ready, without_node};
use guide::{
    Message,
    goal::{Resource, WorkloadGoal},
};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use super::{
    bound::outlived,
    controllers::{Controller, is_bare},
    facts::{Facts, Inside},
    quantity::{amount, written},
    service::{Labels, has, no_service},
    verdict::{GoalVerdict, met, missed, no_namespace, under_way, unseen},
};

pub(super) fn judge(goal: &WorkloadGoal, facts: &Facts) -> GoalVerdict {
    let (name, inside) = facts.inside(goal.namespace.as_deref());
    if let Some(verdict) = no_namespace(&[name], &[inside.namespace]) {
        return verdict;
    }
    let Some(all) = &inside.pods else {
        return unseen("pods");
    };
    let labels = match selector(goal, inside) {
        Ok(labels) => labels,
        Err(verdict) => return verdict,
    };
    let pods: Vec<_> = all.iter().filter(|pod| has(pod.labels(), &labels)).collect();
    let ready: Vec<_> = pods.iter().copied().filter(|pod| is_ready(*pod)).collect();
    let observed = Message::new("goal-workload-is")
        .with("ready", ready.len())
        .with("count", pods.len());
    if ready.len() >= goal.ready && ready.iter().filter(|pod| facts.is_settled(pod)).count() < goal.ready {
        return under_way(observed);
    }
    if ready.len() >= goal.ready {
        return match outlived(&ready, inside.quotas.as_deref().unwrap_or_default()) {
            None => met(observed),
            Some(reason) => missed(observed, reason),
        };
    }
    let there = There {
        goal,
        labels: &labels,
        pods: &pods,
        all,
        controllers: inside.controllers.as_deref().unwrap_or_default(),
        elsewhere: facts.elsewhere(name),
    };
    let reason = there
        .refused(inside)
        .or_else(|| there.stuck())
        .or_else(|| there.too_few());
    if let Some(reason) = reason {
        return missed(observed, reason);
    }
    // Enough are wanted, and nothing forbids them.
    let unready = pods.iter().filter(|pod| !is_ready(**pod)).copied();
    if unready.clone().chain(ready).any(|pod| facts.is_young(pod)) || there.is_new(facts) {
        under_way(observed)
    } else if unready.count() > 0 {
        missed(observed, Message::new("goal-workload-not-ready"))
    } else {
        missed(observed, Message::new("goal-workload-not-made"))
    }
}

/// The labels of the pods that are meant.
fn selector(goal: &WorkloadGoal, inside: &Inside) -> Result<Labels, GoalVerdict> {
    if let Some(labels) = goal.labels() {
        return Ok(labels);
    }
    let name = goal.service.as_deref().unwrap_or_default();
    let Some(services) = &inside.services else {
        return Err(unseen("services"));
    };
    let Some(service) = services.iter().find(|service| service.name_any() == name) else {
        return Err(no_service(name));
    };
    let selector = service.spec.as_ref().and_then(|spec| spec.selector.clone());
    selector.filter(|selector| !selector.is_empty()).ok_or_else(|| {
        let observed = Message::new("goal-service-open").with("service", name);
        missed(observed, Message::new("goal-service-without-selector"))
    })
}

/// Fewer pods than asked for, and all that may tell why.
struct There<'a> {
    goal: &'a WorkloadGoal,
    labels: &'a Labels,
    pods: &'a [&'a Pod],
    /// Those of the whole namespace.
    all: &'a [Pod],
    controllers: &'a [Controller],
    /// The namespace of the commands, if that is another one.
    elsewhere: Option<(&'a str, &'a Inside)>,
}

impl There<'_> {
    /// What makes such pods.
    fn makers(&self) -> impl Iterator<Item = &Controller> {
        self.controllers
            .iter()
            .filter(|controller| has(&controller.labels, self.labels))
    }

    /// What makes such pods was made just now, and they will come.
    fn is_new(&self, facts: &Facts) -> bool {
        self.makers().any(|maker| facts.is_recent(maker.created()))
    }

    /// The API server refuses pods that are missing.
    fn refused(&self, inside: &Inside) -> Option<Message> {
        let events = inside.refusals.as_deref().unwrap_or_default();
        let mut makers = self
            .makers()
            .filter(|maker| !maker.makes_others(self.controllers));
        let refusal = makers.find_map(|maker| maker.refusal(self.all, events))?;
        Some(if refusal.contains("must specify") {
            Message::new("goal-workload-no-limit").with("refusal", refusal)
        } else if refusal.contains("exceeded quota") {
            no_room(&refusal)
        } else {
            Message::new("goal-workload-refused").with("refusal", refusal)
        })
    }

    /// A pod is there and will not become ready.
    fn stuck(&self) -> Option<Message> {
        let pods = self.pods.iter().filter(|pod| !is_ready(**pod));
        pods.clone()
            .find_map(|pod| without_node(pod))
            .map(|why| Message::new("goal-workload-no-node").with("why", why))
            .or_else(|| {
                let (pod, why) = pods.clone().find_map(|pod| Some((pod, waiting(pod)?)))?;
                let message = Message::new("goal-workload-stuck");
                Some(message.with("pod", pod.name_any()).with("why", why))
            })
    }

    /// Not as many are wanted as asked for.
    fn too_few(&self) -> Option<Message> {
        let makers = self.makers().filter(|maker| !maker.is_made_by(self.controllers));
        let makers: Vec<_> = makers.collect();
        let wanted = makers
            .iter()
            .fold(0_usize, |sum, maker| sum.saturating_add(maker.wanted));
        let bare = self
            .pods
            .iter()
            .filter(|pod| is_bare(pod, self.controllers))
            .count();
        let wanted = wanted.saturating_add(bare);
        if wanted >= self.goal.ready {
            return None;
        }
        let least = self.goal.ready;
        if let Some(first) = makers.first() {
            let message = Message::new("goal-workload-too-few").with("name", &first.name);
            return Some(message.with("wanted", wanted).with("least", least));
        }
        if !self.pods.is_empty() {
            let message = Message::new("goal-workload-too-few-bare");
            return Some(message.with("wanted", wanted).with("least", least));
        }
        let labels: Vec<_> = self
            .labels
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let forgotten = self.elsewhere.and_then(|(here, inside)| {
            let mut makers = inside.controllers.iter().flatten();
            let maker = makers.find(|maker| has(&maker.labels, self.labels))?;
            Some(
                Message::new("goal-workload-elsewhere")
                    .with("name", &maker.name)
                    .with("here", here),
            )
        });
        let others = self.all.len() + self.controllers.len();
        let reason = match forgotten {
            Some(forgotten) => forgotten,
            None if others > 0 => Message::new("goal-workload-other-labels"),
            None => Message::new("goal-workload-none"),
        };
        Some(reason.with("labels", labels.join(",")))
    }
}

/// A quota leaves no room for a pod that is missing: for how many there would be, if these were all.
fn no_room(refusal: &str) -> Message {
    let parts = (said(refusal, "requested: "), said(refusal, "limited: "));
    let (Some((key, requested)), Some((_, limited))) = parts else {
        return Message::new("goal-workload-refused").with("refusal", refusal);
    };
    let resource = if key.contains("memory") {
        Resource::Memory
    } else {
        Resource::Cpu
    };
    let count = if requested > 0.0 {
        (limited / requested + 1e-6).floor()
    } else {
        0.0
    };
    Message::new("goal-workload-no-room")
        .with("key", key)
        .with("requested", written(resource, requested))
        .with("limited", written(resource, limited))
        .with("count", format!("{count:.0}"))
}

/// A key with its amount, from a refusal: `requested: limits.cpu=150m, used: …`.
fn said<'a>(refusal: &'a str, part: &str) -> Option<(&'a str, f64)> {
    let rest = refusal.split(part).nth(1)?;
    let (key, rest) = rest.split_once('=')?;
    let value = rest.split([',', ' ']).next()?;
    Some((key, amount(value)?))
}

/// Why a container does not run, where that is not just its beginning.
fn waiting(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let containers = status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses);
    containers
        .flatten()
        .filter_map(|container| container.state.as_ref()?.waiting.as_ref()?.reason.clone())
        .find(|reason| !matches!(reason.as_str(), "ContainerCreating" | "PodInitializing"))
}
