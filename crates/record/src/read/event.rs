//! What events say: words, some of what happened, and never how often.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, Pod, Probe as Spec};
use story::{Clock, Fact, Kill, Moment, Probe, Refuser, Source, Subject, What};

use super::{
    container,
    meta::{at, fact},
    objects::Objects,
};

/// How many seconds the kubelet gives a program at least (`pkg/kubelet/kuberuntime`, `minimumGracePeriodInSeconds`).
const LEAST_GRACE: u32 = 2;

/// What the event tells of the first and the last time that it was written for; of what is gone by now it tells nothing.
pub(crate) fn facts(event: &Event, objects: &Objects) -> Vec<Fact> {
    let first = event.first_timestamp.as_ref().and_then(at);
    let last = event.last_timestamp.as_ref().and_then(at);
    let count = event
        .count
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(1)
        .max(1);
    let times = match (first, last) {
        (Some(first), Some(last)) if first < last && count > 1 => vec![(first, 1), (last, count)],
        (_, Some(time)) | (Some(time), None) => vec![(time, count)],
        (None, None) => vec![],
    };
    let told = |(time, count)| fact_of(event, objects, time, count);
    times.into_iter().filter_map(told).collect()
}

fn fact_of(event: &Event, objects: &Objects, time: Timestamp, count: u32) -> Option<Fact> {
    let uid = event.involved_object.uid.as_deref()?;
    let (reason, says) = (
        event.reason.as_deref()?,
        event.message.as_deref().map(alone).unwrap_or_default(),
    );
    let reporter = event
        .source
        .as_ref()
        .and_then(|source| source.component.as_deref());
    // Controllers write the times of their own clock, which is set where the API server's is, and cut to seconds as well.
    let told = |subject, what, clock| {
        fact(
            subject,
            what,
            reporter,
            Moment::second(time, clock),
            Source::Events,
        )
    };
    match reason {
        "Unhealthy" => {
            let (pod, subject) = of_container(event, objects.pod(uid)?, objects)?;
            let what = probed(pod, &subject, says, count).or_else(|| unprobed(says))?;
            Some(Fact {
                at_least: true,
                ..told(subject, what, Clock::Kubelet)
            })
        }
        "Killing" => {
            let (pod, subject) = of_container(event, objects.pod(uid)?, objects)?;
            let what = ordered(pod, &subject, says);
            Some(told(subject, what, Clock::Kubelet))
        }
        "Failed" | "FailedMount" | "FailedMapVolume" | "FailedCreatePodSandBox" => {
            let pod = objects.pod(uid)?;
            let subject = match reason {
                "Failed" => of_container(event, pod, objects)?.1,
                // Before there is any container.
                _ => objects.of_pod(pod),
            };
            let what = What::Refused {
                by: Refuser::Kubelet,
                says: says.into(),
            };
            Some(Fact {
                at_least: true,
                ..told(subject, what, Clock::Kubelet)
            })
        }
        "FailedCreate" => {
            let quota = says.contains("exceeded quota");
            let by = if quota { Refuser::Quota } else { Refuser::Admission };
            let what = What::Refused {
                by,
                says: says.into(),
            };
            Some(told(objects.of_replica_set(uid)?, what, Clock::ApiServer))
        }
        "ScalingReplicaSet" => {
            let (name, from, to) = scaling(says)?;
            let namespace = event.metadata.namespace.as_deref().unwrap_or_default();
            let (subject, min_ready) = objects.replica_set_named(namespace, name)?;
            let what = What::Scaled { from, to, min_ready };
            Some(told(subject, what, Clock::ApiServer))
        }
        _ => None,
    }
}

/// The container that an event is about: `spec.containers{api}` (`pkg/kubelet/container/ref.go`).
fn of_container<'a>(event: &Event, pod: &'a Pod, objects: &Objects) -> Option<(&'a Pod, Subject)> {
    let path = event.involved_object.field_path.as_deref()?;
    let (kind, name) = path.strip_suffix('}')?.split_once('{')?;
    let kinds = [
        "spec.containers",
        "spec.initContainers",
        "spec.ephemeralContainers",
    ];
    if !kinds.contains(&kind) {
        return None;
    }
    let subject = Subject {
        container: Some(container::named(pod, name)),
        ..objects.of_pod(pod)
    };
    Some((pod, subject))
}

fn probe<'a>(pod: &'a Pod, subject: &Subject, probe: Probe) -> Option<&'a Spec> {
    let container = container::spec(pod, &subject.container.as_ref()?.name)?;
    match probe {
        Probe::Readiness => container.readiness_probe.as_ref(),
        Probe::Liveness => container.liveness_probe.as_ref(),
        Probe::Startup => container.startup_probe.as_ref(),
    }
}

/// Words without what is put before them once ten of a kind have differed (client-go, `tools/record/events_cache.go`,
/// `EventAggregator`).
fn alone(says: &str) -> &str {
    says.strip_prefix("(combined from similar events): ")
        .unwrap_or(says)
}

fn kind_of_probe(word: &str) -> Option<Probe> {
    match word {
        "Readiness" => Some(Probe::Readiness),
        "Liveness" => Some(Probe::Liveness),
        "Startup" => Some(Probe::Startup),
        _ => None,
    }
}

/// `Readiness probe errored and resulted in unknown state: rpc error: …`: the kubelet could not ask, throws the result away and counts
/// nothing (`pkg/kubelet/prober/{prober,worker}.go`).
fn unprobed(says: &str) -> Option<What> {
    let (kind, said) = says.split_once(" probe errored and resulted in ")?;
    let (_state, why) = said.split_once(" state: ")?;
    Some(What::Unprobed {
        probe: kind_of_probe(kind)?,
        says: why.into(),
    })
}

