//! When kube-proxy wrote the rules that slices ask for.
//!
//! It tells that of no slice, but it counts: each version of a slice that it was told of, and, for each that has a trigger and was
//! written into rules, how long after the trigger that was. The times after the triggers and the triggers add up to the times at which
//! the rules were written, of which the last is told as well. What does not add up is known by the next sync at best: a slice that goes
//! takes along the triggers of its Service that no sync has taken.
//!
//! Source: `pkg/proxy/endpointschangetracker.go` and `pkg/proxy/iptables/proxier.go`. Versions are told in order, and a sync takes all that
//! was told before it.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::ResourceExt;
use story::{Clock, Fact, Moment, Source, Subject, What};

use super::{metrics::samples, seen::Seen};
use crate::read::{meta::fact, slice::TRIGGER};

/// How often kube-proxy is asked though nothing is waited for: what it counted before is what the next count is held against.
const IDLE: SignedDuration = SignedDuration::from_secs(3);
/// For how long numbers that do not fit are waited with: one of the two may have been told later than the other.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
/// How many versions are waited for, at most.
const MOST: usize = 10_000;
/// How exact a time is that is told in seconds since 1970, as a double.
const EXACT: SignedDuration = SignedDuration::from_micros(2);
/// The kind of addresses that are looked at.
const FAMILY: &str = "IPv4";

/// What kube-proxy has counted.
#[derive(Clone, Copy, Debug)]
struct Counted {
    /// When it started, in seconds: then it counts from nothing.
    started: f64,
    /// How many versions with a trigger were written into rules.
    measured: u64,
    /// How long after their triggers, together, in seconds.
    seconds: f64,
    /// How many versions it was told of.
    received: u64,
    /// How many of them no sync has taken yet.
    pending: u64,
    /// When it last wanted to write rules.
    queued: Timestamp,
    /// When it last had written them.
    last: Timestamp,
}

/// A version of a slice that rules are to follow.
struct Version {
    /// What it answers; none where kube-proxy measures nothing.
    trigger: Option<Timestamp>,
    /// When it was written, at the earliest.
    since: Timestamp,
    /// Who gets traffic with it, or gets it no more.
    served: Vec<(Subject, bool, String)>,
}

/// How many versions were told of, of programmed slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    /// kube-proxy, since it started.
    it: u64,
    /// Us, since we began anew.
    us: u64,
}

/// What rules are to follow.
#[derive(Default)]
pub(crate) struct Rules {
    before: Option<Counted>,
    /// How many versions have come.
    came: u64,
    /// When kube-proxy was asked last.
    looked: Option<Told>,
    /// How many versions a sync had begun with, at the least, when the last one had ended then.
    begun: Option<(usize, Timestamp)>,
    waiting: VecDeque<Version>,
    asked: Option<Timestamp>,
    /// Since when the numbers do not fit.
    odd: Option<Timestamp>,
}

impl Rules {
    /// Whether kube-proxy is to be asked.
    pub(super) fn are_due(&self, now: Timestamp) -> bool {
        let idle = self.asked.is_some_and(|asked| now.duration_since(asked) < IDLE);
        !idle || self.before.is_none() || !self.waiting.is_empty() || self.odd.is_some()
    }

    /// Begins anew, as something was missed.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// A version of a slice came, or it went, which changed what `facts` say.
    pub(super) fn wrote(&mut self, slice: &EndpointSlice, gone: bool, seen: Seen, facts: &[Fact]) {
        if !is_programmed(slice) {
            return;
        }
        self.came += 1;
        let Some(before) = self.before else {
            return;
        };
        if !seen.in_order || self.waiting.len() >= MOST {
            self.forget();
            return;
        }
        let trigger = slice.annotations().get(TRIGGER).filter(|_| !gone);
        let trigger: Option<Timestamp> = trigger.and_then(|trigger| trigger.parse().ok());
        let measured = |trigger: &Timestamp| seconds(*trigger) > before.started;
        let served = facts.iter().filter_map(|fact| match &fact.what {
            What::Serving { value, service, .. } => Some((fact.subject.clone(), *value, service.clone())),
            _ => None,
        });
        let since = facts.iter().map(|fact| fact.when.earliest()).min();
        self.waiting.push_back(Version {
            trigger: trigger.filter(measured),
            since: since.or(trigger).unwrap_or(seen.before),
            served: served.collect(),
        });
    }

