//! What a recording says about one pod.

use crate::recording::{PodSeen, Probe, Recording, State, Typed};

/// A time that is known as an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct When {
    /// It was not before this.
    pub(crate) after: f64,
    /// It was not after this.
    pub(crate) by: f64,
}

/// A run of a container.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ran {
    /// When it began.
    pub(crate) began: When,
    /// When it ended, and how; none if that was not seen.
    pub(crate) ended: Option<(When, String)>,
}

impl When {
    /// What the cluster says happened at `told`, cut to a whole second, and was seen at `seen`.
    fn told(told: f64, seen: f64) -> Self {
        Self {
            after: told.min(seen),
            by: (told + 1.0).min(seen).max(told.min(seen)),
        }
    }
}

impl Recording {
    /// The first command that has `part` in it and begins at `after` or later.
    pub(crate) fn typed(&self, part: &str, after: f64) -> Option<&Typed> {
        let mut typed = self.commands.iter();
        typed.find(|typed| typed.began >= after && typed.command.contains(part))
    }

    /// All that was seen of a pod.
    pub(crate) fn of<'a>(&'a self, pod: &'a str) -> impl DoubleEndedIterator<Item = &'a PodSeen> {
        self.pods.iter().filter(move |seen| seen.pod == pod)
    }

    /// When a pod got into traffic and out of it again, from `after` on.
    pub(crate) fn traffic(&self, pod: &str, after: f64) -> Vec<(f64, bool)> {
        let mut changes: Vec<(f64, bool)> = vec![];
        for seen in &self.endpoints {
            let is_in = seen.ready.iter().any(|ready| ready == pod);
            if changes.last().map(|(_, last)| *last) != Some(is_in) {
                changes.push((seen.at, is_in));
            }
        }
        let first = changes.iter().rposition(|(at, _)| *at <= after).unwrap_or(0);
        changes.split_off(first)
    }

    /// When probes of a pod were made, counted from `since`, and whether they succeeded. Of those before, the last is what counts: a
    /// pod that has just started is asked twice in a moment. A probe was counted between two looks, which are closer together than
    /// its mark is wide.
    pub(crate) fn probed(&self, pod: &str, probe: Probe, since: f64) -> Vec<(f64, bool)> {
        let of_kind = self
            .probes
            .iter()
            .filter(|probed| probed.pod == pod && probed.probe == probe);
        let mut times: Vec<_> = of_kind
            .map(|probed| (f64::midpoint(probed.after, probed.at) - since, probed.success))
            .collect();
        let before = times.iter().rposition(|(time, _)| *time < 0.0).unwrap_or(0);
        times.split_off(before)
    }

    /// The runs of a pod's container, as far as they were seen.
    pub(crate) fn runs(&self, pod: &str) -> Vec<Ran> {
        let mut runs: Vec<(i32, Ran)> = vec![];
        for seen in self.of(pod) {
            // What ended before this run, and when this run ended: each may be seen without the other.
            if let Some(before) = &seen.before
                && let Some((_, ran)) = runs.iter_mut().find(|(number, _)| *number == seen.restarts - 1)
                && ran.ended.is_none()
            {
                ran.ended = Some((When::told(before.ended, seen.at), before.reason.clone()));
            }
            let known = runs.iter_mut().find(|(number, _)| *number == seen.restarts);
            match (seen.state, seen.since, known) {
                (State::Running, Some(since), None) => {
                    let began = When::told(since, seen.at);
                    runs.push((seen.restarts, Ran { began, ended: None }));
                }
                (State::Ended, Some(since), Some((_, ran))) if ran.ended.is_none() => {
                    ran.ended = Some((When::told(since, seen.at), seen.reason.clone()));
                }
                _ => {}
            }
        }
        runs.into_iter().map(|(_, ran)| ran).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{EndpointsSeen, Probed, Run};

    fn seen(at: f64, restarts: i32, state: State, since: Option<f64>) -> PodSeen {
        PodSeen {
            at,
            pod: "a".into(),
            ready: true,
            ready_since: None,
            restarts,
            state,
            since,
            reason: String::new(),
            before: None,
        }
    }

    fn recording(pods: Vec<PodSeen>) -> Recording {
        Recording {
            pods,
            ..Recording::default()
        }
    }

    #[test]
    fn an_end_is_between_the_told_second_and_the_look_that_saw_it() {
        let runs = recording(vec![
            seen(1.4, 0, State::Running, Some(1.0)),
            seen(9.7, 0, State::Ended, Some(8.0)),
        ])
        .runs("a");
        let [run] = &runs[..] else { panic!("{runs:?}") };
        assert_eq!(run.began, When { after: 1.0, by: 1.4 });
        let (ended, _) = run.ended.clone().unwrap();
        assert_eq!(ended, When { after: 8.0, by: 9.0 });
    }

    #[test]
    fn an_end_that_nobody_saw_is_told_by_the_next_run() {
        let before = Run {
            began: 1.0,
            ended: 8.0,
            reason: "Error".into(),
            exit_code: 137,
        };
        let runs = recording(vec![
            seen(1.4, 0, State::Running, Some(1.0)),
            PodSeen {
                before: Some(before),
                ..seen(8.3, 1, State::Running, Some(8.0))
            },
        ])
        .runs("a");
        let [first, second] = &runs[..] else {
            panic!("{runs:?}")
        };
        assert_eq!(first.ended, Some((When { after: 8.0, by: 8.3 }, "Error".into())));
        assert_eq!(second.ended, None);
        assert_eq!(recording(vec![]).runs("a"), []);
    }

    #[test]
    fn traffic_begins_with_what_was_so_at_the_time() {
        let ready = |at, pods: &[&str]| EndpointsSeen {
            at,
            ready: pods.iter().map(|pod| (*pod).to_owned()).collect(),
        };
        let recording = Recording {
            endpoints: vec![
                ready(0.0, &[]),
                ready(1.0, &["a"]),
                ready(2.0, &["a", "b"]),
                ready(5.0, &["b"]),
                ready(7.0, &["a", "b"]),
            ],
            ..Recording::default()
        };
        assert_eq!(
            recording.traffic("a", 3.0),
            [(1.0, true), (5.0, false), (7.0, true)]
        );
        assert_eq!(recording.traffic("c", 3.0), [(0.0, false)]);
    }

    #[test]
    fn of_the_probes_before_the_last_one_counts() {
        let probed = |after: f64, success| Probed {
            after,
            at: after + 0.2,
            pod: "a".into(),
            probe: Probe::Readiness,
            success,
        };
        let recording = Recording {
            probes: vec![probed(1.0, false), probed(1.2, true), probed(6.0, false)],
            ..Recording::default()
        };
        let times = recording.probed("a", Probe::Readiness, 3.0);
        let successes: Vec<_> = times.iter().map(|(_, success)| *success).collect();
        assert_eq!(successes, [true, false]);
        assert!(recording.probed("a", Probe::Liveness, 3.0).is_empty());
    }
}
