//! More pods than a quota lets there be.

use guide::{Message, goal::RefusedGoal};

use super::{
    facts::Facts,
    verdict::{GoalVerdict, met, missed, no_namespace, under_way, unseen},
};

pub(super) fn judge(goal: &RefusedGoal, facts: &Facts) -> GoalVerdict {
    let places = facts.all_inside(&goal.namespaces);
    let names: Vec<_> = places.iter().map(|(name, _)| *name).collect();
    let existences: Vec<_> = places.iter().map(|(_, inside)| inside.namespace).collect();
    if let Some(verdict) = no_namespace(&names, &existences) {
        return verdict;
    }
    let mut best = missed(
        Message::new("goal-refused-nothing"),
        Message::new("goal-refused-none"),
    );
    let mut rank = 0;
    for (name, inside) in places {
        let (Some(pods), Some(controllers), Some(events)) =
            (&inside.pods, &inside.controllers, &inside.refusals)
        else {
            return unseen("pods, deployments, replicasets, events");
        };
        for maker in controllers.iter().filter(|maker| !maker.is_made_by(controllers)) {
            let own: Vec<_> = maker.family(controllers).flat_map(|one| one.own(pods)).collect();
            let (there, wanted) = (own.len(), maker.wanted);
            if there >= wanted {
                continue;
            }
            let said = |id: Message| {
                id.with("place", format!("{name}/{}", maker.name))
                    .with("there", there)
                    .with("wanted", wanted)
            };
            let observed = said(Message::new("goal-refused-is"));
            let refusal = maker
                .family(controllers)
                .filter(|one| !one.makes_others(controllers))
                .find_map(|one| one.refusal(pods, events));
            let new = facts.is_recent(maker.created()) || own.iter().any(|pod| facts.is_young(*pod));
            let (found, verdict) = match refusal {
                None if new => (1, under_way(observed)),
                None => continue,
                Some(refusal) if !about(&refusal, goal.resource.name()) => {
                    let reason = Message::new("goal-refused-otherwise")
                        .with("resource", goal.resource.said())
                        .with("refusal", refusal);
                    (2, missed(observed, reason))
                }
                Some(_) if there < goal.beyond => {
                    let reason = Message::new("goal-refused-too-soon").with("least", goal.beyond);
                    (3, missed(observed, reason))
                }
                Some(refusal) => {
                    let by = Message::new("goal-refused-by").with("refusal", refusal);
                    return met(said(by));
                }
            };
            if found > rank {
                (rank, best) = (found, verdict);
            }
        }
    }
    best
}

/// Whether a quota was exceeded, and in this: `exceeded quota: q, requested: limits.cpu=1, used: …`.
fn about(refusal: &str, resource: &str) -> bool {
    let requested = refusal
        .split_once("exceeded quota")
        .and_then(|(_, rest)| rest.split_once("requested: "));
    requested.is_some_and(|(_, rest)| {
        let end = rest.find(", used:").unwrap_or(rest.len());
        rest[..end]
            .split(',')
            .filter_map(|part| part.split_once('='))
            .any(|(key, _)| key == resource || key.ends_with(&format!(".{resource}")))
    })
}
