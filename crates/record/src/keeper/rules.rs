//! When kube-proxy wrote the rules that slices ask for.
//!
//! It tells that of no slice, but it counts: each version of a slice that it was told of, and, for each that has a trigger and was
//! written into rules, how long after the trigger it had finished that. None took longer than all of them together. A slice that goes
//! takes along the triggers of its Service that no sync has taken: then no more is known than that the next sync had it. What does not
//! add up is left alone.
//!
//! Source: `pkg/proxy/endpointschangetracker.go` and `pkg/proxy/iptables/proxier.go`. Versions are told in order, and a sync takes all that
//! was told before it. (Of a version that comes while a sync takes them, the trigger may be taken by that sync, and the rules written by
//! the next: by the length of a sync a time may be too early.)

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
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
    /// Its Service, by namespace and name.
    service: (String, String),
    /// Whether the slice is gone.
    gone: bool,
    /// Who gets traffic with it, or gets it no more.
    served: Vec<(Subject, bool)>,
}

/// What was measured of the versions that are waited for.
#[derive(Clone, Copy)]
struct Measured {
    /// How many of them were written into rules, from the first on.
    versions: usize,
    /// Whether no trigger is left.
    all: bool,
    /// How long after its trigger each had been written, at most.
    within: SignedDuration,
}

/// How many versions of programmed slices were told of at a look, and whether anything was under way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    /// Which kube-proxy, by when it started.
    started: f64,
    /// To kube-proxy, since it started.
    it: u64,
    /// To us, since we began anew.
    us: u64,
    /// When the last sync had ended, if no other was wanted since.
    ended: Option<Timestamp>,
}

