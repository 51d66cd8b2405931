//! When kube-proxy's rules began to lead to a pod, or ceased to.
//!
//! The rules themselves are looked at: what one look has and the look before had not was written in between. Which pod that was about,
//! and since when it was to be, a slice says. Rules that come and go between two looks are not seen, and not told.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use kube::ResourceExt;
use story::{Clock, Fact, Moment, Source, Subject, What};

use self::table::Way;
use super::seen::{ON_ITS_WAY, Seen};
use crate::read::meta::fact;

mod table;

/// How often they are looked at though nothing is waited for, so that what was there before is known.
const IDLE: SignedDuration = SignedDuration::from_secs(3);
/// For how long the rules of a slice are waited for, and the slice of rules.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// For how long a pod that has left the traffic is known, as it may become its Service's last resort: twice the time that pods have to end
/// unless somebody sets another.
const LEAVING: SignedDuration = SignedDuration::from_secs(60);
/// How many ways slices speak of and rules turn on, at most.
const MOST: usize = 10_000;

/// What a slice says of a pod: that it gets traffic, or gets it no more.
struct Said {
    pod: Subject,
    leads: bool,
    /// Since when, at the earliest; none where rules may have changed before, as with a Service that takes its slices along.
    since: Option<Timestamp>,
    /// When that came to be known.
    known: Timestamp,
    /// Whether rules were seen that follow it.
    followed: bool,
    /// Since when it is known that rules may lead to the pod though it gets no more traffic.
    last_resort: Option<Timestamp>,
}

/// Rules that began or ceased to lead somewhere.
struct Turn {
    way: Way,
    leads: bool,
    /// When the last look began that saw them otherwise.
    after: Timestamp,
    /// When the look ended that saw them first.
    by: Timestamp,
}

/// What was seen at one look.
struct Look {
    /// When it began.
    began: Timestamp,
    /// Where rules lead.
    ways: BTreeSet<Way>,
}

/// What rules are to follow, and what they did.
#[derive(Default)]
pub(crate) struct Rules {
    last: Option<Look>,
    /// What slices have said, oldest first; of each way only of the pod that was there last.
    said: BTreeMap<Way, Vec<Said>>,
    /// What is not known yet of which pod it was about.
    turns: Vec<Turn>,
}

impl Rules {
    /// Whether they are to be looked at.
    pub(super) fn are_due(&self, now: Timestamp) -> bool {
        let Some(last) = &self.last else { return true };
        let is_awaited = |said: &Said| !said.followed && now.duration_since(said.known) < PATIENCE;
        let is_idle = last.began <= now && now.duration_since(last.began) < IDLE;
        !is_idle || self.said.values().flatten().any(is_awaited)
    }

    /// Begins anew, as they could not be looked at.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// A slice came in place of `old`, or it went, beside `others` of its Service, by which `changed` was said.
    pub(super) fn wrote<'a>(
        &mut self,
        old: Option<&'a EndpointSlice>,
        new: Option<&'a EndpointSlice>,
        others: impl Iterator<Item = &'a EndpointSlice>,
        changed: &[Fact],
        seen: Seen,
    ) {
        // Where nobody looks, nothing is waited for. A slice without pods has no ports any more.
        if self.last.is_none() || !new.into_iter().chain(old).any(has_rules) {
            return;
        }
        for fact in changed {
            let What::Serving { value, service, .. } = fact.what.clone() else {
                continue;
            };
            // A pod leaves from where it was.
            let slice = if value { new } else { old };
            let Some(address) = slice.and_then(|slice| address(slice, &fact.subject.uid)) else {
                continue;
            };
            let service = format!("{}/{service}", fact.subject.namespace);
            let is_room = self.said.len() < MOST;
            let said = match self.said.entry(Way { service, address }) {
                Entry::Vacant(_) if !is_room => continue,
                entry => entry.or_default(),
            };
            said.retain(|said| said.pod.uid == fact.subject.uid);
            said.push(Said {
                pod: fact.subject.clone(),
                leads: value,
                since: new.filter(|_| seen.in_order).map(|_| fact.when.earliest()),
                known: seen.at,
                followed: false,
                last_resort: None,
            });
        }
        let all: Vec<_> = new.into_iter().chain(others).collect();
        for way in last_resorts(&all) {
            let said = self.said.get_mut(&way).into_iter().flatten();
            for left in said.filter(|said| !said.leads) {
                left.last_resort.get_or_insert(seen.at);
            }
        }
    }

    /// They were looked at between `began` and `ended`, as `iptables-save` writes them: which have changed since, as far as it is known
    /// of which pods.
    pub(super) fn take(&mut self, text: &str, began: Timestamp, ended: Timestamp) -> Vec<Fact> {
        // A clock that was set back makes nonsense of what was before.
        if ended < began || self.last.as_ref().is_some_and(|last| began < last.began) {
            self.forget();
        }
        let ways = table::ways(text);
        // What there was at the first look was written at any time before.
        if let Some(last) = self.last.take() {
            let came = ways.difference(&last.ways).map(|way| (way, true));
            let went = last.ways.difference(&ways).map(|way| (way, false));
            for (way, leads) in came.chain(went) {
                self.turn(way, leads, last.began, ended);
            }
        }
        let mut facts = vec![];
        for turn in std::mem::take(&mut self.turns) {
            match self.follows(&turn, ended) {
                Some(fact) => facts.push(fact),
                // The slice may be told of later than its rules were seen.
                None if ended.duration_since(turn.by) < PATIENCE => self.turns.push(turn),
                None => {}
            }
        }
        self.said.retain(|way, said| {
            said.retain(|said| {
                let within = if said.leads { PATIENCE } else { LEAVING };
                let is_led_to = said.last_resort.is_some() && ways.contains(way);
                is_led_to || ended.duration_since(said.known) < within
            });
            !said.is_empty()
        });
        self.last = Some(Look { began, ways });
        facts
    }

    /// Rules turned after the last look had begun, and by the end of this one. Where nobody knows yet of which pod they did so before, it may
    /// have been either time.
    fn turn(&mut self, way: &Way, leads: bool, after: Timestamp, by: Timestamp) {
        let is_same = |turn: &&mut Turn| turn.way == *way && turn.leads == leads;
        if let Some(turn) = self.turns.iter_mut().find(is_same) {
            turn.by = by;
        } else if self.turns.len() < MOST {
            self.turns.push(Turn {
                way: way.clone(),
                leads,
                after,
                by,
            });
        }
    }

    /// What is told of rules that turned, once it is known of which pod.
    fn follows(&mut self, turn: &Turn, now: Timestamp) -> Option<Fact> {
        let said = self.said.get_mut(&turn.way)?;
        let is_it = |said: &Said| {
            let in_time = said.since.is_none_or(|since| since <= turn.by);
            !said.followed && said.leads == turn.leads && in_time
        };
        if let Some(place) = said.iter().position(is_it) {
            // What was said before nobody saw to be followed.
            said.drain(..place);
            let is_last_resort = said[0].last_resort.is_some_and(|known| known <= turn.after);
            let fact = turn.tell(&said[0], said[0].since, is_last_resort);
            said[0].followed = true;
            // Whoever has left may become the last resort.
            if turn.leads {
                said.remove(0);
            }
            return fact;
        }
        // Another pod may have come to its address, of which its slice has not told yet.
        let is_sure = !turn.leads || now.duration_since(turn.by) >= ON_ITS_WAY;
        let left = said.iter().find(|said| said.last_resort.is_some() && is_sure)?;
        turn.tell(left, None, true)
    }
}