/// `Readiness probe failed: HTTP probe failed with statuscode: 500`; the kubelet writes one for each failure, until it has
/// written too many (`pkg/kubelet/prober/prober.go`).
fn probed(pod: &Pod, subject: &Subject, says: &str, count: u32) -> Option<What> {
    let (kind, said) = says.split_once(" probe failed: ")?;
    let kind = kind_of_probe(kind)?;
    let spec = probe(pod, subject, kind)?;
    let positive =
        |value: Option<i32>, usual| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(usual);
    Some(What::Probed {
        probe: kind,
        ok: false,
        run: count,
        of: positive(spec.failure_threshold, 3),
        period: positive(spec.period_seconds, 10),
        says: Some(said.into()),
    })
}

/// Why the kubelet ends a container, by its own words (`pkg/kubelet/kuberuntime/kuberuntime_manager.go`), and what the program is
/// given.
fn ordered(pod: &Pod, subject: &Subject, says: &str) -> What {
    let why = match says {
        says if says.contains("failed liveness probe") => Kill::Liveness,
        says if says.contains("failed startup probe") => Kill::Startup,
        _ if pod.metadata.deletion_timestamp.is_some() => Kill::Deleted,
        _ => Kill::Other,
    };
    let own = match why {
        Kill::Liveness => probe(pod, subject, Probe::Liveness),
        Kill::Startup => probe(pod, subject, Probe::Startup),
        Kill::Deleted | Kill::Other => None,
    };
    let own = own.and_then(|probe| probe.termination_grace_period_seconds);
    let of_pod = pod.spec.as_ref();
    let usual = own.or(of_pod.and_then(|spec| spec.termination_grace_period_seconds));
    // What whoever deletes the pod gives it counts for every end, as `setTerminationGracePeriod` has it.
    let grace = pod.metadata.deletion_grace_period_seconds.or(usual);
    let grace = grace.and_then(|grace| u32::try_from(grace).ok()).unwrap_or(30);
    What::KillOrdered {
        why,
        grace: grace.max(LEAST_GRACE),
    }
}

/// `Scaled up replica set numbers-api-5c8 from 0 to 2` (`pkg/controller/deployment/sync.go`).
fn scaling(says: &str) -> Option<(&str, u32, u32)> {
    let words: Vec<_> = says.split(' ').collect();
    match words[..] {
        [
            "Scaled",
            "up" | "down",
            "replica",
            "set",
            name,
            "from",
            from,
            "to",
            to,
        ] => Some((name, from.parse().ok()?, to.parse().ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaling_is_read_from_the_controllers_words_or_not_at_all() {
        assert_eq!(
            scaling("Scaled up replica set a-1 from 0 to 2"),
            Some(("a-1", 0, 2))
        );
        for strange in [
            "",
            "Scaled up replica set a-1 to 2",
            "Scaled up replica set a-1 from x to 2",
        ] {
            assert_eq!(scaling(strange), None, "{strange:?}");
        }
    }

    #[test]
    fn a_probe_that_could_not_be_carried_out_is_neither_good_nor_bad() {
        let read = |says: &str| unprobed(alone(says));
        let told = |says: &str| {
            Some(What::Unprobed {
                probe: Probe::Liveness,
                says: says.into(),
            })
        };
        let says = "Liveness probe errored and resulted in unknown state: rpc error: no such file";
        assert_eq!(read(says), told("rpc error: no such file"));
        let many = format!("(combined from similar events): {says}");
        assert_eq!(read(&many), told("rpc error: no such file"));
        for other in [
            "",
            "Liveness probe failed: 500",
            "Other probe errored and resulted in unknown state: x",
        ] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn an_image_or_a_volume_that_does_not_come_is_told_in_the_kubelets_words() {
        let object = |value| serde_json::from_value(value).unwrap();
        let pod: Pod = object(serde_json::json!({
            "metadata": {"name": "a", "namespace": "x", "uid": "u"},
            "spec": {"containers": [{"name": "api"}]},
        }));
        let listed = crate::Listed {
            pods: vec![std::sync::Arc::new(pod)],
            ..Default::default()
        };
        let says = "Failed to pull image \"x/nope:9\": not found";
        let mut event: Event = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "a.1", "namespace": "x"},
            "involvedObject": {"kind": "Pod", "name": "a", "namespace": "x", "uid": "u", "fieldPath": "spec.containers{api}"},
            "reason": "Failed", "message": says, "count": 3, "source": {"component": "kubelet"},
            "firstTimestamp": "2026-03-01T14:03:10Z", "lastTimestamp": "2026-03-01T14:04:10Z",
        }))
        .unwrap();
        let objects = Objects::of(&listed);
        let told = What::Refused {
            by: Refuser::Kubelet,
            says: says.into(),
        };
        let mut is_told_of = |container: Option<&str>| {
            event.involved_object.field_path = container.map(|name| format!("spec.containers{{{name}}}"));
            event.reason = Some(container.map_or("FailedMount", |_| "Failed").into());
            let facts = facts(&event, &objects);
            let named =
                |fact: &Fact| fact.subject.container.as_ref().map(|container| &*container.name) == container;
            facts.len() == 2
                && facts
                    .iter()
                    .all(|fact| fact.what == told && fact.at_least && named(fact))
        };
        assert!(is_told_of(Some("api")) && is_told_of(None));
    }
}
