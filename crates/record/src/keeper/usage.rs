//! What containers use, as the kubelet samples it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use story::{Clock, Moment, What};

use super::metrics::samples;
use crate::Usage;

/// The metrics of cAdvisor that are read.
const MEMORY: &str = "container_memory_working_set_bytes";
const LIMIT: &str = "container_spec_memory_limit_bytes";
const PERIODS: &str = "container_cpu_cfs_periods_total";
const THROTTLED: &str = "container_cpu_cfs_throttled_periods_total";
/// For how long a sample counts: the kubelet takes one in 15 s at least, and may be late.
const OLD: SignedDuration = SignedDuration::from_secs(60);
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
    periods: Option<(Timestamp, u64, u64)>,
    told_memory: u64,
    told_share: f64,
}

/// A container's samples of one answer.
#[derive(Default)]
struct Samples {
    memory: Option<(Timestamp, u64)>,
    limit: Option<(Timestamp, u64)>,
    periods: Option<(Timestamp, u64)>,
    throttled: Option<(Timestamp, u64)>,
}

impl Usages {
    /// What an answer has that is worth telling: memory near its limit, and what changed by a tenth of it.
    pub(super) fn take(
        &mut self,
        text: &str,
        running: &BTreeMap<&str, Container>,
    ) -> Vec<(Container, What, Moment)> {
        let mut now: BTreeMap<Container, Samples> = BTreeMap::new();
        for sample in samples(text, &[MEMORY, LIMIT, PERIODS, THROTTLED]) {
            let container = sample.labels.get("id").and_then(id);
            let container = container.and_then(|id| running.get(id));
            let (Some(container), Some(count)) = (container, sample.count()) else {
                continue;
            };
            let samples = now.entry(container.clone()).or_default();
            let place = match sample.metric.as_str() {
                MEMORY => &mut samples.memory,
                LIMIT => &mut samples.limit,
                PERIODS => &mut samples.periods,
                _ => &mut samples.throttled,
            };
            *place = Some((sample.at, count));
        }
        let mut told = vec![];
        for (container, samples) in now {
            let Some((at, memory)) = samples.memory else {
                continue;
            };
            let limit = samples.limit.map(|(_, limit)| limit).filter(|limit| *limit > 0);
            let last = self.last.get(&container);
            if last.is_some_and(|last| last.usage.at >= at) {
                continue;
            }
            let counted = samples.periods.zip(samples.throttled);
            let periods = counted.map(|((at, all), (_, held))| (at, all, held));
            let share = last.and_then(|last| share(last.periods?, periods?));
            let (mut told_memory, mut told_share) =
                last.map_or((0, 0.0), |last| (last.told_memory, last.told_share));
            if is_worth_telling(memory, told_memory, limit) {
                told_memory = memory;
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
                throttled_share: share,
                at,
            };
            let last = Last {
                usage,
                periods,
                told_memory,
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

/// Near the limit each sample is, as the last one before the kernel ends a container says why.
fn is_worth_telling(memory: u64, told: u64, limit: Option<u64>) -> bool {
    limit.is_some_and(|limit| memory.abs_diff(told) >= (limit / 10).max(1) || memory >= limit - limit / 10)
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
        assert_eq!(look(300, 0, 0, 40), [memory(300)]);
        let now = usages.now(Timestamp::from_second(41).unwrap());
        let usage = now[&("u".into(), "api".into())];
        assert_eq!((usage.memory_bytes, usage.throttled_share), (300, None));
        assert!(usages.now(Timestamp::from_second(200).unwrap()).is_empty());
    }
}
