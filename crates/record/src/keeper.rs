//! What a watch keeps of a namespace: the objects, and what happened to them. Nothing here waits, and nothing asks a clock.

mod choice;
mod clocks;
mod counts;
mod differences;
mod metrics;
mod probed;
mod rules;
mod scaling;
mod seen;
mod told;
mod traffic;
mod usage;
mod watched;
mod wishes;
mod writes;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Event;
use kube::ResourceExt;
use story::{Clock, Fact, Moment, Source, What};

pub(crate) use self::watched::Watched;
use self::{
    clocks::Clocks, counts::Counts, probed::Words, rules::Rules, seen::Seen, told::Told, usage::Usages,
};
use crate::{
    Hidden, Listed, Live, MOST,
    read::{Objects, meta::gap},
};

/// How long an event waits for what it is about: watches of different kinds are not told in the order of what they tell.
const HELD: SignedDuration = SignedDuration::from_millis(500);
/// For how long a kubelet may be silent before what it counts is not known: three looks that may take a second each.
const SILENCE: SignedDuration = SignedDuration::from_secs(5);

/// Within which time after a sign of life the list of events has what their watch would have told, as they stay for an hour.
///
/// The API server keeps no cache of events, and so sends no bookmarks of them (`--watch-cache-sizes`): where there is none for ten
/// minutes, the last version that is known was removed from etcd meanwhile (`--etcd-compaction-interval`), and they are listed.
const EXPIRED: SignedDuration = SignedDuration::from_secs(10);

/// What is kept of a namespace.
pub(crate) struct Keeper {
    namespace: String,
    objects: Objects,
    /// What the last version of an object said, by its uid.
    said: BTreeMap<String, Vec<Fact>>,
    /// Events that wait for what they are about.
    held: VecDeque<(Event, bool, Seen)>,
    told: Told,
    heard: BTreeMap<Source, Timestamp>,
    hidden: BTreeMap<Source, Hidden>,
    /// The kubelets that are not seen, by source and address.
    silent: BTreeMap<(Source, IpAddr), Hidden>,
    /// When each kubelet was last asked with success.
    asked: BTreeMap<IpAddr, Timestamp>,
    clocks: Clocks,
    counts: Counts,
    words: Words,
    usages: Usages,
    rules: Rules,
}

impl Keeper {
    /// Begins with what was listed: it tells what objects still carry of the past.
    pub(crate) fn new(
        namespace: &str,
        listed: Listed,
        hidden: BTreeMap<Source, Hidden>,
        at: Timestamp,
    ) -> Self {
        let seen = Source::WATCHED
            .into_iter()
            .filter(|source| hidden.get(source).is_none_or(|why| *why == Hidden::Cut));
        let mut keeper = Self {
            namespace: namespace.into(),
            objects: Objects::of(&listed),
            said: BTreeMap::new(),
            held: VecDeque::new(),
            told: Told::default(),
            heard: seen.map(|source| (source, at)).collect(),
            hidden,
            silent: BTreeMap::new(),
            asked: BTreeMap::new(),
            clocks: Clocks::default(),
            counts: Counts::default(),
            words: Words::default(),
            usages: Usages::default(),
            rules: Rules::default(),
        };
        for fact in listed.facts() {
            keeper.told.tell(fact, at);
        }
        // What only it holds need not be copied to be stripped.
        drop(listed);
        watched::begin(&mut keeper.objects, &mut keeper.said);
        keeper
    }

    /// An object was told of, or that it is gone.
    pub(crate) fn changed<K: Watched>(&mut self, object: K, gone: bool, at: Timestamp) {
        let seen = self.seen::<K>(at, true);
        self.heard.insert(K::SOURCE, at);
        self.release(at);
        match object.held() {
            Ok(event) => self.held.push_back((event, gone, seen)),
            Err(object) => self.apply(object, gone, seen),
        }
    }

    fn apply<K: Watched>(&mut self, object: K, gone: bool, seen: Seen) {
        if gone {
            self.remove(&object, seen);
        } else {
            self.take(object, seen);
        }
    }

    /// Tells of the events that have waited.
    fn release(&mut self, now: Timestamp) {
        while let Some((event, gone, seen)) = self.held.pop_front() {
            if now.duration_since(seen.at) < HELD {
                self.held.push_front((event, gone, seen));
                break;
            }
            self.apply(event, gone, seen);
        }
    }

    /// A source gave a sign of life, and nothing else.
    pub(crate) fn heard(&mut self, source: Source, at: Timestamp) {
        self.heard.insert(source, at);
    }

