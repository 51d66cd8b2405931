//! What happened in a namespace, as far as a board tells of it.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use story::{Fact, Probe, Settings, Story, What};

/// How many of the newest facts are told at most. Few of them are shown; what is linked may stand elsewhere than by its time alone.
const NEWEST: usize = 64;
/// How many facts are looked through for what caused these.
const CAUSES: usize = 500;

/// What happened in a namespace, as far as a board tells of it. An hour of a thousand pods has tens of thousands of facts; to link them
/// all takes longer than from one change to the next.
#[derive(Debug, Default)]
pub struct Happened {
    story: Story,
    probes: HashMap<String, Vec<Arc<Fact>>>,
}

impl Happened {
    /// What is told of these facts. `about` has the names of the objects that the board is about, and nothing where it is about all;
    /// `skew` is how far clocks may be apart.
    ///
    /// # Errors
    /// Two facts have one id.
    pub fn of(
        facts: &[Arc<Fact>],
        about: &BTreeSet<String>,
        skew: SignedDuration,
    ) -> Result<Self, story::Error> {
        let settings = Settings::with_skew(skew);
        let newest = newest(facts, about);
        Ok(Self {
            story: Story::of(with_causes(facts, &newest), &settings)?,
            probes: probes(facts),
        })
    }

    /// The newest of it, with what led to that.
    pub(crate) fn story(&self) -> &Story {
        &self.story
    }

    /// The probes of a pod that decide something, the starts of its containers, and the orders to end them, oldest first.
    pub(crate) fn probes(&self, uid: &str) -> impl DoubleEndedIterator<Item = &Fact> + Clone {
        self.probes.get(uid).into_iter().flatten().map(|fact| &**fact)
    }
}

/// Whether a fact is told: not what only goes on, and not what is drawn beside its pod.
pub(crate) fn is_news(fact: &Fact) -> bool {
    match &fact.what {
        What::Probed { ok, run, of, .. } => !ok && run == of && !fact.at_least,
        What::Throttled { .. } | What::Memory { .. } => false,
        What::Scheduled { .. } | What::Rules { .. } => false,
        _ => true,
    }
}

/// Whether a name is one of these, or begins with one; with none of these, every name is.
pub(crate) fn is_named_after(name: &str, about: &BTreeSet<String>) -> bool {
    let named_after = |about: &String| {
        let rest = name.strip_prefix(about.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    about.is_empty() || about.iter().any(named_after)
}

fn newest<'a>(facts: &'a [Arc<Fact>], about: &BTreeSet<String>) -> Vec<&'a Fact> {
    let told =
        |fact: &&Fact| is_news(fact) && (fact.what == What::Gap || is_named_after(&fact.subject.name, about));
    latest(facts.iter().map(|fact| &**fact).filter(told), NEWEST)
}

/// These facts, those of the same objects, and those of what belongs to them: all that a rule may join.
fn with_causes(facts: &[Arc<Fact>], newest: &[&Fact]) -> Vec<Fact> {
    let above = newest.iter().flat_map(|fact| &fact.subject.owners);
    let objects: HashSet<&str> = newest
        .iter()
        .map(|fact| &fact.subject.uid)
        .chain(above)
        .map(String::as_str)
        .collect();
    // A pod's facts are joined by the pod, those of its controllers by what they control.
    let controllers: HashSet<&str> = newest
        .iter()
        .filter(|fact| fact.subject.kind != "Pod")
        .map(|fact| fact.subject.uid.as_str())
        .collect();
    // A pod is made in the place of another one of its set; and of a Service, which slices know by its name, little happens.
    let made = newest.iter().filter(|fact| fact.what == What::Created);
    let sets: HashSet<&String> = made.filter_map(|fact| fact.subject.owners.first()).collect();
    let makes_room =
        |fact: &Fact| matches!(fact.what, What::Gone { asked: true, .. } | What::Labelled { .. });
    let joined = |fact: &&Fact| {
        let owners = &fact.subject.owners;
        fact.what == What::Gap
            || fact.subject.kind == "Service"
            || objects.contains(&*fact.subject.uid)
            || owners.iter().any(|owner| controllers.contains(&**owner))
            || (makes_room(fact) && owners.first().is_some_and(|set| sets.contains(set)))
    };
    let mut all = latest(facts.iter().map(|fact| &**fact).filter(joined), CAUSES);
    let had: HashSet<u64> = all.iter().map(|fact| fact.id).collect();
    all.extend(newest.iter().filter(|fact| !had.contains(&fact.id)));
    all.into_iter().cloned().collect()
}

/// So many of the latest, in no order.
fn latest<'a>(facts: impl Iterator<Item = &'a Fact>, most: usize) -> Vec<&'a Fact> {
    let mut all: Vec<_> = facts.collect();
    if all.len() > most {
        all.select_nth_unstable_by_key(most, |fact| Reverse((fact.when.told(), fact.id)));
        all.truncate(most);
    }
    all
}

