//! What containers use, as the kubelet samples it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use story::{Clock, Moment, What};

use super::metrics::{Sampled, samples};
use crate::Usage;

/// The metrics of cAdvisor that are read.
const MEMORY: &str = "container_memory_working_set_bytes";
const LIMIT: &str = "container_spec_memory_limit_bytes";
const CPU: &str = "container_cpu_usage_seconds_total";
const QUOTA: &str = "container_spec_cpu_quota";
const PERIOD: &str = "container_spec_cpu_period";
const PERIODS: &str = "container_cpu_cfs_periods_total";
const THROTTLED: &str = "container_cpu_cfs_throttled_periods_total";
/// For how long a sample counts: the kubelet takes one in 15 s at least, and may be late.
const OLD: SignedDuration = SignedDuration::from_secs(60);
/// After how long memory near its limit is told again.
const AGAIN: SignedDuration = SignedDuration::from_secs(10);
/// How much the share has to change, of all periods, to be told.
const SHARE: f64 = 0.1;

/// A container: the pod's uid, and its name.
type Container = (String, String);

/// What was sampled last.
#[derive(Default)]
pub(super) struct Usages {
    last: BTreeMap<Container, Last>,
}

struct Last {
    usage: Usage,
    cpu: Option<(Timestamp, f64)>,
    periods: Option<(Timestamp, u64, u64)>,
    told_memory: u64,
    told_memory_at: Timestamp,
    told_share: f64,
}

/// A container's samples of one answer, by their metrics.
#[derive(Default)]
struct Samples(BTreeMap<String, Sampled>);

impl Samples {
    fn count(&self, metric: &str) -> Option<(Timestamp, u64)> {
        let sample = self.0.get(metric)?;
        Some((sample.at, sample.count()?))
    }

    fn amount(&self, metric: &str) -> Option<(Timestamp, f64)> {
        let sample = self.0.get(metric)?;
        Some((sample.at, sample.amount()?))
    }

    /// How many processors the container may use: so much time of each period.
    fn cpu_limit(&self) -> Option<f64> {
        let ((_, quota), (_, period)) = (self.amount(QUOTA)?, self.amount(PERIOD)?);
        (quota > 0.0 && period > 0.0).then(|| quota / period)
    }
}

impl Usages {
    /// What an answer has that is worth telling: memory near its limit, and what changed by a tenth of it.
    pub(super) fn take(
        &mut self,
        text: &str,
        running: &BTreeMap<&str, Container>,
    ) -> Vec<(Container, What, Moment)> {
        let mut now: BTreeMap<Container, Samples> = BTreeMap::new();
        for sample in samples(text, &[MEMORY, LIMIT, CPU, QUOTA, PERIOD, PERIODS, THROTTLED]) {
            let container = sample.labels.get("id").and_then(id);
            if let Some(container) = container.and_then(|id| running.get(id)) {
                let samples = now.entry(container.clone()).or_default();
                samples.0.insert(sample.metric.clone(), sample);
            }
        }
        let mut told = vec![];
        for (container, samples) in now {
            let Some((at, memory)) = samples.count(MEMORY) else {
                continue;
            };
            let limit = samples.count(LIMIT).map(|(_, limit)| limit);
            let limit = limit.filter(|limit| *limit > 0);
            let last = self.last.get(&container);
            if last.is_some_and(|last| last.usage.at >= at) {
                continue;
            }
            let cpu = samples.amount(CPU);
            let counted = samples.count(PERIODS).zip(samples.count(THROTTLED));
            let periods = counted.map(|((at, all), (_, held))| (at, all, held));
            let share = last.and_then(|last| share(last.periods?, periods?));
            let (mut told_memory, mut told_memory_at, mut told_share) = last
                .map_or((0, Timestamp::UNIX_EPOCH, 0.0), |last| {
                    (last.told_memory, last.told_memory_at, last.told_share)
                });
            if is_worth_telling(memory, told_memory, limit, at.duration_since(told_memory_at)) {
                (told_memory, told_memory_at) = (memory, at);
                let what = What::Memory { used: memory, limit };
                told.extend(moment(at, at).map(|when| (container.clone(), what, when)));
            }
            if let (Some(share), Some((from, ..)), Some((to, ..))) =
                (share, last.and_then(|last| last.periods), periods)
                && (share - told_share).abs() >= SHARE
            {
                told_share = share;
                let what = What::Throttled { share };
                told.extend(moment(from, to).map(|when| (container.clone(), what, when)));
            }
            let usage = Usage {
                memory_bytes: memory,
                memory_limit_bytes: limit,
                cpu_cores: last.and_then(|last| cores(last.cpu?, cpu?)),
                cpu_limit_cores: samples.cpu_limit(),
                throttled_share: share,
                at,
            };
            let last = Last {
                usage,
                cpu,
                periods,
                told_memory,
                told_memory_at,
                told_share,
            };
            self.last.insert(container, last);
        }
        told
    }

    /// What is not older than what the kubelet's next sample could make of it.
    pub(super) fn now(&self, now: Timestamp) -> BTreeMap<Container, Usage> {
        let fresh = self
            .last
            .iter()
            .filter(|(_, last)| now.duration_since(last.usage.at) <= OLD);
        fresh
            .map(|(container, last)| (container.clone(), last.usage))
            .collect()
    }

    /// Lets go of a pod's containers.
    pub(super) fn forget(&mut self, uid: &str) {
        self.last.retain(|(pod, _), _| pod != uid);
    }
}