    /// All objects of a kind were listed anew, as its watch was lost: what lies between was missed. Or they were for the first time, where
    /// this user may see them by now.
    pub(crate) fn relisted<K: Watched>(&mut self, found: Vec<K>, cut: bool, at: Timestamp) {
        let seen = self.seen::<K>(at, false);
        let is_short = at.duration_since(seen.before) <= EXPIRED;
        if self.heard.contains_key(&K::SOURCE) && !(K::SOURCE == Source::Events && is_short) {
            self.gap(K::SOURCE, seen.before, at);
        }
        let there: BTreeSet<_> = found.iter().filter_map(ResourceExt::uid).collect();
        let known = K::known(&mut self.objects);
        let gone: Vec<_> = known
            .iter()
            .filter(|(uid, _)| !there.contains(*uid))
            .map(|(_, object)| object.clone())
            .collect();
        if cut {
            self.hidden.insert(K::SOURCE, Hidden::Cut);
        } else {
            self.hidden.remove(&K::SOURCE);
            for object in gone {
                self.remove(&*object, seen);
            }
        }
        for object in found {
            self.take(object, seen);
        }
        self.heard.insert(K::SOURCE, at);
    }

    /// This user may not see a source.
    pub(crate) fn hide(&mut self, source: Source, why: Hidden) {
        self.hidden.insert(source, why);
    }

    /// A kubelet did not answer, or not to this user.
    pub(crate) fn unanswered(&mut self, source: Source, node: IpAddr, why: Hidden) {
        self.silent.insert((source, node), why);
    }

    /// The addresses of the nodes on which pods run.
    pub(crate) fn nodes(&self) -> BTreeSet<IpAddr> {
        let pods = self.objects.pods.values();
        pods.filter_map(|pod| pod.status.as_ref()?.host_ip.as_ref()?.parse().ok())
            .collect()
    }

    /// A kubelet told what it has counted of probes, between `asked` and `at`.
    pub(crate) fn counted(&mut self, node: IpAddr, text: &str, asked: Timestamp, at: Timestamp) {
        let before = self.asked.insert(node, asked);
        self.silent.remove(&(Source::Probes, node));
        if let Some(before) = before.filter(|before| asked.duration_since(*before) > SILENCE) {
            self.gap(Source::Probes, before, at);
        }
        self.heard.insert(Source::Probes, at);
        let objects = &self.objects;
        let results = self
            .counts
            .take(node, text, &self.namespace, before.is_some(), |series| {
                probed::thresholds(objects, series)
            });
        let Some(when) = before.and_then(|before| Moment::between(before, at, Clock::Here).ok()) else {
            return;
        };
        let facts: Vec<_> = results
            .iter()
            .filter_map(|result| probed::fact(&self.objects, result, when, &self.words))
            .collect();
        for fact in facts {
            self.told.tell(fact, at);
        }
    }

    /// There are no pods left on a node, so that its kubelet is not asked any more. Where none is, none is silent either.
    pub(crate) fn unasked(&mut self, node: IpAddr) {
        self.asked.remove(&node);
        if self.asked.is_empty() {
            self.heard.remove(&Source::Probes);
            self.heard.remove(&Source::Usage);
        }
    }

    /// A kubelet told what it has sampled of containers.
    pub(crate) fn sampled(&mut self, node: IpAddr, text: &str, at: Timestamp) {
        self.silent.remove(&(Source::Usage, node));
        self.heard.insert(Source::Usage, at);
        let worth = self.usages.take(text, &probed::running(&self.objects));
        for (container, what, when) in worth {
            if let Some(fact) = probed::used(&self.objects, &container, what, when) {
                self.told.tell(fact, at);
            }
        }
    }

    /// Whether kube-proxy's rules are to be looked at.
    pub(crate) fn awaits_rules(&self, now: Timestamp) -> bool {
        self.rules.are_due(now)
    }

    /// kube-proxy's rules were looked at, between `began` and `ended`.
    pub(crate) fn programmed(&mut self, text: &str, began: Timestamp, ended: Timestamp) {
        let before = self.heard.insert(Source::Proxy, ended);
        // A look that is late misses nothing that lasts.
        let was_hidden = self.hidden.remove(&Source::Proxy).is_some();
        if let Some(before) = before.filter(|_| was_hidden) {
            self.gap(Source::Proxy, before, ended);
        }
        for fact in self.rules.take(text, began, ended) {
            self.told.tell(fact, ended);
        }
    }

    /// kube-proxy's rules could not be looked at.
    pub(crate) fn unprogrammed(&mut self, why: Hidden) {
        self.hidden.insert(Source::Proxy, why);
        self.rules.forget();
    }

