//! A Service that answers callers from outside.

use access::has_address;
use guide::{Goal, Message, goal::AnswersGoal};
use kube::ResourceExt;

use super::{
    facts::Facts,
    service::{behind, no_service},
    verdict::{GoalVerdict, met, missed, no_namespace, under_way, unseen},
};
use crate::callers::shares;

pub(super) fn judge(goal: &AnswersGoal, facts: &Facts) -> GoalVerdict {
    let (name, inside) = facts.inside(goal.namespace.as_deref());
    if let Some(verdict) = no_namespace(&[name], &[inside.namespace]) {
        return verdict;
    }
    let Some(services) = &inside.services else {
        return unseen("services");
    };
    let Some(service) = services.iter().find(|service| service.name_any() == goal.service) else {
        return no_service(&goal.service);
    };
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    if !has_address(service) {
        let observed = Message::new("goal-answers-inside").with("type", kind.unwrap_or("ClusterIP"));
        return match kind {
            Some("LoadBalancer") if facts.is_young(service) => under_way(observed),
            Some("LoadBalancer") => missed(observed, Message::new("goal-answers-no-address")),
            _ => missed(observed, Message::new("goal-answers-other-type")),
        };
    }
    let pods = inside.pods.as_deref().map(|pods| behind(service, pods));
    let young = pods.iter().flatten().any(|pod| facts.is_young(*pod));
    let key = Goal::Answers(goal.clone()).key();
    let Some(there) = inside.met.get(&key) else {
        let observed = Message::new("goal-answers-nobody");
        return match young {
            true => under_way(observed),
            false => missed(observed, Message::new("goal-answers-none-ready")),
        };
    };
    let observed = shares(&there.statuses);
    let all: usize = there.statuses.values().sum();
    if there.statuses.get(&Some(goal.status)) == Some(&all) {
        return match there.without {
            0 => met(observed),
            _ => missed(
                observed,
                Message::new("goal-answers-without").with("holds", goal.holds.as_deref().unwrap_or_default()),
            ),
        };
    }
    if there.statuses.contains_key(&None) {
        return match young {
            true => under_way(observed),
            false => missed(observed, Message::new("goal-answers-none")),
        };
    }
    let reason = Message::new("goal-answers-status").with("status", u32::from(goal.status));
    missed(observed, reason)
}
