//! When kube-proxy's rules began to lead to a pod, or ceased to.
//!
//! The rules themselves are looked at: what one look has and the look before had not was written in between. Which pod that was about,
//! and since when it was to be, a slice says. Rules that come and go between two looks are not seen, and not told.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use kube::ResourceExt;
use story::{Clock, Fact, Moment, Source, Subject, What};

use self::table::Way;
use crate::read::meta::fact;

mod table;

/// How often they are looked at though nothing is waited for, so that what was there before is known.
const IDLE: SignedDuration = SignedDuration::from_secs(3);
/// For how long the rules of a slice are waited for, and the slice of rules.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// For how long a pod that has left the traffic is known, as it may become its Service's last resort: twice the time that it has to end.
const LEAVING: SignedDuration = SignedDuration::from_secs(60);
/// How much is waited for, at most.
const MOST: usize = 10_000;

/// What a slice says of a pod: that it gets traffic, or gets it no more.
struct Said {
    way: Way,
    pod: Subject,
    leads: bool,
    /// Since when, at the earliest; none where rules may have followed something else, as the slice is gone with its Service.
    since: Option<Timestamp>,
    /// When that came to be known.
    known: Timestamp,
    /// Whether rules were seen that follow it.
    followed: bool,
    /// Whether rules may lead to the pod though it gets no more traffic.
    last_resort: bool,
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
    said: Vec<Said>,
    turns: Vec<Turn>,
}

impl Rules {
    /// Whether they are to be looked at.
    pub(super) fn are_due(&self, now: Timestamp) -> bool {
        let Some(last) = &self.last else { return true };
        let is_awaited = |said: &Said| !said.followed && now.duration_since(said.known) < PATIENCE;
        now.duration_since(last.began) >= IDLE || self.said.iter().any(is_awaited)
    }

    /// Begins anew, as they could not be looked at.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// A slice came in place of `old`, or it went, by which `changed` was said; this was known `at`.
    pub(super) fn wrote(
        &mut self,
        old: Option<&EndpointSlice>,
        new: Option<&EndpointSlice>,
        changed: &[Fact],
        at: Timestamp,
    ) {
        for fact in changed {
            let What::Serving { value, service, .. } = &fact.what else {
                continue;
            };
            let mut slices = new.into_iter().chain(old);
            let Some((namespace, address)) =
                slices.find_map(|slice| Some((slice.namespace()?, address(slice, &fact.subject.uid)?)))
            else {
                continue;
            };
            if self.said.len() >= MOST {
                self.said.remove(0);
            }
            self.said.push(Said {
                way: Way {
                    service: format!("{namespace}/{service}"),
                    address,
                },
                pod: fact.subject.clone(),
                leads: *value,
                since: new.map(|_| fact.when.earliest()),
                known: at,
                followed: false,
                last_resort: false,
            });
        }
        for way in new.into_iter().flat_map(last_resorts) {
            let left = self.said.iter_mut().filter(|said| !said.leads && said.way == way);
            left.for_each(|said| said.last_resort = true);
        }
    }

    /// They were looked at between `began` and `ended`, as `iptables-save` writes them: which have changed since, as far as it is known
    /// of which pods.
    pub(super) fn take(&mut self, text: &str, began: Timestamp, ended: Timestamp) -> Vec<Fact> {
        let ways = table::ways(text);
        // What there was at the first look was written at any time before.
        if let Some(last) = &self.last {
            let turned = |way: &Way, leads| Turn {
                way: way.clone(),
                leads,
                after: last.began,
                by: ended,
            };
            let came = ways.difference(&last.ways).map(|way| turned(way, true));
            let went = last.ways.difference(&ways).map(|way| turned(way, false));
            self.turns.extend(came.chain(went));
        }
        let turns = std::mem::take(&mut self.turns);
        let mut facts = vec![];
        for turn in turns {
            match self.follows(&turn) {
                Some(fact) => facts.extend(fact),
                // The slice may be told of later than its rules were seen.
                None if ended.duration_since(turn.by) < PATIENCE => self.turns.push(turn),
                None => {}
            }
        }
        self.said.retain(|said| {
            let within = if said.leads { PATIENCE } else { LEAVING };
            let is_led_to = said.last_resort && ways.contains(&said.way);
            is_led_to || ended.duration_since(said.known) < within
        });
        self.last = Some(Look { began, ways });
        facts
    }

    /// What is told of rules that turned, once it is known of which pod; nothing if clocks that were set meanwhile make nonsense of it.
    fn follows(&mut self, turn: &Turn) -> Option<Option<Fact>> {
        let is_it = |said: &Said| {
            let in_time = said.since.is_none_or(|since| since <= turn.by);
            !said.followed && said.way == turn.way && said.leads == turn.leads && in_time
        };
        if let Some(place) = self.said.iter().position(is_it) {
            let said = &mut self.said[place];
            said.followed = true;
            let fact = turn.tell(said, said.since);
            // What else was said before was never seen to be followed, and will not be; whoever left may become the last resort.
            let mut earlier = 0..place + usize::from(turn.leads);
            self.said
                .retain(|said| earlier.next().is_none() || said.way != turn.way);
            return Some(fact);
        }
        let is_last_resort = |said: &&Said| said.last_resort && said.way == turn.way;
        let said = self.said.iter().rfind(is_last_resort)?;
        Some(turn.tell(said, None))
    }
}

impl Turn {
    fn tell(&self, said: &Said, since: Option<Timestamp>) -> Option<Fact> {
        let since = since.map_or(self.after, |since| since.max(self.after));
        let when = Moment::between(since, self.by, Clock::Kernel).ok()?;
        let (_, service) = self.way.service.split_once('/')?;
        let what = What::Rules {
            value: self.leads,
            service: service.into(),
            last_resort: said.last_resort,
        };
        Some(fact(
            said.pod.clone(),
            what,
            Some("kube-proxy"),
            when,
            Source::Proxy,
        ))
    }
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

/// Where rules lead though nobody there is ready: to pods that are being deleted and are well, where a slice has no others. Whether
/// another slice of the Service has, is not looked at.
fn last_resorts(slice: &EndpointSlice) -> Vec<Way> {
    let endpoints = slice.endpoints.iter().flatten();
    if endpoints.clone().any(access::gets_traffic) {
        return vec![];
    }
    let is_well = |endpoint: &&Endpoint| {
        let conditions = endpoint.conditions.as_ref();
        conditions.is_some_and(|is| is.terminating == Some(true) && is.serving != Some(false))
    };
    let way = |endpoint: &Endpoint| {
        Some(Way {
            service: format!("{}/{}", slice.namespace()?, access::service_of(slice)?),
            address: endpoint.addresses.first()?.clone(),
        })
    };
    endpoints.filter(is_well).filter_map(way).collect()
}

#[cfg(test)]
mod tests;