    /// kube-proxy told what it has counted: which rules were written since.
    pub(super) fn take(&mut self, text: &str, at: Timestamp) -> Vec<Fact> {
        self.asked = Some(at);
        // Before its first sync there is nothing to tell.
        let Some(now) = Counted::of(text) else {
            return vec![];
        };
        let told = Told {
            it: now.received,
            us: self.came,
        };
        let looked = self.looked.replace(told);
        let Some(before) = self.before.filter(|before| now.goes_on_from(before)) else {
            // What is under way may be counted on one side and not on the other.
            let still = looked == Some(told) && now.pending == 0 && now.queued <= now.last;
            self.begin(still.then_some(now));
            return vec![];
        };
        let all_known = now.received - before.received == self.waiting.len() as u64;
        let known_before = all_known && looked.is_some_and(|looked| looked.it == told.it);
        let ended_since = self.ended_since(known_before, &now);
        // A page is not of one moment: what it has of a sync that goes on may be older than what it has of versions.
        let synced = self.waiting.is_empty() || before.last < now.last;
        let all_written = all_known && synced && now.pending == 0 && now.queued <= now.last;
        let measured = self.waiting.iter().rposition(|version| version.trigger.is_some());
        let ended = self.ended(&before, &now);
        let written = match ended {
            Some(_) if all_written => self.waiting.len(),
            Some(_) => measured.map_or(0, |place| place + 1),
            None if ended_since => self.waiting.len(),
            None => 0,
        };
        if written == 0 && !all_written || ended.is_none() && !ended_since {
            let odd = *self.odd.get_or_insert(at);
            if at.duration_since(odd) > PATIENCE {
                self.begin(None);
            }
            return vec![];
        }
        (self.odd, self.begun) = (None, None);
        self.before = Some(Counted {
            received: before.received + written as u64,
            ..now
        });
        let mut facts: Vec<Fact> = vec![];
        for (place, version) in self.waiting.drain(..written).enumerate() {
            let from = match (version.trigger, ended) {
                (Some(_), Some((first, _))) => first.max(version.since),
                _ => version.since,
            };
            let by = match ended {
                Some((_, last)) if measured.is_some_and(|measured| place <= measured) => last,
                _ => now.last,
            };
            // A clock that was set meanwhile makes nonsense of it.
            let Ok(when) = Moment::between(from, by, Clock::Kernel) else {
                continue;
            };
            for (subject, value, service) in version.served {
                // One sync may have taken both, and then rules were written for the later one alone.
                let other = |earlier: &Fact| {
                    let same = matches!(&earlier.what, What::Rules { service: of, .. } if *of == service);
                    !same || earlier.subject.uid != subject.uid
                };
                facts.retain(other);
                let what = What::Rules { value, service };
                facts.push(fact(subject, what, Some("kube-proxy"), when, Source::Proxy));
            }
        }
        facts
    }

    fn begin(&mut self, with: Option<Counted>) {
        self.waiting.clear();
        self.odd = None;
        self.begun = None;
        self.before = with;
    }

    /// Whether a sync has ended since one had begun with all that is waited for. `known` says that kube-proxy had been told of all of it
    /// before this look began: what its page has pending is of another moment than what it has received.
    fn ended_since(&mut self, known: bool, now: &Counted) -> bool {
        let all = self.waiting.len();
        let begun = self.begun.filter(|(versions, _)| known && *versions == all);
        self.begun = begun.or((known && now.pending == 0).then_some((all, now.last)));
        begun.is_some_and(|(_, last)| last < now.last)
    }

