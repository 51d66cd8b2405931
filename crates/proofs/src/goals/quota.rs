//! A namespace's share of what the nodes have.

use guide::{
    Goal, Message,
    goal::{QuotaGoal, Resource},
};
use k8s_openapi::api::core::v1::{Node, ResourceQuota};
use kube::ResourceExt;

use super::{
    bound::is_scoped,
    facts::Facts,
    quantity::{amount, percent, written},
    verdict::{GoalVerdict, Outcome, met, missed, no_namespace, unseen},
};

/// How far from its share a quota may be, as a part of it.
const NEAR: f64 = 0.01;
/// What is lost when amounts are added.
const ROUNDING: f64 = 1e-9;

/// What there is to share, and all shares of it.
pub(super) struct Shares {
    /// How much there is of each resource that is shared; none: this person may not look.
    wholes: Vec<(Resource, Option<f64>)>,
    /// Who is to have which share.
    all: Vec<(String, QuotaGoal)>,
}

impl Shares {
    /// What all nodes have together, or a single one of several, whichever the quotas that are there make most goals true of:
    /// where a task speaks of "the node", both are meant.
    pub(super) fn of(goals: &[Goal], facts: &Facts) -> Self {
        let all: Vec<_> = goals
            .iter()
            .filter_map(|goal| match goal {
                Goal::Quota(goal) => {
                    Some((facts.inside(goal.namespace.as_deref()).0.to_owned(), goal.clone()))
                }
                _ => None,
            })
            .collect();
        let wholes = [Resource::Cpu, Resource::Memory]
            .into_iter()
            .map(|resource| {
                let shares = all.iter().filter(|(_, goal)| goal.resource == resource);
                let bounds: Vec<_> = shares
                    .map(|(name, goal)| {
                        let quotas = facts.inside(Some(name)).1.quotas.as_deref();
                        (Bounds::of(resource, quotas.unwrap_or_default()), part(goal))
                    })
                    .collect();
                let met = |whole: f64| {
                    bounds
                        .iter()
                        .filter(|(bounds, part)| bounds.is(whole * part))
                        .count()
                };
                let nodes = facts.nodes.as_deref();
                (resource, nodes.map(|nodes| most(resource, nodes, met)))
            })
            .collect();
        Self { wholes, all }
    }

    fn whole(&self, resource: Resource) -> Option<f64> {
        self.wholes
            .iter()
            .find(|(known, _)| *known == resource)
            .and_then(|(_, whole)| *whole)
    }
}

/// The sum, unless a single node makes more goals true.
fn most(resource: Resource, nodes: &[Node], met: impl Fn(f64) -> usize) -> f64 {
    let open: Vec<_> = nodes.iter().filter(|node| takes_pods(node)).collect();
    // A node that takes none for a while is still the node.
    let nodes = if open.is_empty() {
        nodes.iter().collect()
    } else {
        open
    };
    let each = nodes.iter().filter_map(|node| {
        let allocatable = node.status.as_ref()?.allocatable.as_ref()?;
        amount(&allocatable.get(resource.name())?.0)
    });
    let sum: f64 = each.clone().sum();
    each.fold(sum, |best, one| if met(one) > met(best) { one } else { best })
}

fn takes_pods(node: &Node) -> bool {
    node.spec.as_ref().is_none_or(|spec| {
        let mut taints = spec.taints.iter().flatten();
        spec.unschedulable != Some(true) && !taints.any(|taint| taint.effect != "PreferNoSchedule")
    })
}

fn part(goal: &QuotaGoal) -> f64 {
    f64::from(goal.percent) / 100.0
}

/// The least that a quota allows of something.
#[derive(Clone, Debug)]
struct Bound {
    quota: String,
    key: String,
    amount: f64,
}

/// What the quotas of a namespace, all together, allow of a resource.
struct Bounds {
    limits: Option<Bound>,
    requests: Option<Bound>,
}

impl Bounds {
    fn of(resource: Resource, quotas: &[ResourceQuota]) -> Self {
        let name = resource.name();
        Self {
            limits: least(quotas, &[&format!("limits.{name}")]),
            requests: least(quotas, &[&format!("requests.{name}"), name]),
        }
    }

    /// Whether that is this much, of limits or of requests. A request is never above its limit: where limits are bound more
    /// tightly, that is what binds.
    fn is(&self, share: f64) -> bool {
        let fits = |bound: &&Bound| (bound.amount - share).abs() <= share * NEAR + ROUNDING;
        self.limits.as_ref().filter(fits).is_some() || self.least().filter(fits).is_some()
    }

    /// What binds first.
    fn least(&self) -> Option<&Bound> {
        let both = [self.limits.as_ref(), self.requests.as_ref()];
        both.into_iter()
            .flatten()
            .min_by(|a, b| a.amount.total_cmp(&b.amount))
    }

    /// The one to tell of: that which is as asked, or else that which binds first.
    fn telling(&self, share: f64) -> Option<&Bound> {
        let limits = Self {
            limits: self.limits.clone(),
            requests: None,
        };
        if limits.is(share) {
            self.limits.as_ref()
        } else {
            self.least()
        }
    }
}

