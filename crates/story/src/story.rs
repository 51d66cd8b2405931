//! Facts in order, with what caused them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Error, Fact, Line, Link, Refuser, Settings, What, link, rule::Key, rules};

/// What happened, oldest first; whatever caused something stands before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    facts: Vec<Fact>,
    links: BTreeMap<u64, Vec<Link>>,
}

/// What is known of a fact's cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause<'a> {
    /// No fact that a rule allows was seen.
    NotSeen,
    /// One was.
    One(&'a Link),
    /// Several were, of which one was the cause, or more.
    OneOf(&'a [Link]),
}

impl Story {
    /// Links facts and puts them in order.
    ///
    /// # Errors
    /// Two facts have one id.
    pub fn of(facts: Vec<Fact>, settings: &Settings) -> Result<Self, Error> {
        let mut ids = BTreeSet::new();
        for fact in &facts {
            if !ids.insert(fact.id) {
                return Err(Error::Repeated(fact.id));
            }
        }
        let mut links: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
        for link in link(&facts, &rules(), settings) {
            links.entry(link.effect).or_default().push(link);
        }
        let facts = ordered(facts, &links);
        Ok(Self { facts, links })
    }

    /// The facts that `is_it` accepts, with all that led to them.
    #[must_use]
    pub fn about(mut self, is_it: impl Fn(&Fact) -> bool) -> Self {
        let chosen = self.facts.iter().filter(|fact| is_it(fact));
        let mut next: Vec<_> = chosen.map(|fact| fact.id).collect();
        let mut kept = BTreeSet::new();
        while let Some(id) = next.pop() {
            if kept.insert(id) {
                next.extend(self.links.get(&id).into_iter().flatten().map(|link| link.cause));
            }
        }
        self.facts.retain(|fact| kept.contains(&fact.id));
        self.links.retain(|effect, _| kept.contains(effect));
        self
    }

    /// The facts, oldest first.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// What caused a fact.
    #[must_use]
    pub fn cause(&self, id: u64) -> Cause<'_> {
        match self.links.get(&id).map(Vec::as_slice) {
            None | Some([]) => Cause::NotSeen,
            Some([link]) => Cause::One(link),
            Some(links) => Cause::OneOf(links),
        }
    }

    /// The facts as lines, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.facts.iter().map(|fact| {
            let links = self.links.get(&fact.id).map(Vec::as_slice).unwrap_or_default();
            let min = links.iter().map(|link| link.delay.min).min();
            let max = links.iter().map(|link| link.delay.max).max();
            Line {
                fact,
                causes: links.iter().map(|link| link.cause).collect(),
                delay: min
                    .zip(max)
                    .map(|(min, max)| [min.as_secs_f64(), max.as_secs_f64()]),
            }
        })
    }
}

/// By the times that they are told by, but none before what caused it, and the writes of slices as they came, which have versions.
fn ordered(facts: Vec<Fact>, links: &BTreeMap<u64, Vec<Link>>) -> Vec<Fact> {
    let links: Vec<_> = links
        .values()
        .flatten()
        .map(|link| (link.cause, link.effect))
        .chain(made(&facts))
        .chain(runs(&facts))
        .chain(turns(&facts))
        .collect();
    let known = [&links[..], &written(&facts)].concat();
    let mut left: BTreeMap<u64, Fact> = facts.into_iter().map(|fact| (fact.id, fact)).collect();
    let (mut order, contradicts) = sorted(&left, &known);
    if contradicts {
        (order, _) = sorted(&left, &links);
    }
    order.iter().filter_map(|id| left.remove(id)).collect()
}

/// That a pod was made comes before all else that happened to it: of one second the cause of one may be told later than that of the other.
fn made(facts: &[Fact]) -> Vec<(u64, u64)> {
    let made = facts.iter().filter(|fact| fact.what == What::Created);
    let made: BTreeMap<_, _> = made.filter_map(|fact| Some((fact.object()?, fact))).collect();
    let others = facts.iter().filter(|fact| fact.what != What::Created);
    others
        .filter_map(|fact| {
            let made = made.get(&fact.object()?)?;
            (made.when.earliest() <= fact.when.latest()).then_some((made.id, fact.id))
        })
        .collect()
}

/// The starts and the ends of runs of containers, by their ids: both may be of one second, in which a run usually ends before the next
/// one starts.
fn runs(facts: &[Fact]) -> Vec<(u64, u64)> {
    fn start(fact: &Fact) -> Option<Key<'_>> {
        match fact.what {
            What::Started { restart, .. } => fact.run(restart),
            _ => None,
        }
    }
    fn end(fact: &Fact) -> Option<Key<'_>> {
        match fact.what {
            What::Ended { restart, .. } => fact.run(restart),
            _ => None,
        }
    }
    let starts: BTreeMap<_, _> = facts
        .iter()
        .filter_map(|fact| Some((start(fact)?, fact)))
        .collect();
    let ends = facts.iter().filter_map(|fact| Some((end(fact)?, fact)));
    ends.filter_map(|(run, end)| {
        let start = starts.get(&run)?;
        (start.when.earliest() <= end.when.latest()).then_some((start.id, end.id))
    })
    .collect()
}