impl Turn {
    fn tell(&self, said: &Said, since: Option<Timestamp>, last_resort: bool) -> Option<Fact> {
        let since = since.map_or(self.after, |since| since.max(self.after));
        let when = Moment::between(since, self.by, Clock::Kernel).ok()?;
        let (_, service) = self.way.service.split_once('/')?;
        let what = What::Rules {
            value: self.leads,
            service: service.into(),
            last_resort,
        };
        let pod = said.pod.clone();
        Some(fact(pod, what, Some("kube-proxy"), when, Source::Proxy))
    }
}

/// Whether kube-proxy makes rules of a slice that are looked at: not of IPv6, not of Services that DNS or another proxy answers for
/// (`cmd/kube-proxy/app/server.go`), and not where no port leads anywhere, as its name is in no container.
fn has_rules(slice: &EndpointSlice) -> bool {
    let others = [
        "service.kubernetes.io/headless",
        "service.kubernetes.io/service-proxy-name",
    ];
    let is_others = others.iter().any(|label| slice.labels().contains_key(*label));
    let mut ports = slice.ports.iter().flatten();
    slice.address_type == "IPv4" && !is_others && ports.any(|port| port.port.is_some())
}

/// Where a slice has a pod: kube-proxy takes the first of its addresses.
fn address(slice: &EndpointSlice, uid: &str) -> Option<String> {
    let mut endpoints = slice.endpoints.iter().flatten();
    let of_it = endpoints.find(|endpoint| {
        let target = endpoint.target_ref.as_ref();
        target.and_then(|target| target.uid.as_deref()) == Some(uid)
    });
    of_it?.addresses.first().cloned()
}

/// Where rules lead though nobody there gets traffic: to pods that are being deleted and are well, where none of a Service's slices has
/// others (`pkg/proxy/topology.go`, `CategorizeEndpoints`).
fn last_resorts(slices: &[&EndpointSlice]) -> Vec<Way> {
    let endpoints = slices.iter().flat_map(|slice| {
        let endpoints = slice.endpoints.iter().flatten();
        endpoints.map(move |endpoint| (*slice, endpoint))
    });
    if endpoints
        .clone()
        .any(|(_, endpoint)| access::gets_traffic(endpoint))
    {
        return vec![];
    }
    let is_well = |endpoint: &Endpoint| {
        let conditions = endpoint.conditions.as_ref();
        conditions.is_some_and(|is| is.terminating == Some(true) && is.serving != Some(false))
    };
    let way = |(slice, endpoint): (&EndpointSlice, &Endpoint)| {
        let service = access::service_of(slice).filter(|_| is_well(endpoint))?;
        Some(Way {
            service: format!("{}/{service}", slice.namespace()?),
            address: endpoint.addresses.first()?.clone(),
        })
    };
    endpoints.filter_map(way).collect()
}

#[cfg(test)]
mod tests;