fn least(quotas: &[ResourceQuota], keys: &[&str]) -> Option<Bound> {
    let all = quotas.iter().filter(|quota| !is_scoped(quota)).flat_map(|quota| {
        keys.iter().filter_map(|key| {
            let hard = quota.spec.as_ref()?.hard.as_ref()?;
            Some(Bound {
                quota: quota.name_any(),
                key: (*key).to_owned(),
                amount: amount(&hard.get(*key)?.0)?,
            })
        })
    });
    all.min_by(|a, b| a.amount.total_cmp(&b.amount))
}

pub(super) fn judge(goal: &QuotaGoal, facts: &Facts, shares: &Shares) -> GoalVerdict {
    let (name, inside) = facts.inside(goal.namespace.as_deref());
    if let Some(verdict) = no_namespace(&[name], &[inside.namespace]) {
        return verdict;
    }
    let Some(quotas) = &inside.quotas else {
        return unseen("resourcequotas");
    };
    let bounds = Bounds::of(goal.resource, quotas);
    let whole = shares.whole(goal.resource);
    if bounds.least().is_none() {
        return none_binds(goal, facts, quotas, whole);
    }
    let Some(whole) = whole else {
        return without_whole(goal, &bounds);
    };
    let share = whole * part(goal);
    let Some(bound) = bounds.telling(share) else {
        return none_binds(goal, facts, quotas, Some(whole));
    };
    let observed = Message::new("goal-quota-is")
        .with("quota", &bound.quota)
        .with("key", &bound.key)
        .with("hard", written(goal.resource, bound.amount))
        .with("percent", percent(bound.amount, whole))
        .with("whole", written(goal.resource, whole));
    if bounds.is(share) {
        return met(observed);
    }
    let of_another = |(other, theirs): &&(String, QuotaGoal)| {
        other != name
            && theirs.resource == goal.resource
            && theirs.percent != goal.percent
            && bounds.is(whole * part(theirs))
    };
    let reason = if let Some((other, _)) = shares.all.iter().find(of_another) {
        Message::new("goal-quota-swapped").with("other", other)
    } else if bound.amount > whole * (1.0 + NEAR) {
        Message::new("goal-quota-above-node")
    } else {
        Message::new("goal-quota-other-share")
    };
    let reason = reason
        .with("hard", written(goal.resource, bound.amount))
        .with("whole", written(goal.resource, whole))
        .with("percent", u32::from(goal.percent))
        .with("share", written(goal.resource, share));
    missed(observed, reason)
}

/// There is a quota, but this person may not see of how much it is a share.
fn without_whole(goal: &QuotaGoal, bounds: &Bounds) -> GoalVerdict {
    let Some(bound) = bounds.least() else {
        return unseen("nodes");
    };
    let observed = Message::new("goal-quota-alone")
        .with("quota", &bound.quota)
        .with("key", &bound.key)
        .with("hard", written(goal.resource, bound.amount));
    GoalVerdict {
        outcome: Outcome::Unseen,
        observed,
        reason: Some(Message::new("goal-quota-no-whole")),
    }
}

/// No quota of the namespace is about all pods and this resource.
fn none_binds(goal: &QuotaGoal, facts: &Facts, quotas: &[ResourceQuota], whole: Option<f64>) -> GoalVerdict {
    let keys = |quota: &ResourceQuota| {
        let hard = quota.spec.as_ref().and_then(|spec| spec.hard.clone());
        hard.unwrap_or_default().into_keys().collect::<Vec<_>>()
    };
    let about =
        |key: &String| key == goal.resource.name() || key.ends_with(&format!("s.{}", goal.resource.name()));
    let scoped = quotas.iter().find(|quota| keys(quota).iter().any(about));
    let (observed, reason) = if let Some(scoped) = scoped {
        let observed = Message::new("goal-quota-part").with("quota", scoped.name_any());
        (observed, Message::new("goal-quota-scoped"))
    } else if let Some(first) = quotas.first() {
        let observed = Message::new("goal-quota-others")
            .with("quota", first.name_any())
            .with("keys", keys(first).join(", "));
        (observed, Message::new("goal-quota-other-resource"))
    } else {
        let (name, _) = facts.inside(goal.namespace.as_deref());
        let observed = Message::new("goal-quota-nothing").with("namespace", name);
        let forgotten = facts.elsewhere(name).and_then(|(here, inside)| {
            let quota = inside.quotas.as_ref()?.first()?;
            let message = Message::new("goal-quota-elsewhere").with("quota", quota.name_any());
            Some(message.with("here", here).with("namespace", name))
        });
        (observed, forgotten.unwrap_or(Message::new("goal-quota-none")))
    };
    let share = whole.map_or(Message::new("goal-unknown"), |whole| {
        Message::Verbatim(written(goal.resource, whole * part(goal)))
    });
    let reason = reason
        .with("resource", goal.resource.name())
        .with("percent", u32::from(goal.percent))
        .with("share", share);
    missed(observed, reason)
}
