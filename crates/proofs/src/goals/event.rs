//! Events, also about what is gone.

use guide::{Message, goal::EventGoal};

use super::{
    facts::Facts,
    object::is,
    verdict::{GoalVerdict, met, missed, no_namespace, unseen},
};

pub(super) fn judge(goal: &EventGoal, facts: &Facts) -> GoalVerdict {
    let (name, inside) = facts.inside(goal.namespace.as_deref());
    if let Some(verdict) = no_namespace(&[name], &[inside.namespace]) {
        return verdict;
    }
    let Some(events) = &inside.events else {
        return unseen("events");
    };
    let about = events.iter().find(|event| {
        let object = &event.involved_object;
        object.kind.as_deref() == Some(goal.kind.as_str())
            && object.name.as_deref() == Some(goal.name.as_str())
            && is(&goal.told, event)
    });
    match about {
        Some(event) => met(Message::new("goal-event-is")
            .with("kind", &goal.kind)
            .with("name", &goal.name)
            .with("says", event.message.clone().unwrap_or_default())),
        None => missed(
            Message::new("goal-event-nothing"),
            Message::new("goal-event-none"),
        ),
    }
}