    /// What is known now.
    pub(crate) fn live(&mut self, at: Timestamp) -> Live {
        self.release(at);
        self.told.let_go(at);
        let mut hidden = self.hidden.clone();
        for ((source, _), why) in &self.silent {
            hidden.entry(*source).or_insert_with(|| why.clone());
        }
        Live {
            now: self.objects.listed(),
            facts: self.told.facts(),
            heard: self.heard.clone(),
            hidden,
            skew: self.clocks.skew(),
            unrecorded: None,
            usage: self.usages.now(at),
        }
    }

    fn seen<K: Watched>(&self, at: Timestamp, in_order: bool) -> Seen {
        Seen {
            before: self.heard.get(&K::SOURCE).copied().unwrap_or(at).min(at),
            at,
            in_order,
        }
    }

    fn gap(&mut self, source: Source, from: Timestamp, to: Timestamp) {
        if let Some(gap) = gap(&self.namespace, source, from, to) {
            self.told.tell(gap, to);
        }
    }

    fn take<K: Watched>(&mut self, mut new: K, seen: Seen) {
        let Some(uid) = new.uid() else { return };
        let known = K::known(&mut self.objects);
        let old = known.get(&uid).cloned();
        if old.is_none() && known.len() >= MOST {
            self.hidden.insert(K::SOURCE, Hidden::Cut);
            return;
        }
        let same = |old: &Arc<K>| old.resource_version() == new.resource_version();
        if old.as_ref().is_some_and(same) {
            return;
        }
        if let Some(old) = &old {
            new.settle(old);
        }
        K::clocks(&new, old.as_deref(), seen, &mut self.clocks);
        let mut said = new.says(&self.objects);
        said.shrink_to_fit();
        let before = self.said.get(&uid).map(Vec::as_slice).unwrap_or_default();
        let mut facts = differences::fresh(said.clone(), before, &new, seen, &self.clocks);
        // Of a kind that is seen for the first time only by now, no version before is known, nor when this one was written.
        if self.heard.contains_key(&K::SOURCE) {
            facts.extend(K::compared(
                old.as_deref(),
                Some(&new),
                &self.objects,
                seen,
                &self.clocks,
            ));
        }
        K::programmed(
            old.as_deref(),
            Some(&new),
            &self.objects,
            &facts,
            seen,
            &mut self.rules,
        );
        if !said.is_empty() || !before.is_empty() {
            self.said.insert(uid.clone(), said);
        }
        watched::strip(&mut new);
        K::known(&mut self.objects).insert(uid, Arc::new(new));
        self.tell(facts, seen.at);
    }

    fn remove<K: Watched>(&mut self, object: &K, seen: Seen) {
        let Some(uid) = object.uid() else { return };
        let Some(old) = K::known(&mut self.objects).remove(&uid) else {
            return;
        };
        let mut object = object.clone();
        object.settle(&old);
        self.usages.forget(&uid);
        self.words.forget(&uid);
        // What goes at once was asked to go by its last version alone, which is the write of its deletion and none of a fact.
        let before = self.said.remove(&uid).unwrap_or_default();
        let last = Seen {
            in_order: false,
            ..seen
        };
        let mut facts = differences::fresh(object.says(&self.objects), &before, &object, last, &self.clocks);
        let last = K::compared(Some(&old), None, &self.objects, seen, &self.clocks);
        facts.extend(differences::at_once(last, &facts));
        K::programmed(Some(&old), None, &self.objects, &facts, seen, &mut self.rules);
        watched::strip(&mut object);
        K::remember(&mut self.objects, &Arc::new(object));
        self.tell(facts, seen.at);
    }

    /// Tells facts, but not what another source tells better.
    fn tell(&mut self, facts: Vec<Fact>, at: Timestamp) {
        for fact in facts {
            if fact.source == Source::Events {
                match fact.what {
                    // The ReplicaSet itself says so.
                    What::Scaled { .. } if !self.hidden.contains_key(&Source::ReplicaSets) => continue,
                    // The kubelet counts, and these are its words.
                    What::Probed { .. } if self.is_counted(&fact, at) => {
                        self.words.take(&fact);
                        continue;
                    }
                    _ => {}
                }
            }
            self.told.tell(fact, at);
        }
    }

    /// Whether the kubelet of a pod tells what it counts.
    fn is_counted(&self, fact: &Fact, at: Timestamp) -> bool {
        let node = probed::node(&self.objects, &fact.subject.uid);
        let asked = node.and_then(|node| self.asked.get(&node));
        asked.is_some_and(|asked| at.duration_since(*asked) <= SILENCE)
    }
}

#[cfg(test)]
mod tests;