    /// Between which times the rules were written that were measured since; none if the numbers do not fit what is waited for.
    ///
    /// None was written after the last time that is told. What all of them together were before it, each was at most.
    fn ended(&self, before: &Counted, now: &Counted) -> Option<(Timestamp, Timestamp)> {
        let triggers: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|version| version.trigger)
            .collect();
        if now.measured - before.measured != triggers.len() as u64 {
            return None;
        }
        if triggers.is_empty() {
            return Some((now.last, now.last));
        }
        let ago = |trigger: &Timestamp| now.last.duration_since(*trigger).as_secs_f64();
        let seconds = triggers.iter().map(ago).sum::<f64>() - (now.seconds - before.seconds);
        let together = SignedDuration::try_from_secs_f64(seconds).ok()?;
        let first = now.last.checked_sub(together).ok()?;
        let (from, by) = (first.checked_sub(EXACT).ok()?, now.last.checked_add(EXACT).ok()?);
        let by = if triggers.len() == 1 {
            first.checked_add(EXACT).ok()?
        } else {
            by
        };
        let measured = self.waiting.iter().filter(|version| version.trigger.is_some());
        let after_all = measured.clone().all(|version| version.since <= by);
        (first <= by && by <= now.last.checked_add(EXACT).ok()? && after_all).then_some((from, by))
    }
}

impl Counted {
    /// What its page says; none before its first sync.
    fn of(text: &str) -> Option<Self> {
        const STARTED: &str = "process_start_time_seconds";
        const MEASURED: &str = "kubeproxy_network_programming_duration_seconds_count";
        const SECONDS: &str = "kubeproxy_network_programming_duration_seconds_sum";
        const RECEIVED: &str = "kubeproxy_sync_proxy_rules_endpoint_changes_total";
        const PENDING: &str = "kubeproxy_sync_proxy_rules_endpoint_changes_pending";
        const QUEUED: &str = "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds";
        const LAST: &str = "kubeproxy_sync_proxy_rules_last_timestamp_seconds";
        let all = samples(
            text,
            &[STARTED, MEASURED, SECONDS, RECEIVED, PENDING, QUEUED, LAST],
        );
        let of = |name: &str| {
            all.iter().find(|sample| {
                let family = sample.labels.get("ip_family");
                sample.metric == name && family.is_none_or(|family| family == FAMILY)
            })
        };
        let count = |name| of(name)?.count();
        let time = |name| {
            let since_1970 = SignedDuration::try_from_secs_f64(of(name)?.value).ok()?;
            Timestamp::from_duration(since_1970).ok()
        };
        Some(Self {
            started: of(STARTED)?.value,
            // What was never measured is not there.
            measured: of(MEASURED).map_or(Some(0), |_| count(MEASURED))?,
            seconds: of(SECONDS).map_or(0.0, |sample| sample.value),
            received: count(RECEIVED)?,
            pending: count(PENDING)?,
            queued: time(QUEUED)?,
            last: time(LAST)?,
        })
    }

    /// Whether it is of the same kube-proxy, and later.
    fn goes_on_from(&self, before: &Self) -> bool {
        self.started.total_cmp(&before.started).is_eq()
            && self.measured >= before.measured
            && self.received >= before.received
    }
}

/// Whether kube-proxy makes rules of a slice: not of those that DNS answers for, nor of those that another program does.
fn is_programmed(slice: &EndpointSlice) -> bool {
    let others = [
        "service.kubernetes.io/headless",
        "service.kubernetes.io/service-proxy-name",
    ];
    let is_others = others.iter().any(|label| slice.labels().contains_key(*label));
    slice.address_type == FAMILY && access::service_of(slice).is_some() && !is_others
}

fn seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests;
