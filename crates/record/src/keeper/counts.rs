//! Probes, as the kubelet counts them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use story::Probe;

use super::metrics::samples;

/// How many results of one container's probe are told of one look, at most: kubelets probe once a second.
const MOST: u64 = 100;

/// A container's probe: the pod's uid, the container's name, and which.
pub(super) type Series = (String, String, Probe);

/// A result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) series: Series,
    pub(super) ok: bool,
    /// The how manieth in a row.
    pub(super) run: u32,
    /// Whether that is not known to be all.
    pub(super) at_least: bool,
}

/// How many in a row decide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    pub(super) good: u32,
    pub(super) bad: u32,
}

/// What a kubelet has counted.
#[derive(Default)]
pub(super) struct Counts {
    series: BTreeMap<Series, Count>,
}

struct Count {
    node: IpAddr,
    good: u64,
    bad: u64,
    last: Run,
}

/// The last results in a row.
#[derive(Clone, Copy)]
struct Run {
    /// Which; none where that is not known.
    ok: Option<bool>,
    long: u32,
    /// Whether there may have been more.
    open: bool,
}

impl Counts {
    /// The results since the look before; none where there was no look before, or what decides is not known of the probe.
    pub(super) fn take(
        &mut self,
        node: IpAddr,
        text: &str,
        namespace: &str,
        looked_before: bool,
        thresholds: impl Fn(&Series) -> Option<Thresholds>,
    ) -> Vec<Counted> {
        let now = totals(text, namespace);
        let there: BTreeSet<_> = now.keys().cloned().collect();
        self.series
            .retain(|series, count| count.node != node || there.contains(series));
        let mut results = vec![];
        for (series, (good, bad)) in now {
            let Some(thresholds) = thresholds(&series) else {
                continue;
            };
            let before = self
                .series
                .get(&series)
                .map(|count| (count.good, count.bad, count.last));
            let (new, mut last) = match before {
                Some((was_good, was_bad, last)) if was_good <= good && was_bad <= bad => {
                    ((good - was_good, bad - was_bad), last)
                }
                // A kubelet that started anew counts from nothing.
                Some(_) => ((0, 0), first(0, 1)),
                None if looked_before => ((good, bad), first(0, 0)),
                None => ((0, 0), first(good, bad)),
            };
            let mixed = new.0 > 0 && new.1 > 0;
            for (ok, how_many) in [(false, new.1), (true, new.0)] {
                for _ in 0..how_many.min(MOST) {
                    last = after(last, ok, mixed, thresholds, series.2);
                    results.push(Counted {
                        series: series.clone(),
                        ok,
                        run: last.long,
                        at_least: last.open,
                    });
                }
            }
            let count = Count {
                node,
                good,
                bad,
                last,
            };
            self.series.insert(series, count);
        }
        results
    }
}

/// What the totals say of the last results: in which order they came only if all are good.
fn first(good: u64, bad: u64) -> Run {
    Run {
        ok: (bad == 0).then_some(true),
        long: u32::try_from(good).unwrap_or(u32::MAX),
        open: bad > 0,
    }
}

/// The run with one more result. If there were both since the last look, nobody knows in which order, nor what comes after which.
///
/// The kubelet begins to count anew once a liveness or startup probe has ended the container (`pkg/kubelet/prober/worker.go`).
fn after(last: Run, ok: bool, mixed: bool, thresholds: Thresholds, probe: Probe) -> Run {
    let one = |known: Option<bool>, open| Run {
        ok: known,
        long: 1,
        open,
    };
    let ended = last.ok == Some(false) && probe != Probe::Readiness && last.long >= thresholds.bad;
    match last.ok {
        _ if mixed => one(None, true),
        None => one(Some(ok), true),
        Some(was) if was != ok => one(Some(ok), false),
        _ if ended => one(Some(ok), last.open),
        _ => Run {
            long: last.long.saturating_add(1),
            ..last
        },
    }
}