/// What happened to a Service or a Deployment of a name, and to a pod behind a Service, one after the other: each has one source, which
/// tells in order, though a removal has no date and a write the beginning of its second. Two writes of slices have versions.
fn turns(facts: &[Fact]) -> Vec<(u64, u64)> {
    let mut turns: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        let subject = &fact.subject;
        let key = match &fact.what {
            What::Serving { service, .. } => ("Pod", &subject.uid, service),
            What::Selects { .. } | What::Sends { .. } | What::Asked { .. } | What::Gone { .. }
                if subject.kind != "Pod" =>
            {
                (&*subject.kind, &subject.namespace, &subject.name)
            }
            _ => continue,
        };
        turns.entry(key).or_default().push(fact);
    }
    for told in turns.values_mut() {
        told.sort_unstable_by_key(|fact| fact.id);
    }
    let pairs = turns.values().flat_map(|told| told.windows(2));
    let pairs = pairs.filter(|pair| pair.iter().any(|fact| fact.write.is_none()));
    pairs.map(|pair| (pair[0].id, pair[1].id)).collect()
}

/// Which writes of slices came before which. Of other objects a fact may be older than the write that it was read from.
fn written(facts: &[Fact]) -> Vec<(u64, u64)> {
    let mut versions: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let traffic = facts
        .iter()
        .filter(|fact| matches!(fact.what, What::Serving { .. }));
    for (fact, write) in traffic.filter_map(|fact| Some((fact, fact.write.as_ref()?))) {
        versions.entry(write.version).or_default().push(fact.id);
    }
    let versions: Vec<_> = versions.into_values().collect();
    versions
        .windows(2)
        .flat_map(|pair| {
            pair[0]
                .iter()
                .flat_map(|one| pair[1].iter().map(|other| (*one, *other)))
        })
        .collect()
}

/// The facts by their times, but each after those that stand before it in a pair. Where some would have to wait for one another, the
/// earliest does not, and the pairs contradict.
fn sorted(facts: &BTreeMap<u64, Fact>, pairs: &[(u64, u64)]) -> (Vec<u64>, bool) {
    let mut waiting: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    let mut after: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (one, other) in pairs {
        waiting.entry(*other).or_default().insert(*one);
        after.entry(*one).or_default().push(*other);
    }
    let place = |fact: &Fact| (fact.when.told(), usual(&fact.what), fact.when.latest(), fact.id);
    let mut left: BTreeSet<_> = facts.values().map(place).collect();
    let free = facts.values().filter(|fact| !waiting.contains_key(&fact.id));
    let mut next: BTreeSet<_> = free.map(place).collect();
    let mut sorted = Vec::with_capacity(facts.len());
    let mut contradicts = false;
    while let Some(first) = left.first() {
        let chosen = next.pop_first().unwrap_or_else(|| {
            contradicts = true;
            *first
        });
        left.remove(&chosen);
        let (.., id) = chosen;
        sorted.push(id);
        for other in after.get(&id).into_iter().flatten() {
            let Some(those) = waiting.get_mut(other) else {
                continue;
            };
            // A pair may be linked by two rules, and counts once.
            if those.remove(&id) && those.is_empty() {
                next.extend(facts.get(other).map(place).filter(|place| left.contains(place)));
            }
        }
    }
    (sorted, contradicts)
}

/// Where it usually stands among what happens in one second: a pod is made before it is probed, and ends before it starts again.
/// What is linked stands in order anyway.
fn usual(what: &What) -> u8 {
    match what {
        What::Gap | What::Asked { .. } => 0,
        What::Selects { .. } | What::Sends { .. } | What::Labelled { .. } => 0,
        What::Scaled { .. } => 1,
        // The kubelet refuses what it was given.
        What::Refused {
            by: Refuser::Kubelet, ..
        } => 6,
        What::Created | What::Refused { .. } => 2,
        What::Scheduled { .. } => 3,
        What::KillOrdered { .. } => 4,
        What::Ended { .. } => 5,
        What::Waits { .. } => 6,
        What::Started { .. } => 7,
        What::Probed { .. } | What::Unprobed { .. } | What::Throttled { .. } | What::Memory { .. } => 8,
        What::Ready { .. } => 9,
        What::Serving { .. } => 10,
        What::Rules { .. } => 11,
        What::Answered { .. } => 12,
        What::Gone { .. } => 13,
    }
}
