//! One object of which all of something is so. Each part has a verdict of its own, and of several objects that with the most parts
//! counts.

mod held;
mod history;
mod restarts;

use access::is_ready;
use guide::{
    Message,
    goal::{ObjectGoal, ObjectKind, Part, Told},
};
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::ResourceExt;
use serde_json::Value;

use self::{
    held::Held,
    restarts::{paused, runs_since},
};
use super::{
    facts::{Facts, Inside},
    service::has,
    verdict::{GoalVerdict, met, missed, no_namespace, under_way, unseen},
};

/// The longest value of a field that is told.
const SHOWN: usize = 80;

/// What a part comes to.
struct Seen {
    held: Held,
    says: Message,
    why: Message,
}

/// An object with what is around it.
struct There<'a> {
    name: String,
    uid: String,
    value: Value,
    pod: Option<&'a Pod>,
    goal: &'a ObjectGoal,
    inside: &'a Inside,
    facts: &'a Facts,
}

pub(super) fn judge(goal: &ObjectGoal, facts: &Facts) -> GoalVerdict {
    let (name, inside) = facts.inside(goal.namespace.as_deref());
    if let Some(verdict) = no_namespace(&[name], &[inside.namespace]) {
        return verdict;
    }
    let objects = match objects(goal, facts, inside) {
        Ok(objects) => objects,
        Err(what) => return unseen(what),
    };
    if goal.told.is_some() && inside.events.is_none() {
        return unseen("events");
    }
    let parts = goal.parts();
    // Of two that are as far, the one that lacks less; the parts stand in the order in which a person gets to them.
    let far = |seen: &[Seen]| {
        let held = |seen: &&Seen| seen.held == Held::Yes;
        (
            seen.iter().take_while(held).count(),
            seen.iter().filter(held).count(),
        )
    };
    let judged = objects.iter().map(|object| {
        let seen: Vec<_> = parts.iter().map(|part| object.seen(part)).collect();
        (object, seen)
    });
    let Some((object, mut seen)) = judged.max_by_key(|(_, seen)| far(seen)) else {
        let observed = Message::new("goal-object-nothing").with("of", &goal.of);
        return missed(observed, Message::new("goal-object-none").with("namespace", name));
    };
    let says = seen.iter().map(|seen| seen.says.clone());
    let observed = Message::new("goal-object-is")
        .with("name", &object.name)
        .with("facts", Message::joined(", ", says));
    match seen.iter().position(|seen| seen.held != Held::Yes) {
        None => met(observed),
        Some(first) => match seen.swap_remove(first) {
            Seen { held: Held::Soon, .. } => under_way(observed),
            Seen { why, .. } => missed(observed, why),
        },
    }
}

/// All that have the labels; or what may not be looked at.
fn objects<'a>(
    goal: &'a ObjectGoal,
    facts: &'a Facts,
    inside: &'a Inside,
) -> Result<Vec<There<'a>>, &'static str> {
    let there = |name, uid, value, pod| There {
        name,
        uid,
        value,
        pod,
        goal,
        inside,
        facts,
    };
    let labels = goal.labels();
    Ok(match goal.kind {
        ObjectKind::Pod => {
            let pods = inside.pods.as_ref().ok_or("pods")?;
            let pods = pods.iter().filter(|pod| has(pod.labels(), &labels));
            let one = |pod: &'a Pod| {
                let value = serde_json::to_value(pod).unwrap_or_default();
                there(pod.name_any(), pod.uid().unwrap_or_default(), value, Some(pod))
            };
            pods.map(one).collect()
        }
        ObjectKind::Deployment => {
            let all = inside.controllers.as_ref().ok_or("deployments")?;
            let ours = all
                .iter()
                .filter(|one| one.kind == goal.kind_name() && has(&one.own_labels, &labels));
            ours.map(|one| there(one.name.clone(), one.uid.clone(), one.object.clone(), None))
                .collect()
        }
    })
}