/// The runtime's id of a container in the path of its cgroup, which every kubelet tells: `…/pod1-2/ID`, `…-pod1_2.slice/cri-containerd-ID.scope`.
/// Its labels for names are empty where cgroups lie elsewhere than the kubelet expects.
fn id(path: &str) -> Option<&str> {
    let last = path.rsplit('/').next()?;
    last.split(|character: char| !character.is_ascii_hexdigit())
        .find(|part| part.len() == 64)
}

/// Near the limit less is worth it, and the same again after a while, as the last sample before the kernel ends a container says why.
fn is_worth_telling(memory: u64, told: u64, limit: Option<u64>, after: SignedDuration) -> bool {
    limit.is_some_and(|limit| {
        let changed = |part: u64| memory.abs_diff(told) >= (limit / part).max(1);
        let near = memory >= limit - limit / 10;
        changed(10) || near && (changed(100) || after >= AGAIN)
    })
}

/// How many processors were used between two samples.
fn cores(before: (Timestamp, f64), now: (Timestamp, f64)) -> Option<f64> {
    let seconds = now.0.duration_since(before.0).as_secs_f64();
    let used = now.1 - before.1;
    (seconds > 0.0 && used >= 0.0).then(|| used / seconds)
}

/// In which share of the periods between two samples a container was held back.
fn share(before: (Timestamp, u64, u64), now: (Timestamp, u64, u64)) -> Option<f64> {
    let (all, held) = (now.1.checked_sub(before.1)?, now.2.checked_sub(before.2)?);
    #[expect(clippy::cast_precision_loss, reason = "a period lasts 100 ms")]
    (all > 0).then(|| (held as f64 / all as f64).clamp(0.0, 1.0))
}

fn moment(from: Timestamp, to: Timestamp) -> Option<Moment> {
    Moment::between(from, to, Clock::Kernel).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "24ff402578b21597f2c5ebd99ea5f2b5903224bb5790e500ae3ae0460e3cd977";

    fn line(metric: &str, value: u64, second: u64) -> String {
        format!(
            "{metric}{{container=\"\",id=\"/lab/kubepods/pod1-2/{ID}\",image=\"\",namespace=\"\",pod=\"\"}} {value} {second}000\n"
        )
    }

    #[test]
    fn a_container_is_known_by_its_cgroup() {
        for path in [
            format!("/lab/kubepods/pod1-2/{ID}"),
            format!("/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-{ID}.scope"),
        ] {
            assert_eq!(id(&path), Some(ID), "{path}");
        }
        for other in ["/", "", "/kubepods/pod291e90c4-918f-4a6e-975c-89a936733e59"] {
            assert_eq!(id(other), None);
        }
    }

    #[test]
    fn samples_have_their_own_time_and_few_are_told() {
        let mut usages = Usages::default();
        let mut look = |memory, all, held, second| {
            let text = [
                line(MEMORY, memory, second),
                line(LIMIT, 1000, second),
                line(PERIODS, all, second),
                line(THROTTLED, held, second),
            ]
            .concat();
            let told = usages.take(&text, &BTreeMap::from([(ID, ("u".into(), "api".into()))]));
            told.into_iter().map(|(_, what, _)| what).collect::<Vec<_>>()
        };
        let memory = |used| What::Memory {
            used,
            limit: Some(1000),
        };
        assert_eq!(look(100, 0, 0, 1), [memory(100)]);
        assert_eq!(look(150, 100, 5, 10), []);
        assert_eq!(look(150, 100, 5, 10), []);
        assert_eq!(
            look(920, 200, 55, 20),
            [memory(920), What::Throttled { share: 0.5 }]
        );
        assert_eq!(look(930, 300, 110, 30), [memory(930)]);
        // Near the limit the same is told again, but not with each sample.
        assert_eq!(look(931, 310, 115, 31), []);
        assert_eq!(look(931, 400, 160, 40), [memory(931)]);
        assert_eq!(look(300, 0, 0, 41), [memory(300)]);
        let now = usages.now(Timestamp::from_second(42).unwrap());
        let usage = now[&("u".into(), "api".into())];
        assert_eq!((usage.memory_bytes, usage.throttled_share), (300, None));
        assert!(usages.now(Timestamp::from_second(200).unwrap()).is_empty());
    }

    #[test]
    fn processors_are_what_was_used_between_two_samples() {
        let mut usages = Usages::default();
        let mut look = |cpu: &str, quota: u64, second: u64| {
            let cpu = line(CPU, 0, second).replace(" 0 ", &format!(" {cpu} "));
            let text = [
                line(MEMORY, 100, second),
                cpu,
                line(QUOTA, quota, second),
                line(PERIOD, 100_000, second),
            ];
            usages.take(
                &text.concat(),
                &BTreeMap::from([(ID, ("u".into(), "api".into()))]),
            );
            let usage = usages.last[&("u".into(), "api".into())].usage;
            (usage.cpu_cores, usage.cpu_limit_cores)
        };
        assert_eq!(look("1.5", 25_000, 10), (None, Some(0.25)));
        assert_eq!(look("2", 25_000, 12), (Some(0.25), Some(0.25)));
        // The same sample once more.
        assert_eq!(look("2", 25_000, 12), (Some(0.25), Some(0.25)));
        // Nobody counts backwards, and without a quota there is no limit.
        assert_eq!(look("1", 0, 14), (None, None));
        assert_eq!(look("NaN", 0, 16), (None, None));
    }
}
