//! What a story is to be about: an object, or all that an exercise has.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::Arc,
};

use guide::{Exercise, Language, ObjectName};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use record::{Listed, Topic, Unreadable};
use story::{Fact, What};

use crate::workspace;

/// What a story is to be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// An object.
    Object(Topic),
    /// What the commands of an exercise make, by its number.
    Exercise(String),
}

impl FromStr for About {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits =
            |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if text
            .split_once('.')
            .is_some_and(|(chapter, section)| digits(chapter) && digits(section))
        {
            return Ok(Self::Exercise(text.to_owned()));
        }
        text.parse()
            .map(Self::Object)
            .map_err(|error: Unreadable| format!("{error}, and no exercise, such as 12.1"))
    }
}

impl About {
    /// What is to be looked at. `home` is the namespace of the person's commands.
    ///
    /// # Errors
    /// There is no such exercise, or it cannot be read.
    pub(crate) fn wanted(&self, home: &str, language: Language) -> anyhow::Result<Wanted> {
        let mut wanted = Wanted::default();
        match self {
            Self::Object(topic) => {
                wanted.room(home).topics.push(topic.clone());
            }
            Self::Exercise(id) => {
                let root = workspace::find()?;
                let exercise = Exercise::load(&root, language, id)?;
                wanted.room(home);
                for stage in guide::stages(&exercise, &root.join("k8s"))? {
                    stage
                        .objects
                        .into_keys()
                        .for_each(|object| wanted.add(object, home));
                }
            }
        }
        Ok(wanted)
    }
}

/// The namespaces to look at, and what is wanted there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted(BTreeMap<String, Room>);

#[derive(Clone, Debug, Default)]
struct Room {
    /// Whether the namespace is the exercise's own, with all that is in it.
    whole: bool,
    topics: Vec<Topic>,
    /// Other controllers of pods, by kind and name.
    controllers: BTreeSet<(String, String)>,
}

impl Wanted {
    fn room(&mut self, namespace: &str) -> &mut Room {
        self.0.entry(namespace.to_owned()).or_default()
    }

    fn add(&mut self, object: ObjectName, home: &str) {
        if object.kind == "Namespace" {
            self.room(&object.name).whole = true;
            return;
        }
        let room = self.room(object.namespace.as_deref().unwrap_or(home));
        let short = match object.kind.as_str() {
            "Pod" => "pod",
            "Deployment" => "deploy",
            "Service" => "svc",
            _ => {
                room.controllers.insert((object.kind, object.name));
                return;
            }
        };
        if let Ok(topic) = format!("{short}/{}", object.name).parse()
            && !room.topics.contains(&topic)
        {
            room.topics.push(topic);
        }
    }

    /// The namespaces.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The uids of what is wanted, as far as it was seen so far: what is gone still has a story.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    topics: Vec<(Topic, BTreeSet<String>)>,
    pods: BTreeSet<String>,
    whole: BTreeSet<String>,
}

impl Known {
    /// Looks for what is wanted in a namespace.
    pub(crate) fn learn(&mut self, wanted: &Wanted, namespace: &str, listed: &Listed) {
        let Some(room) = wanted.0.get(namespace) else {
            return;
        };
        if room.whole {
            self.whole.insert(namespace.to_owned());
        }
        for topic in &room.topics {
            let Some(objects) = topic.objects(listed) else {
                continue;
            };
            match self.topics.iter_mut().find(|(known, _)| known == topic) {
                Some((_, known)) => known.extend(objects),
                None => self.topics.push((topic.clone(), objects)),
            }
        }
        let of_controller = |meta: &ObjectMeta| {
            let mut owners = meta.owner_references.iter().flatten();
            owners.any(|owner| {
                room.controllers
                    .contains(&(owner.kind.clone(), owner.name.clone()))
            })
        };
        let pods = listed.pods.iter().filter(|pod| of_controller(&pod.metadata));
        self.pods.extend(pods.filter_map(|pod| pod.metadata.uid.clone()));
    }

    /// Looks for what is wanted among facts: what has gone still has a story.
    pub(crate) fn remember(&mut self, wanted: &Wanted, facts: &[Arc<Fact>]) {
        for (namespace, room) in &wanted.0 {
            let here = facts.iter().filter(|fact| fact.subject.namespace == *namespace);
            for topic in &room.topics {
                let about = here.clone().filter(|fact| topic.names(fact));
                let mut objects: BTreeSet<_> = about.map(|fact| fact.subject.uid.clone()).collect();
                // Once a Deployment is gone, what happens to its pods names their ReplicaSet alone, and then nobody.
                for _generation in 0..2 {
                    let owned = here
                        .clone()
                        .filter(|fact| fact.subject.owners.iter().any(|owner| objects.contains(owner)));
                    let owned: Vec<_> = owned.map(|fact| fact.subject.uid.clone()).collect();
                    objects.extend(owned);
                }
                match self.topics.iter_mut().find(|(known, _)| known == topic) {
                    Some((_, known)) => known.extend(objects),
                    None if objects.is_empty() => {}
                    None => self.topics.push((topic.clone(), objects)),
                }
            }
        }
    }

    /// Whether nothing of it was there so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.pods.is_empty() && self.whole.is_empty()
    }

    /// Whether a fact belongs to the story. That something was not seen belongs to each.
    pub(crate) fn holds(&self, fact: &Fact) -> bool {
        fact.what == What::Gap
            || self.whole.contains(&fact.subject.namespace)
            || self.pods.contains(&fact.subject.uid)
            || self
                .topics
                .iter()
                .any(|(topic, objects)| topic.holds(objects, fact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_has_a_number_and_everything_else_is_an_object() {
        assert_eq!("12.1".parse(), Ok(About::Exercise("12.1".into())));
        assert!(matches!("pod/12.1".parse(), Ok(About::Object(_))));
        for bad in [
            "12", "12.", ".1", "12.1.1", "12.x", "-1.2", "12345.1", "node/a", "",
        ] {
            let refused = bad.parse::<About>().unwrap_err();
            assert!(
                refused.contains("12.1") && refused.contains("pod/NAME"),
                "{bad:?}: {refused}"
            );
        }
    }

    #[test]
    fn an_exercise_has_the_objects_of_its_commands_and_its_namespaces() {
        let wanted = |id: &str| About::Exercise(id.into()).wanted("mine", Language::En).unwrap();
        let first = wanted("12.1");
        assert_eq!(first.namespaces().collect::<Vec<_>>(), ["mine"]);
        let topics: Vec<_> = first.0["mine"].topics.iter().map(ToString::to_string).collect();
        assert_eq!(topics, ["deploy/numbers-api", "svc/numbers-api"]);
        let fourth = wanted("12.4");
        assert!(fourth.0.len() > 1 && fourth.0.values().any(|room| room.whole));
        let refused = About::Exercise("99.1".into()).wanted("mine", Language::En);
        assert!(refused.unwrap_err().to_string().contains("99.1"));
    }
}
