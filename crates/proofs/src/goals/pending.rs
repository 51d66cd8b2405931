//! More than the nodes have.

use access::without_node;
use guide::{Message, goal::PendingGoal};
use kube::ResourceExt;

use super::{
    facts::Facts,
    verdict::{GoalVerdict, met, missed, no_namespace, under_way, unseen},
};

pub(super) fn judge(goal: &PendingGoal, facts: &Facts) -> GoalVerdict {
    let places = facts.all_inside(&goal.namespaces);
    let names: Vec<_> = places.iter().map(|(name, _)| *name).collect();
    let existences: Vec<_> = places.iter().map(|(_, inside)| inside.namespace).collect();
    if let Some(verdict) = no_namespace(&names, &existences) {
        return verdict;
    }
    let mut otherwise = None;
    let mut unscheduled = false;
    for (name, inside) in places {
        let Some(pods) = &inside.pods else {
            return unseen("pods");
        };
        for pod in pods {
            let has_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
            if has_node {
                continue;
            }
            let Some(why) = without_node(pod) else {
                unscheduled |= facts.is_young(pod);
                continue;
            };
            let observed = Message::new("goal-pending-is")
                .with("place", format!("{name}/{}", pod.name_any()))
                .with("why", why);
            if why.contains(&goal.reason) {
                return met(observed);
            }
            otherwise.get_or_insert(observed);
        }
    }
    match otherwise {
        Some(observed) => missed(
            observed,
            Message::new("goal-pending-otherwise").with("reason", &goal.reason),
        ),
        None if unscheduled => under_way(Message::new("goal-pending-nothing")),
        None => missed(
            Message::new("goal-pending-nothing"),
            Message::new("goal-pending-none"),
        ),
    }
}