impl There<'_> {
    fn seen(&self, part: &Part<'_>) -> Seen {
        let (held, says) = match part {
            Part::Field(field) => {
                let says = Message::new("object-field-seen")
                    .with("field", &field.field)
                    .with("values", shown(field.values(&self.value)));
                (field.holds(&self.value).into(), says)
            }
            Part::Restarts(container, least) => {
                let count = restarts::count(self.pod, container);
                let says = Message::new("object-restarts-seen")
                    .with("container", *container)
                    .with("count", count.map_or("-".into(), |count| count.to_string()));
                let held = count.is_some_and(|count| match least {
                    0 => count == 0,
                    least => count >= *least,
                });
                (held.into(), says)
            }
            other => {
                let held = self.held(other);
                let says = other.describe();
                let says = match held {
                    Held::Yes => says,
                    Held::Soon | Held::No => Message::new("object-not").with("part", says),
                };
                (held, says)
            }
        };
        Seen {
            held,
            says,
            why: why(part),
        }
    }

    fn held(&self, part: &Part<'_>) -> Held {
        let Some(pod) = self.pod else {
            return matches!(part, Part::Told(told) if self.events(told).next().is_some()).into();
        };
        let controllers = self.inside.controllers.as_deref().unwrap_or_default();
        match part {
            Part::Told(told) => self.events(told).next().is_some().into(),
            Part::Paused => paused(pod),
            Part::Recovered => self.recovered(pod).into(),
            Part::Replaced => {
                let pods = self.inside.pods.as_deref().unwrap_or_default();
                history::replaced(pod, pods, controllers).into()
            }
            Part::Updated => history::updated(pod, controllers, &self.goal.fields).into(),
            Part::Runs(seconds) => match runs_since(pod) {
                None => Held::No,
                Some(since) if self.facts.seconds_since(since) >= i64::from(*seconds) => Held::Yes,
                Some(_) => Held::Soon,
            },
            Part::Ready if is_ready(pod) => Held::Yes,
            Part::Ready if self.facts.is_young(pod) => Held::Soon,
            Part::Ready | Part::Field(_) | Part::Restarts(..) => Held::No,
        }
    }

    /// The events about it.
    fn events<'e>(&'e self, told: &'e Told) -> impl Iterator<Item = &'e Event> {
        let events = self.inside.events.iter().flatten();
        events.filter(|event| {
            event.involved_object.uid.as_deref() == Some(self.uid.as_str()) && is(told, event)
        })
    }

    /// Whether what was told happened in this run of its containers, and before it became ready last.
    fn recovered(&self, pod: &Pod) -> bool {
        let conditions = pod
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        let mut ready =
            conditions.filter(|condition| condition.type_ == "Ready" && condition.status == "True");
        let ready = ready.find_map(|ready| Some(ready.last_transition_time.as_ref()?.0));
        let (Some(ready), Some(began), Some(told)) = (ready, runs_since(pod), &self.goal.told) else {
            return false;
        };
        let mut times = self.events(told).filter_map(access::last_seen);
        times.any(|at| began <= at && at <= ready)
    }
}

/// The values of a field, each once; what has fields of its own is not opened.
fn shown(values: Vec<String>) -> String {
    let mut all: Vec<String> = vec![];
    for value in values {
        let value = if value.starts_with(['{', '[']) {
            "{…}".into()
        } else {
            value
        };
        if !all.contains(&value) {
            all.push(value);
        }
    }
    match all.is_empty() {
        true => "-".into(),
        false => all.join(", ").chars().take(SHOWN).collect(),
    }
}

/// Whether an event is one that was meant.
pub(super) fn is(told: &Told, event: &Event) -> bool {
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    told.is(&word(&event.reason), &word(&event.message))
}

/// What to look at where a part is not so.
fn why(part: &Part<'_>) -> Message {
    match part {
        Part::Field(field) => Message::new("object-why-field").with("field", &field.field),
        Part::Restarts(container, 0) => Message::new("object-why-restarted").with("container", *container),
        Part::Restarts(container, _) => Message::new("object-why-restarts").with("container", *container),
        Part::Told(told) => Message::new("object-why-told").with("reason", &told.reason),
        Part::Paused => Message::new("object-why-paused"),
        Part::Recovered => Message::new("object-why-recovered"),
        Part::Replaced => Message::new("object-why-replaced"),
        Part::Updated => Message::new("object-why-updated"),
        Part::Runs(_) => Message::new("object-why-runs"),
        Part::Ready => Message::new("object-why-ready"),
    }
}