fn probes(facts: &[Arc<Fact>]) -> HashMap<String, Vec<Arc<Fact>>> {
    let mut probes: HashMap<String, Vec<Arc<Fact>>> = HashMap::new();
    for fact in facts {
        let decides = match fact.what {
            What::Probed {
                probe: Probe::Liveness,
                ok,
                run,
                of,
                ..
            } => !ok && run >= of,
            What::Probed { .. } => true,
            What::Started { .. } | What::KillOrdered { .. } => true,
            _ => false,
        };
        if !decides {
            continue;
        }
        match probes.get_mut(&fact.subject.uid) {
            Some(known) => known.push(Arc::clone(fact)),
            None => drop(probes.insert(fact.subject.uid.clone(), vec![Arc::clone(fact)])),
        }
    }
    for known in probes.values_mut() {
        known.sort_by_key(|fact| place(fact));
    }
    probes
}

/// By time; of one second, a container starts before it is probed.
fn place(fact: &Fact) -> (Timestamp, bool, u64) {
    (
        fact.when.told(),
        matches!(fact.what, What::Probed { .. }),
        fact.id,
    )
}

#[cfg(test)]
mod tests {
    use story::Cause;
    use tell::{Letters, sentences};

    use super::*;

    /// So many pods, each made, ready and probed, with the ReplicaSet that made them.
    fn facts(pods: usize) -> Vec<Arc<Fact>> {
        let mut lines = vec![];
        for pod in 0..pods {
            let second = |late: usize| format!("2026-03-01T14:{:02}:{:02}Z", pod / 60, pod % 60 + late);
            let mut add = |what: &str, source: &str, who: &str| {
                let id = lines.len() + 1;
                let (earliest, latest) = (second(0), second(1).replace(":60Z", ":59.5Z"));
                lines.push(format!(
                    r#"{{"id":{id},{what},"who":{who},"source":"{source}","clock":"kubelet","earliest":"{earliest}","latest":"{latest}","subject":{{"kind":"Pod","namespace":"default","name":"p-{pod}","uid":"u-{pod}","owners":["set","deployment"]}}}}"#
                ));
            };
            add(r#""what":"created""#, "pods", "null");
            let probed = r#""what":"probed","probe":"readiness","ok":true,"run":1,"of":1,"period":5"#;
            add(probed, "probes", r#""kubelet""#);
            add(r#""what":"ready","value":true"#, "pods", r#""kubelet""#);
        }
        let facts = Fact::read(&lines.join("\n")).unwrap();
        facts.into_iter().map(Arc::new).collect()
    }

    fn last(story: &Story, facts: &[Arc<Fact>]) -> Vec<String> {
        let letters = Letters::of(facts.iter().map(|fact| &**fact));
        let told = sentences(story, &letters).into_iter();
        let news: Vec<_> = told
            .filter(|sentence| is_news(sentence.fact))
            .map(|sentence| {
                format!(
                    "{:?} {:?} {:?} {:?}",
                    sentence.at, sentence.who, sentence.says, sentence.beside
                )
            })
            .collect();
        news[news.len() - 20..].to_vec()
    }

    #[test]
    fn of_many_facts_the_newest_are_told_as_if_all_were_linked() {
        let facts = facts(600);
        let whole = Story::of(
            facts.iter().map(|fact| (**fact).clone()).collect(),
            &Settings::default(),
        )
        .unwrap();
        let happened = Happened::of(&facts, &BTreeSet::new(), SignedDuration::ZERO).unwrap();
        assert_eq!(last(happened.story(), &facts), last(&whole, &facts));
        assert!(happened.story().facts().len() <= CAUSES + NEWEST);
        assert_eq!(happened.probes("u-0").count(), 1);
    }

    #[test]
    fn who_is_gone_or_let_go_is_found_whatever_else_is_told() {
        let line = |id: u32, what: &str, source: &str, kind: &str, name: &str| {
            format!(
                r#"{{"id":{id},{what},"who":null,"source":"{source}","clock":"here","earliest":"2026-03-01T14:00:00Z","latest":"2026-03-01T14:00:00.2Z","subject":{{"kind":"{kind}","namespace":"default","name":"{name}","uid":"{name}","owners":["set"]}}}}"#
            )
        };
        let gone = r#""what":"gone","asked":false"#;
        let left = r#""what":"serving","value":false,"service":"api""#;
        let asked = r#""what":"gone","asked":true"#;
        let mut lines = vec![
            line(1, gone, "services", "Service", "api"),
            line(2, asked, "pods", "Pod", "old"),
        ];
        lines.extend((3..200).map(|id| line(id, left, "slices", "Pod", &format!("p-{id}"))));
        lines.push(line(200, r#""what":"created""#, "pods", "Pod", "new"));
        let facts = Fact::read(&lines.join("\n")).unwrap();
        let facts: Vec<_> = facts.into_iter().map(Arc::new).collect();
        let happened = Happened::of(&facts, &BTreeSet::new(), SignedDuration::ZERO).unwrap();
        let cause = |effect| match happened.story().cause(effect) {
            Cause::One(link) => link.cause,
            other => panic!("{other:?}"),
        };
        assert_eq!((cause(199), cause(200)), (1, 2));
    }

    #[test]
    fn what_the_board_is_not_about_takes_no_place_of_what_it_is_about() {
        let facts = facts(600);
        let about = BTreeSet::from(["p-3".to_owned()]);
        let happened = Happened::of(&facts, &about, SignedDuration::ZERO).unwrap();
        assert!(
            happened
                .story()
                .facts()
                .iter()
                .any(|fact| fact.subject.name == "p-3")
        );
    }
}