/// The totals of good and bad results.
fn totals(text: &str, namespace: &str) -> BTreeMap<Series, (u64, u64)> {
    let mut totals: BTreeMap<Series, (u64, u64)> = BTreeMap::new();
    for sample in samples(text, &["prober_probe_total"]) {
        let label = |name| sample.labels.get(name);
        let probe = match label("probe_type") {
            Some("Readiness") => Probe::Readiness,
            Some("Liveness") => Probe::Liveness,
            Some("Startup") => Probe::Startup,
            _ => continue,
        };
        let (Some(uid), Some(container), Some(count)) =
            (label("pod_uid"), label("container"), sample.count())
        else {
            continue;
        };
        if !namespace.is_empty() && label("namespace") != Some(namespace) {
            continue;
        }
        let total = totals
            .entry((uid.to_owned(), container.to_owned(), probe))
            .or_default();
        match label("result") {
            Some("successful") => total.0 = count,
            Some("failed") => total.1 = count,
            _ => {}
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// Looks at totals of good and bad results, one after the other: what came of each look.
    fn runs(probe: &str, looks: &[(u64, u64)]) -> Vec<Vec<(bool, u32, bool)>> {
        let mut counts = Counts::default();
        let thresholds = |_: &Series| Some(Thresholds { good: 1, bad: 3 });
        let look = |(index, (good, bad)): (usize, &(u64, u64))| {
            let line = |result, count| {
                format!(
                    "prober_probe_total{{container=\"api\",namespace=\"lab\",pod=\"a\",pod_uid=\"u\",probe_type=\"{probe}\",result=\"{result}\"}} {count}\n"
                )
            };
            let text = line("successful", good) + &line("failed", bad) + &line("unknown", &7);
            let results = counts.take(NODE, &text, "lab", index > 0, thresholds);
            results
                .iter()
                .map(|result| (result.ok, result.run, result.at_least))
                .collect()
        };
        looks.iter().enumerate().map(look).collect()
    }

    #[test]
    fn results_are_counted_in_a_row() {
        let told = runs("Readiness", &[(3, 0), (4, 0), (4, 1), (4, 3), (4, 5), (5, 5)]);
        let bad = |run| (false, run, false);
        assert_eq!(
            told,
            [
                vec![],
                vec![(true, 4, false)],
                vec![bad(1)],
                vec![bad(2), bad(3)],
                vec![bad(4), bad(5)],
                vec![(true, 1, false)]
            ]
        );
    }

    #[test]
    fn of_an_unknown_order_no_row_is_made() {
        let told = runs("Readiness", &[(3, 0), (4, 1), (4, 2), (4, 4), (5, 4)]);
        assert_eq!(told[1], [(false, 1, true), (true, 1, true)]);
        // Nobody knows whether the bad one came after the good one, so that this one may be the second in a row.
        assert_eq!(told[2], [(false, 1, true)]);
        assert_eq!(told[3], [(false, 2, true), (false, 3, true)]);
        assert_eq!(told[4], [(true, 1, false)]);
    }

    #[test]
    fn a_liveness_probe_that_ended_a_container_begins_anew() {
        let told = runs("Liveness", &[(1, 0), (1, 3), (1, 4)]);
        assert_eq!(told[2], [(false, 1, false)]);
    }

    #[test]
    fn what_a_kubelet_counted_before_it_started_anew_is_not_counted_again() {
        let told = runs("Readiness", &[(9, 0), (1, 0), (2, 0)]);
        assert_eq!(told, [vec![], vec![], vec![(true, 1, true)]]);
    }

    #[test]
    fn other_namespaces_and_lines_that_are_none_are_left_out() {
        let text = "# TYPE prober_probe_total counter\n\
            prober_probe_total{container=\"api\",namespace=\"other\",pod=\"a\",pod_uid=\"u\",probe_type=\"Liveness\",result=\"failed\"} 7\n\
            prober_probe_total{container=\"api\",namespace=\"lab\",pod=\"a\",pod_uid=\"u\",probe_type=\"Liveness\",result=\"failed\"} NaN\n\
            prober_probe_total{container=\"api\"\n\
            prober_probe_duration_seconds_sum{namespace=\"lab\"} 1\n";
        assert_eq!(totals(text, "lab"), BTreeMap::new());
    }
}
