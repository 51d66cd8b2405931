//! Facts of what kubelets count and sample, with what objects say of it.

use std::{collections::BTreeMap, net::IpAddr};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Pod, Probe as Spec};
use story::{Fact, Moment, Probe, Source, Subject, What};

use super::counts::{Counted, Series, Thresholds};
use crate::read::{Objects, container, meta::fact as fact_of};

/// The last words of the kubelet on a failed probe, and when.
#[derive(Default)]
pub(super) struct Words(BTreeMap<Series, (Timestamp, String)>);

impl Words {
    /// Takes what an event says.
    pub(super) fn take(&mut self, fact: &Fact) {
        let What::Probed {
            probe,
            says: Some(says),
            ..
        } = &fact.what
        else {
            return;
        };
        let Some(container) = &fact.subject.container else {
            return;
        };
        let series = (fact.subject.uid.clone(), container.name.clone(), *probe);
        self.0.insert(series, (fact.when.earliest(), says.clone()));
    }

    /// What was said of a result; events are of whole seconds.
    fn on(&self, series: &Series, when: Moment) -> Option<String> {
        let (said, words) = self.0.get(series)?;
        let second = SignedDuration::from_secs(1);
        let fits = when.earliest().duration_since(*said) <= second
            && said.duration_since(when.latest()) <= SignedDuration::ZERO;
        fits.then(|| words.clone())
    }

    /// Lets go of a pod's.
    pub(super) fn forget(&mut self, uid: &str) {
        self.0.retain(|(pod, ..), _| pod != uid);
    }
}

/// The fact of a result.
pub(super) fn fact(objects: &Objects, result: &Counted, when: Moment, words: &Words) -> Option<Fact> {
    let (uid, name, probe) = &result.series;
    let pod = objects.pod(uid)?;
    let spec = spec_of(pod, name, *probe)?;
    let thresholds = thresholds(objects, &result.series)?;
    let what = What::Probed {
        probe: *probe,
        ok: result.ok,
        run: result.run,
        of: if result.ok {
            thresholds.good
        } else {
            thresholds.bad
        },
        period: positive(spec.period_seconds, 10),
        says: if result.ok {
            None
        } else {
            words.on(&result.series, when)
        },
    };
    Some(Fact {
        at_least: result.at_least,
        ..fact_of(
            subject(objects, pod, name),
            what,
            Some("kubelet"),
            when,
            Source::Probes,
        )
    })
}

/// The fact of a sample.
pub(super) fn used(
    objects: &Objects,
    (uid, name): &(String, String),
    what: What,
    when: Moment,
) -> Option<Fact> {
    let pod = objects.pod(uid)?;
    let who = matches!(what, What::Throttled { .. }).then_some("kernel");
    Some(fact_of(
        subject(objects, pod, name),
        what,
        who,
        when,
        Source::Usage,
    ))
}

/// How many results in a row decide, by the pod's specification.
pub(super) fn thresholds(objects: &Objects, (uid, name, probe): &Series) -> Option<Thresholds> {
    let spec = spec_of(objects.pod(uid)?, name, *probe)?;
    Some(Thresholds {
        good: positive(spec.success_threshold, 1),
        bad: positive(spec.failure_threshold, 3),
    })
}

/// The address of a pod's node.
pub(super) fn node(objects: &Objects, uid: &str) -> Option<IpAddr> {
    let status = objects.pod(uid)?.status.as_ref()?;
    status.host_ip.as_ref()?.parse().ok()
}

/// The containers that run, by the runtime's ids.
pub(super) fn running(objects: &Objects) -> BTreeMap<&str, (String, String)> {
    let pods = objects.pods.iter();
    let all = pods.flat_map(|(uid, pod)| container::statuses(pod).map(move |status| (uid, status)));
    let ids = all.filter_map(|(uid, status)| {
        let (_, id) = status.container_id.as_deref()?.split_once("://")?;
        Some((id, (uid.clone(), status.name.clone())))
    });
    ids.collect()
}

/// The container, by its name: what is counted and sampled has no id.
fn subject(objects: &Objects, pod: &Pod, name: &str) -> Subject {
    Subject {
        container: Some(container::named(pod, name)),
        ..objects.of_pod(pod)
    }
}

fn spec_of<'a>(pod: &'a Pod, name: &str, probe: Probe) -> Option<&'a Spec> {
    let container = container::spec(pod, name)?;
    match probe {
        Probe::Readiness => container.readiness_probe.as_ref(),
        Probe::Liveness => container.liveness_probe.as_ref(),
        Probe::Startup => container.startup_probe.as_ref(),
    }
}

fn positive(value: Option<i32>, usual: u32) -> u32 {
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(usual)
}