/// What rules are to follow.
#[derive(Default)]
pub(crate) struct Rules {
    before: Option<Counted>,
    /// How many versions have come.
    came: u64,
    /// The last look.
    look: Option<Look>,
    /// How many versions a sync had begun with, at the least, and when the last one had ended at the look after that.
    begun: Option<(usize, Option<Timestamp>)>,
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
        if !is_counted(slice) {
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
        let has_rules = is_programmed(slice);
        let served = facts.iter().filter_map(|fact| match &fact.what {
            What::Serving { value, .. } => Some((fact.subject.clone(), *value)),
            _ => None,
        });
        let served = served
            .filter(|(subject, value)| has_rules && (gone || *value || !is_last_resort(slice, &subject.uid)));
        let since = facts.iter().map(|fact| fact.when.earliest()).min();
        let service = access::service_of(slice).unwrap_or_default().to_owned();
        self.waiting.push_back(Version {
            service: (slice.namespace().unwrap_or_default(), service),
            gone,
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
        let look = Look {
            started: now.started,
            it: now.received,
            us: self.came,
            ended: (now.pending == 0 && now.queued <= now.last).then_some(now.last),
        };
        let last = self.look.replace(look);
        // What is under way may be counted on one side and not on the other.
        let still = last == Some(look) && look.ended.is_some();
        let Some(before) = self.before.filter(|before| now.goes_on_from(before)) else {
            self.begin(still.then_some(now));
            return vec![];
        };
        let (received, waiting) = (now.received - before.received, self.waiting.len() as u64);
        if still && waiting == 0 {
            // Each quarter of an hour client-go tells kube-proxy of all slices again.
            self.begin(Some(now));
            return vec![];
        }
        // A page is not of one moment: what it has of versions may be newer than what it has of syncs, but not than the page after it.
        let heard = last.filter(|last| last.it == look.it && received == waiting);
        let ended_since = self.ended_since(heard.is_some(), &now);
        // Of what kube-proxy was told of and we were not, nobody knows whether it was measured.
        let measured = self.measured(&before, &now).filter(|_| received <= waiting);
        // A sync that had begun before the last look has ended by now, unless it takes longer than from one look to the next.
        let quiet = look.ended.is_some() && heard.is_some_and(|last| last.ended == look.ended);
        let all_written = ended_since || quiet && measured.is_some_and(|measured| measured.all);
        let written = match measured {
            _ if all_written => self.waiting.len(),
            Some(measured) => measured.versions,
            None => 0,
        };
        if written == 0 && !all_written {
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
        let written: Vec<_> = self.waiting.drain(..written).collect();
        let mut facts = vec![];
        for (place, version) in written.iter().enumerate() {
            let by = measured
                .filter(|measured| place < measured.versions)
                .and_then(|measured| {
                    let trigger = written[place..].iter().find_map(|version| version.trigger)?;
                    trigger.checked_add(measured.within).ok()
                });
            let by = by.map_or(now.last, |by| by.min(at));
            // A clock that was set meanwhile makes nonsense of it.
            let Ok(when) = Moment::between(version.since, by, Clock::Kernel) else {
                continue;
            };
            let later = written[place + 1..].iter().chain(&self.waiting);
            let later: Vec<_> = later.filter(|later| later.since <= by).collect();
            for (subject, value) in &version.served {
                // One sync may have taken both, and then rules were written for the later one alone.
                let is_later = |later: &&Version| later.service == version.service && later.is_about(subject);
                if later.iter().any(is_later) {
                    continue;
                }
                let (value, service) = (*value, version.service.1.clone());
                let what = What::Rules { value, service };
                facts.push(fact(
                    subject.clone(),
                    what,
                    Some("kube-proxy"),
                    when,
                    Source::Proxy,
                ));
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

    /// Whether a sync has ended since one had begun with all that is waited for. `heard` says that kube-proxy had been told of all of it
    /// before this look began: what its page has pending, and when a sync ended, is of another moment than what it has received.
    fn ended_since(&mut self, heard: bool, now: &Counted) -> bool {
        let all = self.waiting.len();
        let begun = self.begun.filter(|(versions, _)| heard && *versions == all);
        self.begun = match begun {
            None => (heard && now.pending == 0).then_some((all, None)),
            Some((_, None)) => Some((all, Some(now.last))),
            begun => begun,
        };
        matches!(begun, Some((_, Some(last))) if last < now.last)
    }

    /// What was measured since; none if the numbers do not fit what is waited for.
    fn measured(&self, before: &Counted, now: &Counted) -> Option<Measured> {
        let triggers: Vec<_> = (self.waiting.iter().enumerate())
            .filter_map(|(place, version)| Some((place, version.trigger?)))
            .collect();
        let count = usize::try_from(now.measured - before.measured).ok()?;
        let all = count == triggers.len();
        let measured = triggers.get(..count)?;
        if !all && self.may_lack_triggers() {
            return None;
        }
        let seconds = now.seconds - before.seconds;
        let within = SignedDuration::try_from_secs_f64(seconds).ok()?;
        let within = within.checked_add(EXACT)?;
        // None was written after the last time that is told, nor before its slice was.
        let ago = |(_, trigger): &(usize, Timestamp)| now.last.duration_since(*trigger).as_secs_f64();
        let together = measured.iter().map(ago).sum::<f64>();
        let fits = |(place, trigger): &(usize, Timestamp)| {
            let by = trigger.checked_add(within);
            by.is_ok_and(|by| self.waiting[*place].since <= by)
        };
        let fit = seconds <= together + EXACT.as_secs_f64() && measured.iter().all(fits);
        fit.then_some(Measured {
            versions: measured.last().map_or(0, |(place, _)| place + 1),
            all,
            within,
        })
    }

    /// Whether a slice has gone whose Service has triggers that no sync may have taken.
    fn may_lack_triggers(&self) -> bool {
        let mut all = self.waiting.iter().enumerate();
        all.any(|(place, gone)| {
            let mut earlier = self.waiting.range(..place);
            gone.gone && earlier.any(|earlier| earlier.trigger.is_some() && earlier.service == gone.service)
        })
    }
}

impl Version {
    /// Whether it says of a pod that it gets traffic, or no more.
    fn is_about(&self, pod: &Subject) -> bool {
        self.served.iter().any(|(subject, _)| subject.uid == pod.uid)
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

/// Whether kube-proxy counts the versions of a slice: not of those that DNS answers for (`cmd/kube-proxy/app/server.go`).
fn is_counted(slice: &EndpointSlice) -> bool {
    let is_headless = slice.labels().contains_key("service.kubernetes.io/headless");
    slice.address_type == FAMILY && access::service_of(slice).is_some() && !is_headless
}

/// Whether it makes rules of it: not where another program does, nor where no port leads anywhere, as its name is in no container.
fn is_programmed(slice: &EndpointSlice) -> bool {
    let is_others = slice
        .labels()
        .contains_key("service.kubernetes.io/service-proxy-name");
    let mut ports = slice.ports.iter().flatten();
    !is_others && ports.any(|port| port.port.is_some())
}

/// Whether rules may still lead to a pod that is not ready any more: to those that are being deleted and serve, where none of the
/// Service's is ready (`pkg/proxy/topology.go`, `CategorizeEndpoints`). Of its other slices nobody looks whether they have one.
fn is_last_resort(slice: &EndpointSlice, uid: &str) -> bool {
    let mut endpoints = slice.endpoints.iter().flatten();
    let is_it = |endpoint: &Endpoint| {
        let target = endpoint.target_ref.as_ref();
        let conditions = endpoint.conditions.as_ref();
        let stays = conditions.is_some_and(|is| is.terminating == Some(true) && is.serving != Some(false));
        stays && target.and_then(|target| target.uid.as_deref()) == Some(uid)
    };
    let any_ready = endpoints.clone().any(access::gets_traffic);
    !any_ready && endpoints.any(is_it)
}

fn seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests;
